import { escapeInJson } from '../../../text/escape.ts';
import { runEnd } from '../../../domain/summary.ts';
import type { Observer } from '../../../observe/events.ts';
import type { Metrics } from '../../../observe/metrics/open-metrics.ts';
import type { AskPerson } from '../../../run/run-options.ts';
import type { PurgeDeps } from '../../../run/deps.ts';
import type { PurgeResult } from '../../../run/purge-result.ts';
import { errorText } from '../../texts/error-text.ts';
import type { Invocation } from '../../invocation.ts';
import { openTalk, type Talk } from '../../talk.ts';
import { endOfThrown, noSummary, printEnd } from '../../print-json.ts';
import { planText } from '../../texts/plan-text.ts';
import { prepareOnEnd } from '../../on-end.ts';
import { createQuestion } from '../../question.ts';
import { runDeps } from '../../run-deps.ts';
import { openRunMetrics } from '../../run-metrics.ts';
import { listenForSignals } from '../../signals.ts';
import { endingText } from '../../../report/summary-text.ts';

export interface PurgeCommand {
  /** Whether there is a terminal that can be asked on. */
  readonly canAsk: boolean;
  /** A dry run asks for images once its plan is shown. */
  readonly isLongAfterPlan: boolean;
  /** Nothing is deleted, whatever comes of it. */
  readonly isRehearsal: boolean;
  readonly start: (deps: PurgeDeps) => Promise<PurgeResult>;
}

/** What `delete`, `plan` and `resume` have in common: talk, signals, the run, and telling how it ended. */
export async function runPurgeCommand(invocation: Invocation, command: PurgeCommand): Promise<number> {
  const { world, request, stdout, say, style, redact } = invocation;
  const talk = await openTalk(world, request.values, redact);
  const stop = listenForSignals(world, talk.reopenLog);
  const onEnd = prepareOnEnd(invocation, stop);

  let result: PurgeResult;
  try {
    result = await carryOut(invocation, command, talk, stop);
  } catch (error) {
    await onEnd(noSummary(endOfThrown(error)), undefined);
    throw error;
  }

  if (result.error !== undefined) say(errorText(result.error, style));
  say(endingText({ ...result, hasError: result.error !== undefined }));
  const ending = result.summary ?? noSummary(runEnd(result.exitCode, result.endedBecause, result.error));
  if (request.values.json) await printEnd(ending, invocation);
  await onEnd(ending, result.checkpointPath);
  // A reader that takes nothing would keep the process alive for ever; what it was not told is for the next run to tell.
  if (stdout.isWaiting()) world.exitNow(result.exitCode);
  return result.exitCode;
}

async function carryOut(invocation: Invocation, command: PurgeCommand, talk: Talk, stop: AbortSignal): Promise<PurgeResult> {
  const { world, request, stdout, say } = invocation;
  const question: AskPerson = createQuestion({
    openTerminal: world.openTerminal,
    say,
    wallMs: () => world.clock.wallMs(),
    pauseProgress: () => talk.stopProgress(),
  });

  const ask: AskPerson = async (plan, signal) => {
    const answer = await question(plan, signal);
    talk.resumeProgress();
    return answer;
  };

  let metrics: Metrics | undefined;
  try {
    metrics = await openRunMetrics(invocation, command.isRehearsal, talk.observer);
    const result = await command.start({
      ...runDeps(invocation, talk, stop),
      observer: metrics === undefined ? talk.observer : observedByBoth(talk.observer, metrics),
      ask: command.canAsk ? ask : undefined,
      onPlan: (plan) => {
        talk.stopProgress();
        say(planText(plan, world.clock.wallMs()));
        if (command.isLongAfterPlan) talk.resumeProgress();
      },
      writeReportText: (text) => stdout.write(world.isStdoutTerminal ? escapeInJson(text) : text),
      onProgressReady: (snapshot) => {
        talk.startProgress(snapshot);
        metrics?.watch(snapshot);
        // A rate is a limit of what is in flight, too: there is little to collect.
        if (!command.isRehearsal && request.values.rate?.kind === 'unlimited') world.growYoungGeneration();
      },
    });
    await metrics?.ended(result.exitCode);
    return result;
  } catch (error) {
    await metrics?.ended(endOfThrown(error).exitCode);
    throw error;
  } finally {
    metrics?.close();
    talk.close();
  }
}

function observedByBoth(first: Observer, second: Observer): Observer {
  return {
    event(event) {
      first.event(event);
      second.event(event);
    },
  };
}

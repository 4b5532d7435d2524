import assert from 'node:assert/strict';

import { parse } from 'csv-parse/sync';
import * as fc from '../../support/fast-check.ts';

import { endingText } from '../../../src/report/summary-text.ts';
import { bugText, errorText } from '../../../src/cli/texts/error-text.ts';
import { PLAIN } from '../../../src/cli/texts/style.ts';
import { planText } from '../../../src/cli/texts/plan-text.ts';
import { statusText } from '../../../src/cli/texts/status-text.ts';
import { escapeForTerminal, escapeInCsv, escapeInJson } from '../../../src/text/escape.ts';
import { shellPath } from '../../../src/text/shell-word.ts';
import { usageError } from '../../../src/domain/errors.ts';
import type { ImageId } from '../../../src/domain/image-id.ts';
import { createRedact } from '../../../src/text/redact.ts';
import type { AnsweredRecord, RejectedRecord } from '../../../src/domain/record.ts';
import type { Summary } from '../../../src/domain/summary.ts';
import { openLog } from '../../../src/observe/log.ts';
import { csvHeader, csvLine } from '../../../src/report/csv.ts';
import type { PlanSummary } from '../../../src/run/run-options.ts';
import { reportLine } from '../../../src/report/line.ts';
import type { FuzzTarget } from '../target.ts';
import { OBEYED_BY_TERMINALS, texts } from '../texts.ts';

const SUMMARY: Summary = {
  job: 'j',
  state: 'finished',
  account: '0123456789abcdef0123456789abcdef',
  baseUrl: 'http://127.0.0.1:1/client/v4',
  digest: null,
  note: null,
  sources: [{ path: 'ids.csv', rows: 3, accepted: 1 }],
  pending: 0,
  exitCode: 1,
  endedBecause: 'finished',
  error: null,
  intake: { complete: true, rows: 3, accepted: 1, duplicates: 1, protected: 0, rejected: 1, skipped: 0, suspicious: {} },
  protectedBy: [],
  backupFolders: [],
  outcomes: { deleted: 0, absent: 0, failed: 1, planned: 0 },
  run: { deleted: 0, absent: 0, failed: 1, requests: 1, retries: 0, throttled: 0, elapsedMs: 1, ratePerSecond: 1 },
};

function isShownSafely(text: string): void {
  assert.doesNotMatch(text.replaceAll('\n', ''), OBEYED_BY_TERMINALS);
}

/** JSON for people and machines: what a terminal obeys is spelt as an escape, which any parser reads back. */
function isJsonSafely(line: string): void {
  assert.ok(line.endsWith('\n') && line.indexOf('\n') === line.length - 1, 'one line, one record');
  isShownSafely(line);
}

function planOf(id: string, message: string, path: string): PlanSummary {
  return {
    accountId: SUMMARY.account,
    baseUrl: path,
    sources: [{ path, rows: 3, accepted: 1 }],
    accountImageCount: 5,
    toDelete: 3,
    digest: '1a2b3c4d5e6f',
    duplicates: 1,
    protected: 1,
    rejected: 1,
    skipped: 1,
    suspicious: [
      { kind: 'count-before', count: 1, example: id, source: path, line: 1, looks: 'x', likelyCause: 'y', isRefusedByStrict: true },
    ],
    samples: [
      { id, source: path, line: 1 },
      { id: message, source: id, line: 2 },
    ],
    protectedBy: [],
    rejectedSamples: [{ source: path, line: 3, reason: message }],
    rate: { kind: 'limited', requests: 1, perMs: 1_000 },
    laneCount: 1,
    isBatch: false,
    expectedMs: 9_000_000,
    sendCountMax: 2,
    uncheckedPercentMax: 20,
    waitingForList: [],
    backup: undefined,
  };
}

const records = fc.record({ id: texts, message: texts, cfRay: texts, source: texts });
const FORMULA_START = /^[=+\-@＝＋－＠\t\r\n]/;

export const shownTargets: readonly FuzzTarget[] = [
  {
    name: 'terminal',
    share: 0.3,
    property: fc.property(texts, texts, texts, (id, message, path) => {
      isShownSafely(escapeForTerminal(id));
      isShownSafely(errorText(usageError('X', message, path, id), PLAIN));
      isShownSafely(bugText(new Error(message), PLAIN));
      isShownSafely(planText(planOf(id, message, path), 0));
      const nextCommand = `images-purge resume ${shellPath(path)}`;
      const failure = { count: 1, httpStatus: 400, code: 5400, message };
      isShownSafely(
        statusText(
          {
            purge: { ...SUMMARY, baseUrl: path, sources: [{ path: id, rows: null, accepted: null }] },
            lastEnd: { exitCode: 3, endedBecause: id, error: { code: 'X', message, nextSteps: [] } },
            missingShards: [],
            checkpointPaths: [path],
            nextCommand,
            isRunning: false,
            lastWorkedAtMs: 0,
            ratePerSecond: 1,
            etaMs: undefined,
            lastErrors: [{ id, atMs: 0, httpStatus: 400, code: 1, message }],
          },
          0,
        ),
      );
      isShownSafely(
        endingText({
          exitCode: 1,
          summary: SUMMARY,
          hasError: false,
          endedBecause: message,
          checkpointPath: path,
          nextCommand,
          reportPath: path,
          failureKinds: [failure],
          absentFailures: 0,
          absentWarning: message,
          quotaUse: undefined,
        }),
      );
    }),
  },
  {
    name: 'log',
    share: 0.3,
    property: fc.property(
      texts,
      texts,
      fc.constantFrom('item.failed', 'warning', 'lane.closed', 'outage.started', 'intake.started', 'never heard of'),
      fc.stringMatching(/^[!-~]{8,20}$/),
      fc.boolean(),
      (id, message, event, secret, isTerminal) => {
        let written = '';
        const { logger } = openLog({
          level: 'trace',
          filePath: undefined,
          writeStderr: (text) => (written += text),
          isTerminal,
          hasColors: false,
          redact: createRedact(new Set([secret])),
        });
        logger.warn({
          event,
          id: id + secret,
          message: secret + message,
          why: message,
          lastError: message,
          sources: [id, secret],
          lane: 'account',
          deep: { list: [{ secret, message }] },
        });
        if (isTerminal) isShownSafely(written);
        else isJsonSafely(written);
        assert.ok(!written.includes(secret));
      },
    ),
  },
  {
    name: 'report-lines',
    share: 0.3,
    property: fc.property(records, ({ id, message, cfRay, source }) => {
      const answered: AnsweredRecord = {
        outcome: 'failed',
        id: id as ImageId,
        httpStatus: 400,
        code: 5400,
        message,
        cfRay,
        attempts: 1,
        earlierUnknown: true,
        atMs: 0,
        durationMs: 1,
        source,
        line: 1,
      };
      const rejected: RejectedRecord = { outcome: 'rejected', raw: id, reason: message, source, line: 1 };
      const line = reportLine(answered);
      isJsonSafely(escapeInJson(line));
      assert.deepEqual(JSON.parse(escapeInJson(line)), JSON.parse(line));
      assert.ok(line.indexOf('\n') === line.length - 1, 'one line, one record');
      const read = JSON.parse(line) as Record<string, unknown>;
      assert.deepEqual([read['id'], read['message'], read['cfRay'], read['source']], [id, message, cfRay, source]);
      isJsonSafely(escapeInJson(reportLine(rejected)));
      assert.equal((JSON.parse(reportLine(rejected)) as { raw: string }).raw, id);

      for (const record of [answered, rejected]) {
        const rows = parse<Record<string, string>>(csvHeader() + csvLine(record), {
          columns: true,
          record_delimiter: '\r\n',
          relax_quotes: false,
        });
        assert.equal(rows.length, 1, 'one record, one row');
        for (const cell of Object.values(rows[0] ?? {})) assert.doesNotMatch(cell, FORMULA_START);
        isShownSafely(escapeInCsv(csvLine(record)).replaceAll('\r', ''));
      }
    }),
  },
];

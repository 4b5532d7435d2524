import { describe, expect, it } from 'vitest';

import type { Ledger } from '../../../src/ledger/ledger.ts';
import type { Committed } from '../../../src/ledger/committed.ts';
import { createReportToStdout, type ReportToStdout } from '../../../src/run/report-to-stdout.ts';
import { flushMicrotasks } from '../../support/virtual-clock.ts';

const committed = (...lines: string[]): Committed => ({
  stdoutText: lines.map((line) => `${line}\n`).join(''),
  lineCount: lines.length,
  failure: undefined,
});

/** A reader that takes each text when it is told to. */
class Bench {
  readonly writing: { text: string; resolve: () => void; reject: (error: unknown) => void }[] = [];
  readonly acknowledged: number[] = [];
  readonly failures: unknown[] = [];
  readonly overdue = new AbortController();
  readonly report: ReportToStdout;

  constructor() {
    const ledger = {
      ask: (operation: string, count: number) => {
        expect(operation).toBe('acknowledgeReport');
        this.acknowledged.push(count);
        return Promise.resolve();
      },
    };
    this.report = createReportToStdout(
      ledger as unknown as Ledger,
      (text) => new Promise((resolve, reject) => this.writing.push({ text, resolve, reject })),
      this.overdue.signal,
      (error) => this.failures.push(error),
    );
  }

  async readOldest(): Promise<void> {
    this.writing.shift()?.resolve();
    await flushMicrotasks();
  }
}

describe('the report on stdout', () => {
  it('is written in order, one text at a time, and acknowledged only when it has been taken', async () => {
    const bench = new Bench();
    bench.report.add(committed('a', 'b'));
    bench.report.add(committed('c'));
    bench.report.add(committed('d'));
    expect(bench.writing.map(({ text }) => text)).toEqual(['a\nb\n']);
    expect(bench.acknowledged).toEqual([]);
    await bench.readOldest();
    expect(bench.acknowledged).toEqual([2]);
    expect(bench.writing.map(({ text }) => text)).toEqual(['c\nd\n']);
    await bench.readOldest();
    expect(bench.acknowledged).toEqual([2, 2]);
    bench.report.add(committed('e'));
    await bench.readOldest();
    await bench.report.flush();
    expect(bench.acknowledged).toEqual([2, 2, 1]);
  });

  it('is flushed when everything is written, and not before', async () => {
    const bench = new Bench();
    let isFlushed = false;
    await bench.report.flush();
    bench.report.add(committed('a'));
    bench.report.add(committed('b'));
    const flushed = bench.report.flush().then(() => (isFlushed = true));
    await bench.readOldest();
    expect(isFlushed).toBe(false);
    await bench.readOldest();
    await flushed;
  });

  it('has no room while 10,000 lines wait for a slow reader, and has again when they are read', async () => {
    const bench = new Bench();
    const many = Array.from({ length: 5_000 }, (_, index) => String(index));
    bench.report.add(committed(...many));
    expect(bench.report.whenRoom()).toBeUndefined();
    bench.report.add(committed(...many));
    const room = bench.report.whenRoom();
    expect(room).toBeDefined();
    await bench.readOldest();
    await room;
    expect(bench.report.whenRoom()).toBeUndefined();
  });

  it('that nobody reads any more is told once, acknowledges nothing and keeps nobody waiting', async () => {
    const bench = new Bench();
    const many = Array.from({ length: 10_000 }, (_, index) => String(index));
    bench.report.add(committed(...many));
    bench.report.add(committed('later'));
    const room = bench.report.whenRoom();
    const error = new Error('EPIPE');
    bench.writing.shift()?.reject(error);
    await room;
    await bench.report.flush();
    bench.report.add(committed('too late'));
    expect(bench.failures).toEqual([error]);
    expect(bench.acknowledged).toEqual([]);
    expect(bench.writing).toEqual([]);
    expect(bench.report.whenRoom()).toBeUndefined();
  });

  it('that nobody has read when the run is overdue is given up, and acknowledged not even if somebody reads then', async () => {
    const bench = new Bench();
    bench.report.add(committed(...Array.from({ length: 10_000 }, (_, index) => String(index))));
    bench.report.add(committed('later'));
    const room = bench.report.whenRoom();
    const flushed = bench.report.flush();
    bench.overdue.abort();
    await room;
    await flushed;
    expect(bench.report.whenRoom()).toBeUndefined();
    await bench.readOldest();
    expect([bench.acknowledged, bench.writing, bench.failures]).toEqual([[], [], []]);
  });
});

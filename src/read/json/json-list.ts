import { isFailedAnswer } from '../form/json-form.ts';
import { createRecordReader, type RecordOptions, type RecordReader, REPORT_KEYS } from './json-record.ts';
import type { RowSink } from '../sink.ts';

export type JsonScalar = string | number | boolean | null;

/**
 * What a container is to a list of IDs: a list itself, an object of it, the API's answer around it (which may be an object with an ID as
 * well, where several stand one after the other), or nothing to us.
 */
type Role = 'list' | 'record' | 'answer' | 'result' | 'errors' | 'other';

interface Container {
  readonly role: Role;
  readonly isObject: boolean;
  /** The key whose value comes next; `undefined` where a key does. */
  key: string | undefined;
  /** What is kept of an object that may hold an ID. */
  readonly kept: Record<string, unknown>;
  keptCount: number;
  /** Keys that were given again. */
  readonly repeatedKeys: Set<string>;
  readonly line: number;
  hasList: boolean;
}

/** Of keys that mean nothing, for a person who is told of an object that holds no ID. */
const OTHER_KEYS_KEPT_MAX = 3;
/** Keys of an answer that say whether it is one of success. */
const ANSWER_KEYS: readonly string[] = ['success', 'errors'];

/** Finds the IDs in the parts of JSON as they come. It trusts them to be valid, and keeps one object's few fields at most. */
export class JsonList {
  readonly #sink: RowSink;
  readonly #records: RecordReader;
  readonly #onFailedAnswer: (line: number) => never;
  readonly #open: Container[] = [];

  constructor(options: RecordOptions, sink: RowSink, onFailedAnswer: (line: number) => never) {
    this.#sink = sink;
    this.#records = createRecordReader(options, sink);
    this.#onFailedAnswer = onFailedAnswer;
  }

  get depth(): number {
    return this.#open.length;
  }

  /** Whether a string that comes next has a line that matters. */
  get isInList(): boolean {
    return this.#open.at(-1)?.role === 'list';
  }

  begin(isObject: boolean, line: number): void {
    const parent = this.#open.at(-1);
    this.#keep(parent, isObject ? {} : []);
    const role = roleIn(parent, isObject);
    if (role === 'list') for (const container of this.#open) container.hasList = true;
    if (role === 'other' && parent?.role === 'list') this.#sink.reject('[…]', 'is neither an ID nor an object', line);
    this.#open.push({
      role,
      isObject,
      key: undefined,
      kept: Object.create(null) as Record<string, unknown>,
      keptCount: 0,
      repeatedKeys: new Set(),
      line,
      hasList: false,
    });
    if (parent !== undefined) parent.key = undefined;
  }

  end(): void {
    const ended = this.#open.pop();
    if (ended?.role !== 'record' && ended?.role !== 'answer') return;
    const { kept, repeatedKeys, line, role, hasList } = ended;
    if (hasList) return;
    if (role === 'answer' && isFailedAnswer(kept)) this.#onFailedAnswer(line);
    this.#records.read(kept, { raw: () => JSON.stringify(kept), repeatedKey: (keys) => keys.find((key) => repeatedKeys.has(key)) }, line);
  }

  /** @param line - matters where {@link isInList} */
  scalar(value: JsonScalar, line: number): void {
    const parent = this.#open.at(-1);
    if (parent?.isObject === true && parent.key === undefined) {
      parent.key = value as string;
      return;
    }
    if (parent?.role === 'list' && typeof value === 'string') this.#sink.value(value, line);
    else if (parent === undefined || parent.role === 'list')
      this.#sink.reject(JSON.stringify(value), 'is neither an ID nor an object', line);
    else {
      this.#keep(parent, value);
      parent.key = undefined;
    }
  }

  #keep(parent: Container | undefined, value: unknown): void {
    if (parent?.role === 'errors') this.#open[0]!.kept['errors'] = [value];
    if ((parent?.role !== 'record' && parent?.role !== 'answer') || parent.key === undefined) return;
    const { key } = parent;
    const isNeeded = this.#records.isIdKey(key) || REPORT_KEYS.includes(key) || ANSWER_KEYS.includes(key);
    if (!isNeeded && parent.keptCount++ >= OTHER_KEYS_KEPT_MAX) return;
    if (key in parent.kept) parent.repeatedKeys.add(key);
    parent.kept[key] = value;
  }
}

function roleIn(parent: Container | undefined, isObject: boolean): Role {
  if (parent === undefined) return isObject ? 'answer' : 'list';
  if (parent.role === 'list') return isObject ? 'record' : 'other';
  if (parent.role === 'answer' && parent.key === 'result' && isObject) return 'result';
  if (parent.role === 'answer' && parent.key === 'errors' && !isObject) return 'errors';
  return parent.role === 'result' && parent.key === 'images' && !isObject ? 'list' : 'other';
}

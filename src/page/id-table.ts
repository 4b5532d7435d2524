import type { TableRow } from '../report/html/page-data.ts';
import { utc } from '../report/html/times.ts';
import { byId, countText, element } from './elements.ts';

const ROWS_PER_PAGE = 50;

interface Column {
  readonly name: string;
  readonly at: number;
  readonly kind: 'text' | 'number' | 'time';
  readonly className?: string;
}

const [OUTCOME_AT, SOURCE_AT, LINE_AT] = [1, 7, 8];
const COLUMNS: readonly Column[] = [
  { name: 'ID', at: 0, kind: 'text', className: 'id' },
  { name: 'Outcome', at: OUTCOME_AT, kind: 'text' },
  { name: 'Status', at: 2, kind: 'number' },
  { name: 'Code', at: 3, kind: 'text' },
  { name: 'Message', at: 4, kind: 'text', className: 'wide' },
  { name: 'Attempts', at: 5, kind: 'number' },
  { name: 'At (UTC)', at: 6, kind: 'time' },
  { name: 'Source', at: SOURCE_AT, kind: 'text' },
  { name: 'Line', at: LINE_AT, kind: 'number' },
];

/** A column that says the same of all rows, or nothing, only takes room. */
function columnsOf(rows: readonly TableRow[]): readonly Column[] {
  return COLUMNS.filter(({ at }) => {
    if (at === OUTCOME_AT || at === SOURCE_AT) return new Set(rows.map((row) => row[at])).size > 1;
    return rows.some((row) => row[at] !== null && row[at] !== '');
  });
}

interface Order {
  readonly at: number;
  readonly isUp: boolean;
}

/** A table that is searched, sorted and turned over page by page: thousands of rows at once are slow to lay out. */
export function fillIdTable(rows: readonly TableRow[]): void {
  const place = byId('id-table');
  if (place === null) return;
  const columns = columnsOf(rows);
  const texts = rows.map((row) =>
    columns
      .map((column) => cellText(column, row))
      .join('\n')
      .toLowerCase(),
  );
  const table = element('table');
  const head = table.createTHead().insertRow();
  const body = table.createTBody();
  let order: Order | undefined;
  let found: readonly TableRow[] = rows;
  let first = 0;

  function show(): void {
    const shown = found.slice(first, first + ROWS_PER_PAGE);
    body.replaceChildren(...shown.map((row) => rowElement(columns, row)));
    tell('page', found.length === 0 ? '' : `${countText(first + 1)} to ${countText(first + shown.length)} of ${countText(found.length)}`);
    enable('earlier', first > 0);
    enable('later', first + ROWS_PER_PAGE < found.length);
  }

  function find(): void {
    const words = searched().toLowerCase().split(/\s+/).filter(Boolean);
    const fitting = rows.filter((_, at) => words.every((word) => texts[at]?.includes(word)));
    found = order === undefined ? fitting : sorted(fitting, order);
    first = 0;
    tell('found', words.length === 0 ? '' : `${countText(found.length)} of ${countText(rows.length)} fit`);
    show();
  }

  const headers = columns.map(({ name, at, kind }) => {
    const header = element('th', '', kind === 'number' ? 'number' : '');
    header.scope = 'col';
    const button = element('button', name);
    button.type = 'button';
    button.addEventListener('click', () => {
      order = { at, isUp: order?.at !== at || !order.isUp };
      for (const other of headers) other.removeAttribute('aria-sort');
      header.setAttribute('aria-sort', order.isUp ? 'ascending' : 'descending');
      find();
    });
    header.append(button);
    return header;
  });
  head.append(...headers);
  place.replaceChildren(table);
  byId('search')?.addEventListener('input', find);
  byId('earlier')?.addEventListener('click', () => turn(-ROWS_PER_PAGE));
  byId('later')?.addEventListener('click', () => turn(ROWS_PER_PAGE));
  show();

  function turn(by: number): void {
    first = Math.min(Math.max(first + by, 0), Math.max(found.length - 1, 0));
    show();
  }
}

function searched(): string {
  const field = byId('search');
  return field instanceof HTMLInputElement ? field.value : '';
}

function rowElement(columns: readonly Column[], row: TableRow): HTMLTableRowElement {
  const made = element('tr');
  for (const column of columns)
    made.append(element('td', cellText(column, row), column.className ?? (column.kind === 'number' ? 'number' : '')));
  return made;
}

function cellText({ at, kind }: Column, row: TableRow): string {
  const value = row[at];
  if (value === null || value === undefined) return '';
  return kind === 'time' ? utc(Number(value)) : kind === 'number' && at !== LINE_AT ? countText(Number(value)) : String(value);
}

/** What is not there comes last, whichever way round. */
function sorted(rows: readonly TableRow[], { at, isUp }: Order): TableRow[] {
  const sign = isUp ? 1 : -1;
  const collator = new Intl.Collator('en', { numeric: true });
  return rows.toSorted((one, other) => {
    const [a, b] = [one[at] ?? '', other[at] ?? ''];
    if (a === '' || b === '') return Number(a === '') - Number(b === '');
    return sign * (typeof a === 'number' && typeof b === 'number' ? a - b : collator.compare(String(a), String(b)));
  });
}

function tell(id: string, text: string): void {
  const place = byId(id);
  if (place !== null) place.textContent = text;
}

function enable(id: string, isEnabled: boolean): void {
  const button = byId(id);
  if (button instanceof HTMLButtonElement) button.disabled = !isEnabled;
}

/** What was measured for one kind of work, in the order of the numbers of IDs. */
export interface Curve {
  readonly name: string;
  readonly microsAnId: readonly number[];
  readonly peakMib: readonly number[];
}

const PANEL = { width: 340, height: 220, left: 50, top: 40, right: 20, bottom: 40 } as const;
const COLORS = ['#0072b2', '#d55e00'] as const;

/** Two panels beside each other, time and memory, over the number of IDs; each axis but memory's is logarithmic. */
export function growthSvg(idCounts: readonly number[], curves: readonly Curve[]): string {
  const times = panel(
    'microseconds an ID',
    idCounts,
    Math.log10,
    curves.map(({ name, microsAnId }) => ({ name, values: microsAnId })),
  );
  const peaks = panel(
    'peak memory, MiB',
    idCounts,
    (value) => value,
    curves.map(({ name, peakMib }) => ({ name, values: peakMib })),
  );
  const { width, height } = PANEL;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width * 2} ${height}" font-family="sans-serif" font-size="11" fill="#444">`,
    `<rect width="${width * 2}" height="${height}" fill="#fff"/>`,
    times,
    `<g transform="translate(${width} 0)">${peaks}</g>`,
    '</svg>\n',
  ].join('\n');
}

interface Line {
  readonly name: string;
  readonly values: readonly number[];
}

function panel(title: string, idCounts: readonly number[], scaled: (value: number) => number, lines: readonly Line[]): string {
  const { width, height, left, top, right, bottom } = PANEL;
  const all = lines.flatMap(({ values }) => values);
  const low = scaled === Math.log10 ? Math.floor(Math.log10(Math.min(...all))) : 0;
  const high = scaled === Math.log10 ? Math.ceil(Math.log10(Math.max(...all))) : Math.ceil(Math.max(...all) / 50) * 50;
  const x = (index: number): number => left + (index * (width - left - right)) / Math.max(idCounts.length - 1, 1);
  const y = (value: number): number => height - bottom - ((scaled(value) - low) * (height - top - bottom)) / (high - low);
  const ticks = scaled === Math.log10 ? range(low, high).map((power) => 10 ** power) : range(0, 4).map((part) => (high * part) / 4);
  const grid = ticks.map((tick) => {
    const at = y(tick).toFixed(1);
    const label = `<text x="${left - 6}" y="${at}" dy="4" text-anchor="end">${tick}</text>`;
    return `<path d="M${left} ${at}H${width - right}" stroke="#ddd"/>${label}`;
  });
  const labels = idCounts.map((count, index) => {
    const power = Math.log10(count);
    return `<text x="${x(index).toFixed(1)}" y="${height - bottom + 16}" text-anchor="middle">10${superscript(power)}</text>`;
  });
  const drawn = lines.map(({ name, values }, index) => {
    const color = COLORS[index % COLORS.length];
    const points = values.map((value, at) => `${x(at).toFixed(1)},${y(value).toFixed(1)}`).join(' ');
    const last = values.at(-1) ?? 0;
    const label = `<text x="${width - right}" y="${(y(last) - 8).toFixed(1)}" text-anchor="end" fill="${color}">${name}</text>`;
    return `<polyline points="${points}" fill="none" stroke="${color}" stroke-width="2"/>${label}`;
  });
  const heading = `<text x="${left}" y="20" font-size="13">${title}</text>`;
  return [heading, ...grid, ...labels, `<text x="${width - right}" y="${height - 6}" text-anchor="end">IDs</text>`, ...drawn].join('\n');
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

function superscript(power: number): string {
  return `<tspan dy="-4" font-size="8">${power}</tspan>`;
}

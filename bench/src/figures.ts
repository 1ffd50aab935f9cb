import { cpus } from 'node:os';

/** One thing that is measured, in several rounds; the median is what counts, for the machine may be busy. */
export interface Figure {
  readonly title: string;
  readonly unit: '1/s' | 'ms' | 's' | 'MiB' | 'nodes' | 'processes' | 'sessions';
  /** What we want to reach: `>= 2500`. Empty: nothing in particular. */
  readonly aim: string;
  readonly values: number[];
}

export function createFigure(title: string, unit: Figure['unit'], aim = ''): Figure {
  return { title, unit, aim, values: [] };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

export function formatNumber(value: number): string {
  if (value === 0) return '0';
  if (value < 1) return value.toFixed(3);
  return value.toFixed(value < 100 ? 1 : 0);
}

/** `1234 1/s (1100 .. 1300)`. */
export function formatSpread({ values, unit }: Pick<Figure, 'values' | 'unit'>): string {
  return `${formatNumber(median(values))} ${unit} (${formatNumber(Math.min(...values))} .. ${formatNumber(Math.max(...values))})`;
}

/** How many times better one is than another: faster, or more in the same time. */
export function ratio(ours: Figure, other: Pick<Figure, 'values'>): number {
  const quotient = median(ours.values) / median(other.values);
  return ours.unit === '1/s' ? quotient : 1 / quotient;
}

export function describeMachine(): string {
  return `Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}`;
}

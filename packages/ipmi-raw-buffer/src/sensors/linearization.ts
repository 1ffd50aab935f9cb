/** What is done to a reading after it was scaled. Source: IPMI 1.5, table 37-1, byte 24. */
interface Linearization {
  readonly name: string;
  readonly apply: (value: number) => number;
}

const LINEARIZATIONS: readonly Linearization[] = [
  { name: 'linear', apply: (value) => value },
  { name: 'ln', apply: Math.log },
  { name: 'log10', apply: Math.log10 },
  { name: 'log2', apply: Math.log2 },
  { name: 'e', apply: Math.exp },
  { name: 'exp10', apply: (value) => 10 ** value },
  { name: 'exp2', apply: (value) => 2 ** value },
  { name: '1/x', apply: (value) => 1 / value },
  { name: 'sqr', apply: (value) => value ** 2 },
  { name: 'cube', apply: (value) => value ** 3 },
  { name: 'sqrt', apply: Math.sqrt },
  { name: 'cube root', apply: Math.cbrt },
];

export const LINEAR = 0;
/** The formula that turns high into low: a high raw reading of the time between pulses is a slow fan. */
export const INVERSE = 7;
/** From here on a sensor has no formula; its factors are asked for, for each reading. */
export const FIRST_NON_LINEAR = 0x70;

/** `linear`, `1/x`, ...; `non-linear` from 0x70 on. */
export function linearizationName(code: number): string {
  return LINEARIZATIONS[code]?.name ?? (code >= FIRST_NON_LINEAR ? 'non-linear' : `reserved ${code}`);
}

/** The value after the formula; null when the formula is not known or gives no finite number. */
export function linearize(code: number, value: number): number | null {
  const result = LINEARIZATIONS[code]?.apply(value) ?? Number.NaN;
  return Number.isFinite(result) ? result : null;
}

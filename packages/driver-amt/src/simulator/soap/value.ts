/** An instance that an endpoint reference picks. */
export interface Reference {
  readonly kind: 'reference';
  readonly resource: string;
  readonly selectors: Readonly<Record<string, string>>;
}

/** A time: `2024-01-03T00:44:35Z`, or a span of time: `P1DT0H0M`. Both stand in an element of their own. Source: DSP0230, section 7.2. */
export interface TimeValue {
  readonly kind: 'Datetime' | 'Interval';
  readonly text: string;
}

export type Value = string | number | boolean | Reference | TimeValue | readonly Value[];

/** Fields of an instance or an output, in the order in which the firmware sends them. */
export type Fields = Readonly<Record<string, Value>>;

export const reference = (resource: string, selectors: Readonly<Record<string, string>>): Reference => ({ kind: 'reference', resource, selectors });
/** The reference that points nowhere, as a recorded answer of AMT_AlarmClockService.AddAlarm has it. */
export const NOWHERE: Reference = { kind: 'reference', resource: '', selectors: {} };

export const datetime = (date: Date): TimeValue => ({ kind: 'Datetime', text: date.toISOString().replace(/\.\d+/, '') });

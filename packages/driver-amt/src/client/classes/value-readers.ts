import { Secret } from '@ferric/core';
import { readReference } from '../wsman/envelope/reference.js';
import type { WsmanElement, WsmanReference } from '../wsman/wsman.js';
import { childOf } from '../wsman/xml/elements.js';

/** What the content of one element means. */
export interface ValueReader<T> {
  /** What is expected, for the error. */
  readonly expected: string;
  /** True when an element without content is a value; false: it says nothing, as if it were absent. */
  readonly takesEmpty: boolean;
  /** True when the content must not be shown. */
  readonly secret: boolean;
  /** The value; undefined when the content is not of the form. */
  read(element: WsmanElement): T | undefined;
}

/** A reader of elements that hold text and nothing else; white space around it does not count. */
function fromText<T>(expected: string, read: (text: string) => T | undefined): ValueReader<T> {
  return {
    expected,
    takesEmpty: false,
    secret: false,
    read: (element) => (element.children.length > 0 ? undefined : read(element.text.trim())),
  };
}

/** A text exactly as it came, so that `00012`, `0x1F` and `13E55` stay what they are, and blanks at the end too. */
export const text: ValueReader<string> = {
  expected: 'a text',
  takesEmpty: true,
  secret: false,
  read: (element) => (element.children.length > 0 ? undefined : element.text),
};

/** A text that nobody may see. */
export const secretText: ValueReader<Secret> = {
  expected: 'a text',
  takesEmpty: true,
  secret: true,
  read: (element) => (element.children.length > 0 ? undefined : new Secret(element.text)),
};

/** A whole number that JavaScript holds exactly. */
export const integer: ValueReader<number> = fromText('a whole number within 2^53', readInteger);

/** A truth value; some firmware writes it as a number. Source: XML Schema part 2, section 3.2.2. */
export const boolean: ValueReader<boolean> = fromText('true or false', (content) => TRUTH.get(content));

const TRUTH: ReadonlyMap<string, boolean> = new Map([['true', true], ['1', true], ['false', false], ['0', false]]);

/** Bytes in base64, padded. Source: RFC 4648, section 4. */
export const base64: ValueReader<Uint8Array> = fromText('bytes in base64', (content) => {
  const packed = content.replace(/\s/g, '');
  return packed.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(packed) ? new Uint8Array(Buffer.from(packed, 'base64')) : undefined;
});

/** Names of the numbers of an enumeration. */
export type ValueNames = Readonly<Record<number, string>>;

/** The name of a number, or the number itself when it has no name. */
export type Named<N extends ValueNames> = N[keyof N] | number;

/** A number of an enumeration. Numbers that the table does not have are kept: newer firmware knows more of them. */
export function named<const N extends ValueNames>(names: N): ValueReader<Named<N>> {
  return fromText('a whole number within 2^53', (content) => {
    const value = readInteger(content);
    return value === undefined ? undefined : nameOf(names, value);
  });
}

/** The name of a number, or the number itself when the table does not have it. */
export function nameOf<const N extends ValueNames>(names: N, value: number): Named<N> {
  return Object.hasOwn(names, value) ? (names[value] as Named<N>) : value;
}

function readInteger(content: string): number | undefined {
  if (!/^[+-]?\d{1,20}$/.test(content)) return undefined;
  const value = Number(content);
  // -0 would not equal 0 everywhere.
  return Number.isSafeInteger(value) ? value + 0 : undefined;
}

/**
 * A moment: an element `Datetime` inside the field, or the text itself. Without a zone it counts as UTC. Source: DSP0230, section 6.4.
 */
export const datetime: ValueReader<Date> = wrapped('a date and time such as 2024-01-03T00:44:35Z', 'Datetime', readDatetime);

/** A span of time in milliseconds: an element `Interval` inside the field, or the text itself, such as `P1DT2H30M`. Source: DSP0230, section 6.4. */
export const interval: ValueReader<number> = wrapped('a span of time such as P1DT2H30M', 'Interval', readInterval);

function wrapped<T>(expected: string, wrapper: string, read: (content: string) => T | undefined): ValueReader<T> {
  return {
    expected,
    takesEmpty: false,
    secret: false,
    read(element) {
      const [only, ...others] = element.children;
      if (only === undefined) return read(element.text.trim());
      return others.length === 0 && only.name === wrapper && only.children.length === 0 ? read(only.text.trim()) : undefined;
    },
  };
}

const DATETIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)?$/;

function readDatetime(content: string): Date | undefined {
  const [, moment, fraction, zone = 'Z'] = DATETIME.exec(content) ?? [];
  if (moment === undefined) return undefined;
  // Date takes 31 February for 2 March.
  const plain = new Date(`${moment}Z`);
  if (Number.isNaN(plain.getTime()) || plain.toISOString().slice(0, 19) !== moment) return undefined;
  const date = new Date(`${moment}.${(fraction ?? '').padEnd(3, '0').slice(0, 3)}${zone}`);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const INTERVAL = /^P(?=\d|T\d)(?:(\d{1,9})D)?(?:T(?=\d)(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})(?:\.\d+)?S)?)?$/;

function readInterval(content: string): number | undefined {
  // An alarm that goes off once. Source: Intel AMT Implementation and Reference Guide, "Create an Alarm Clock that Activates Once".
  if (content === '0') return 0;
  const parts = INTERVAL.exec(content);
  if (parts === null) return undefined;
  const [days, hours, minutes, seconds] = parts.slice(1).map((part) => Number(part ?? 0));
  return (days ?? 0) * DAY_MS + (hours ?? 0) * HOUR_MS + (minutes ?? 0) * MINUTE_MS + (seconds ?? 0) * SECOND_MS;
}

/**
 * A reference to an instance. One that names no class, as AMT answers AddAlarm, is given with an empty `resource`. Source: DSP0226 1.2, section 5.4.2.
 */
export const reference: ValueReader<WsmanReference> = {
  expected: 'a reference to an instance',
  takesEmpty: false,
  secret: false,
  read: (element) => readReference(element) ?? (childOf(element, 'ReferenceParameters') === undefined ? undefined : NOBODY),
};

const NOBODY: WsmanReference = { resource: '', selectors: {} };

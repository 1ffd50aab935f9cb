import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RibclElement } from '../../../src/client/ribcl/index.js';

const FIXTURES = join(import.meta.dirname, '../../fixtures');

/** A body as it came, several documents in a row. */
export function gen8(name: string): string {
  return readFileSync(join(FIXTURES, 'ribcl-gen8', `${name}.xml`), 'latin1');
}

export function gen8Json(name: string): unknown {
  return JSON.parse(readFileSync(join(FIXTURES, 'ribcl-gen8', `${name}.json`), 'utf8'));
}

/** An HTTP answer byte by byte. */
export function raw(name: string): Buffer {
  return readFileSync(join(FIXTURES, 'ribcl-raw-ilo3-bl460c-g7', `${name}.raw`));
}

/** The body of such an answer, its chunks put together. */
export function rawBody(name: string): string {
  const text = raw(name).toString('latin1');
  let rest = text.slice(text.indexOf('\r\n\r\n') + 4);
  let body = '';
  for (;;) {
    const end = rest.indexOf('\r\n');
    const length = Number.parseInt(rest.slice(0, end), 16);
    if (length === 0) return body;
    body += rest.slice(end + 2, end + 2 + length);
    rest = rest.slice(end + 2 + length + 2);
  }
}

/** What such an answer means; the notation of Python, as far as these files use it. */
export function parsed(name: string): unknown {
  const text = readFileSync(join(FIXTURES, 'ribcl-raw-ilo3-bl460c-g7', `${name}.parsed`), 'utf8');
  const json = text
    .replaceAll(/\((\d+), ('[^']*')\)/g, '[$1, $2]')
    .replaceAll("'", '"')
    .replaceAll(/\bTrue\b/g, 'true')
    .replaceAll(/\bFalse\b/g, 'false');
  return JSON.parse(json);
}

/** A request as python-hpilo sends it. */
export function request(name: string): { readonly head: string; readonly body: string } {
  const text = readFileSync(join(FIXTURES, 'ribcl-requests', `${name}.request`), 'latin1');
  const at = text.indexOf('\r\n\r\n') + 4;
  return { head: text.slice(0, at), body: text.slice(at) };
}

type Dictionary = { readonly [key: string]: string | Dictionary | readonly Dictionary[] };

/** A health report in the form of a dictionary as the element that it was made from. */
export function reportOf(dictionary: unknown): RibclElement {
  const reports = (dictionary as { readonly GET_EMBEDDED_HEALTH_DATA: Dictionary }).GET_EMBEDDED_HEALTH_DATA;
  return toElement('GET_EMBEDDED_HEALTH_DATA', reports);
}

function toElement(name: string, dictionary: Dictionary): RibclElement {
  const entries = Object.entries(dictionary);
  return {
    name: name.toUpperCase(),
    attributes: new Map(entries.flatMap(([key, value]) => (typeof value === 'string' ? [[key.toUpperCase(), value] as const] : []))),
    children: entries.flatMap(([key, value]) => {
      if (typeof value === 'string') return [];
      return Array.isArray(value) ? (value as readonly Dictionary[]).map((item) => toElement(key, item)) : [toElement(key, value as Dictionary)];
    }),
    text: '',
  };
}

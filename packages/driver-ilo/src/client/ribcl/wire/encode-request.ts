import { Secret } from '@ferric/core';

/** One element of a request. */
export interface RequestElement {
  readonly name: string;
  /** In the order in which they are sent. Texts are escaped; secrets are sent as they are, since old firmware does not undo escapes in them. */
  readonly attributes?: Readonly<Record<string, string | Secret>>;
  readonly children?: readonly RequestElement[];
}

/** By what secrets are replaced: their value on the wire, a mask in a transcript. */
export type RevealSecret = (secret: Secret) => string;

/** Firmware is known that takes it only when it comes alone, in a packet of its own (python-hpilo, hpilo.py). */
export const XML_DECLARATION = '<?xml version="1.0"?>\r\n';

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/**
 * The text of one request behind the declaration, each name, attribute and bracket on a line of its own: the form in which python-hpilo
 * and proliantutils have spoken with every generation of iLO for years.
 */
export function encodeElement(element: RequestElement, reveal: RevealSecret): string {
  return linesOf(element, reveal).map((line) => `${line}\r\n`).join('');
}

function linesOf({ name, attributes = {}, children }: RequestElement, reveal: RevealSecret): readonly string[] {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${Secret.is(value) ? reveal(value) : escape(value)}"`);
  if (children === undefined) return [`<${name}`, ...written, ' />'];
  return [`<${name}`, ...written, '>', ...children.flatMap((child) => linesOf(child, reveal)), `</${name}>`];
}

function escape(value: string): string {
  return value.replace(/[&<>"]/g, (character) => ESCAPES[character] ?? character);
}

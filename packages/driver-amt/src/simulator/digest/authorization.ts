/** What a client says to prove who it is. Source: RFC 2617, section 3.2.2. */
export interface DigestAuthorization {
  readonly username: string;
  readonly realm: string;
  readonly nonce: string;
  readonly uri: string;
  readonly response: string;
  readonly qop: string;
  /** Eight hexadecimal digits. */
  readonly nc: string;
  readonly cnonce: string;
}

/** A name, and a value in quotes or without. */
const PARAMETER = /([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))\s*(?:,\s*|$)/gy;

/** Reads an Authorization header; undefined when it is no digest with all that qop asks for. */
export function parseAuthorization(header: string | undefined): DigestAuthorization | undefined {
  const [, rest] = /^\s*Digest\s+(.*)$/i.exec(header ?? '') ?? [];
  if (rest === undefined) return undefined;
  const found = new Map<string, string>();
  let end = 0;
  for (const [whole, name = '', quoted, plain = ''] of rest.matchAll(PARAMETER)) {
    found.set(name.toLowerCase(), quoted?.replaceAll(/\\(.)/g, '$1') ?? plain);
    end += whole.length;
  }
  const names = ['username', 'realm', 'nonce', 'uri', 'response', 'qop', 'nc', 'cnonce'] as const;
  if (end !== rest.length || names.some((name) => !found.has(name))) return undefined;
  return Object.fromEntries(names.map((name) => [name, found.get(name) ?? ''])) as unknown as DigestAuthorization;
}

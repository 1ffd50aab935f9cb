/**
 * The SHA-256 of a certificate as Node.js writes it, `AB:CD:…` with 32 pairs, from any common spelling: with or without colons, in either case.
 * @returns undefined when it is none.
 */
export function parseFingerprint(text: unknown): string | undefined {
  if (typeof text !== 'string') return undefined;
  const digits = text.trim();
  if (!/^(?:[0-9a-f]{64}|[0-9a-f]{2}(?::[0-9a-f]{2}){31})$/i.test(digits)) return undefined;
  return (digits.toUpperCase().match(/[0-9A-F]{2}/g) ?? []).join(':');
}

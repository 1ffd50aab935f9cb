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

/** As many as somebody may have a reason to expect at a time. */
const MOST_FINGERPRINTS = 8;

/** One fingerprint or a list of them, each in the form of {@link parseFingerprint}. @returns undefined when any is none, and for an empty or too long list. */
export function parseFingerprints(value: unknown): readonly string[] | undefined {
  const given: readonly unknown[] = Array.isArray(value) ? (value as readonly unknown[]) : [value];
  const parsed = given.map(parseFingerprint).filter((each) => each !== undefined);
  return parsed.length > 0 && parsed.length === given.length && parsed.length <= MOST_FINGERPRINTS ? parsed : undefined;
}

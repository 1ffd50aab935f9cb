/** One way to authenticate that a server offers. */
export interface Challenge {
  /** In lower case: `digest`, `basic`, `negotiate`. */
  readonly scheme: string;
  /** By name in lower case; quotes and escapes are removed. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** A token, and what is assigned to it: in quotes, which may be open at the end, or up to the next comma or blank. */
const PART = /([!#$%&'*+.^_`|~\w-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"?|([^\s,]*)))?/g;

/**
 * Reads the values of WWW-Authenticate, each of which may hold several challenges. Takes what firmware sends: values quoted or not (also those
 * that the standard has without quotes), spaces or none, commas in quotes, base64 with its `=`. What cannot be understood is passed over.
 * Source: RFC 9110, section 11.6.1; RFC 7616, section 3.3.
 */
export function parseChallenges(headers: readonly string[]): readonly Challenge[] {
  return headers.flatMap(parseHeader);
}

function parseHeader(header: string): Challenge[] {
  const challenges: { readonly scheme: string; readonly parameters: Map<string, string> }[] = [];
  for (const [, token = '', quoted, plain] of header.matchAll(PART)) {
    const value = quoted?.replace(/\\(.)/g, '$1') ?? plain;
    // A token that is assigned nothing begins the next challenge.
    if (value === undefined) challenges.push({ scheme: token.toLowerCase(), parameters: new Map() });
    else challenges.at(-1)?.parameters.set(token.toLowerCase(), value);
  }
  return challenges;
}

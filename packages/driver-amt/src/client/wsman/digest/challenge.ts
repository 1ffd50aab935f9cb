/** One way to authenticate that a server offers. */
export interface Challenge {
  /** In lower case: `digest`, `basic`, `negotiate`. */
  readonly scheme: string;
  /** By name in lower case; quotes and escapes are removed. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** A token, and what is assigned to it: in quotes, which may be open at the end, or up to the next comma or blank. */
const PART = /([!#$%&'*+.^_`|~\w-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"?|([^\s,]*)))?/g;

/** Words of a list that some servers write without the quotes which would hold it together: `qop=auth,auth-int`. Source: RFC 7616, section 3.3. */
const QOP_WORDS: ReadonlySet<string> = new Set(['auth', 'auth-int']);

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
  let latest: string | undefined;
  for (const [, token = '', quoted, plain] of header.matchAll(PART)) {
    const name = token.toLowerCase();
    const value = quoted?.replace(/\\(.)/g, '$1') ?? plain;
    const parameters = challenges.at(-1)?.parameters;
    if (value !== undefined) {
      parameters?.set(name, value);
      latest = name;
    } else if (latest === 'qop' && QOP_WORDS.has(name)) {
      parameters?.set(latest, `${parameters.get(latest) ?? ''},${token}`);
    } else {
      // A token that is assigned nothing begins the next challenge.
      challenges.push({ scheme: name, parameters: new Map() });
      latest = undefined;
    }
  }
  return challenges;
}

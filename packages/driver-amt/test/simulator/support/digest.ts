import { createHash } from 'node:crypto';

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

/** A challenge as recorded ones are written. */
export interface Challenge {
  readonly realm: string;
  readonly nonce: string;
  readonly stale: string;
  readonly qop: string;
}

export function readChallenge(head: readonly string[]): Challenge {
  const line = head.find((each) => each.startsWith('WWW-Authenticate: ')) ?? '';
  const [, realm, nonce, stale, qop] = /^WWW-Authenticate: Digest realm="([^"]*)", nonce="([^"]*)",stale="([^"]*)",qop="([^"]*)"$/.exec(line) ?? [];
  if (realm === undefined || nonce === undefined || stale === undefined || qop === undefined) throw new Error(`No challenge: ${line}`);
  return { realm, nonce, stale, qop };
}

export interface Proof {
  readonly username: string;
  readonly password: string;
  readonly challenge: Challenge;
  readonly count: number;
  readonly qop?: 'auth' | 'auth-int';
  readonly body?: string;
  readonly uri?: string;
}

/** An Authorization header by RFC 2617, section 3.2.2. */
export function authorization({ username, password, challenge, count, qop = 'auth', body = '', uri = '/wsman' }: Proof): string {
  const nc = count.toString(16).padStart(8, '0');
  const cnonce = '0a4f113b';
  const inner = qop === 'auth-int' ? `POST:${uri}:${md5(body)}` : `POST:${uri}`;
  const response = md5(`${md5(`${username}:${challenge.realm}:${password}`)}:${challenge.nonce}:${nc}:${cnonce}:${qop}:${md5(inner)}`);
  return `Authorization: Digest username="${username}", realm="${challenge.realm}", nonce="${challenge.nonce}", uri="${uri}", qop=${qop}, nc=${nc}, ` +
    `cnonce="${cnonce}", response="${response}"`;
}

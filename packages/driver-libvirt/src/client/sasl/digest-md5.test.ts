import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { account, bytes, context, recordings, text } from '../../../test/sasl-exchanges.js';
import { parseDirectives } from './digest-directives.js';
import { createDigestExchange, digestMd5 } from './digest-md5.js';
import type { SaslContext } from './mechanism.js';

const PASSWORD = 'a-password-to-be-found';
const CHALLENGE = 'realm="vm",nonce="abc",qop="auth,auth-int,auth-conf",cipher="rc4-40,rc4,rc4-56,des",charset=utf-8,algorithm=md5-sess';

interface Case {
  readonly challenge?: string;
  readonly username?: string;
  readonly password?: string;
  readonly changes?: Partial<SaslContext>;
}

function respond({ challenge = CHALLENGE, username = 'ferric', password = PASSWORD, changes = {} }: Case = {}): Record<string, string> {
  const exchange = digestMd5.begin(account(username, password), context('cnonce', changes));
  return Object.fromEntries(parseDirectives(exchange.step(bytes(challenge)) as Uint8Array).map(({ name, value }) => [name, value]));
}

function failure(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error('it did not fail');
}

describe('the examples of RFC 2831 §4', () => {
  test.each([
    {
      service: 'imap',
      nonce: 'OA6MG9tEQGm2hh',
      cnonce: 'OA6MHXh6VqTrRk',
      response: 'd388dad90d4bbd760a152321f2143af7',
      rspauth: 'ea40f60335c427b5527b84dbabcdfffd',
    },
    {
      service: 'acap',
      nonce: 'OA9BSXrbuRhWay',
      cnonce: 'OA9BSuZWMSpW8m',
      response: '6084c6db3fede7352c551284490fd0fc',
      rspauth: '2f0b3d7c3c2e486600ef710726aa2eae',
    },
  ])('$service', ({ service, nonce, cnonce, response, rspauth }) => {
    const exchange = createDigestExchange(account('chris', 'secret'), context(cnonce, { host: 'elwood.innosoft.com' }), service);
    expect(exchange.start()).toBeUndefined();
    const answer = exchange.step(bytes(`realm="elwood.innosoft.com",nonce="${nonce}",qop="auth",algorithm=md5-sess,charset=utf-8`));
    expect(Object.fromEntries(parseDirectives(answer as Uint8Array).map(({ name, value }) => [name, value]))).toEqual({
      charset: 'utf-8',
      username: 'chris',
      realm: 'elwood.innosoft.com',
      nonce,
      nc: '00000001',
      cnonce,
      'digest-uri': `${service}/elwood.innosoft.com`,
      response,
      qop: 'auth',
    });
    expect(exchange.complete(bytes(`rspauth=${rspauth}`))).toBeUndefined();
  });
});

describe.each(recordings.digest)('the exchange with Cyrus SASL, $name', (recording) => {
  const begin = (): ReturnType<typeof digestMd5.begin> =>
    digestMd5.begin(
      account(recording.username, recording.password),
      context(recording.cnonce, { host: recording.host, secure: recording.quality !== 'auth-conf' }),
    );

  test('sends the response that Cyrus accepted and takes its proof', () => {
    const exchange = begin();
    expect(exchange.start()).toBeUndefined();
    expect(text(exchange.step(bytes(recording.challenge)))).toBe(recording.response);
    const layer = exchange.complete(bytes(recording.rspauth));
    expect(layer === undefined).toBe(recording.quality === 'auth');
    for (const unit of recording.units) {
      expect(layer?.wrap(Buffer.from(unit.message, 'hex')).toString('hex')).toBe(unit.fromClient);
      expect(layer?.unwrap(Buffer.from(unit.fromServer, 'hex')).toString('hex')).toBe(unit.message);
    }
  });

  test('takes the proof before the end as well', () => {
    const exchange = begin();
    exchange.step(bytes(recording.challenge));
    expect(exchange.step(bytes(recording.rspauth))).toEqual(new Uint8Array());
    expect(exchange.complete(undefined) === undefined).toBe(recording.quality === 'auth');
  });

  test('refuses any other proof, and every piece of it', () => {
    const lastDigitChanged = recording.rspauth.replace(/.$/, (digit) => (digit === '0' ? '1' : '0'));
    const others = [lastDigitChanged, recording.rspauth.toUpperCase(), 'rspauth=', 'rspauth=""', 'x=y', ''];
    const pieces = Array.from(recording.rspauth, (_, length) => recording.rspauth.slice(0, length));
    for (const proof of [...others, ...pieces]) {
      for (const finish of ['step', 'complete'] as const) {
        const exchange = begin();
        exchange.step(bytes(recording.challenge));
        expect(['AUTH_FAILED', 'PROTOCOL_FAULT']).toContain((failure(() => exchange[finish](bytes(proof))) as { code: string }).code);
      }
    }
  });
});

describe('a daemon that proves nothing', () => {
  const WRONG = 'rspauth=00000000000000000000000000000000';

  test.each([
    ['says that it is done at once', undefined, undefined],
    ['says so with some proof', undefined, WRONG],
    ['leaves its proof out', CHALLENGE, undefined],
    ['sends a wrong one', CHALLENGE, WRONG],
  ])('and %s is not let through', (_, challenge, proof) => {
    const exchange = digestMd5.begin(account('u', PASSWORD), context('c'));
    if (challenge !== undefined) exchange.step(bytes(challenge));
    const data = proof === undefined ? undefined : bytes(proof);
    expect(failure(() => exchange.complete(data))).toMatchObject({ code: 'AUTH_FAILED', retryable: false });
  });

  test('nor one that goes on after its proof', () => {
    const [recording] = recordings.digest;
    const begin = (): ReturnType<typeof digestMd5.begin> => {
      const exchange = digestMd5.begin(account('ferric', recording?.password ?? ''), context(recording?.cnonce ?? '', { secure: false }));
      exchange.step(bytes(recording?.challenge ?? ''));
      exchange.step(bytes(recording?.rspauth ?? ''));
      return exchange;
    };
    expect(failure(() => begin().step(bytes(CHALLENGE)))).toMatchObject({ code: 'PROTOCOL_FAULT' });
    expect(failure(() => begin().complete(bytes(recording?.rspauth ?? '')))).toMatchObject({ code: 'PROTOCOL_FAULT' });
  });

  test('nor one that has no challenge', () => {
    expect(failure(() => digestMd5.begin(account('u', PASSWORD), context('c')).step(undefined))).toMatchObject({ code: 'PROTOCOL_FAULT' });
  });
});

describe('the protection that is asked for', () => {
  const offer = (qop: string, cipher: string): string => `nonce="n",qop="${qop}",cipher="${cipher}",algorithm=md5-sess`;

  test.each([
    ['auth,auth-int,auth-conf', 'rc4', { qop: 'auth' }],
    ['auth-int,auth-conf', 'rc4', { qop: 'auth-int', maxbuf: '65536' }],
    ['auth-conf', '3des,rc4-40,rc4', { qop: 'auth-conf', cipher: 'rc4', maxbuf: '65536' }],
  ])('on a protected connection, of %s with %s', (qop, cipher, expected) => {
    const response = respond({ challenge: offer(qop, cipher) });
    expect({ qop: response['qop'], cipher: response['cipher'], maxbuf: response['maxbuf'] }).toEqual({ cipher: undefined, maxbuf: undefined, ...expected });
  });

  test.each([
    ['auth,auth-int,auth-conf', 'rc4-40,rc4-56,rc4,des,3des', 'rc4'],
    ['auth-conf', '3des,rc4-40,rc4-56', 'rc4-56'],
    ['AUTH-CONF', 'des, RC4-40', 'rc4-40'],
  ])('on an open connection, of %s with %s', (qop, cipher, expected) => {
    expect(respond({ challenge: offer(qop, cipher), changes: { secure: false } })).toMatchObject({ qop: 'auth-conf', cipher: expected });
  });

  test.each([
    [false, 'auth', 'rc4', /offers auth and no encryption, and the connection has none/],
    [false, 'auth,auth-int', 'rc4', /offers auth, auth-int and no encryption/],
    [false, 'auth-conf', 'des,3des', /encrypts with des, 3des/],
    [false, 'auth-conf', '', /encrypts with nothing/],
    [true, 'later-invention', '', /offers later-invention and no encryption$/],
  ])('secure %s, of %s with %s nothing will do', (secure, qop, cipher, message) => {
    const error = failure(() => respond({ challenge: offer(qop, cipher), changes: { secure } })) as Error & { hint: string };
    expect(error).toMatchObject({ code: 'UNSUPPORTED', retryable: false });
    expect(error.message).toMatch(message);
    expect(error.hint).toMatch(/TLS/);
  });

  test.each([0, 16])('a peer that takes units of %d bytes is refused', (maximum) => {
    const [recording] = recordings.digest;
    const exchange = digestMd5.begin(account('ferric', recording?.password ?? ''), context(recording?.cnonce ?? '', { secure: false }));
    exchange.step(bytes((recording?.challenge ?? '').replace('maxbuf=65536', `maxbuf=${maximum}`)));
    expect(failure(() => exchange.complete(bytes(recording?.rspauth ?? '')))).toMatchObject({ code: 'PROTOCOL_FAULT' });
  });
});

describe('the realm', () => {
  const offer = (...realms: string[]): string => [...realms.map((realm) => `realm="${realm}"`), 'nonce="n",algorithm=md5-sess'].join(',');

  test.each([
    ['the only one', 'ferric', ['a'], 'ferric', 'a'],
    ['the first', 'ferric', ['a', 'b'], 'ferric', 'a'],
    ['the one named like the host', 'ferric', ['a', 'HOST.example', 'c'], 'ferric', 'HOST.example'],
    ['the one that the user names', 'ferric@b', ['host.example', 'B'], 'ferric', 'B'],
    ['the one behind the last @', 'me@home@b', ['a', 'b'], 'me@home', 'b'],
    ['not one that was not offered', 'ferric@c', ['a', 'b'], 'ferric@c', 'a'],
    ['none where none is offered', 'ferric@c', [], 'ferric@c', undefined],
    ['not for a user without a name', '@a', ['a'], '@a', 'a'],
  ])('is %s', (_, username, realms, expectedName, expectedRealm) => {
    const response = respond({ challenge: offer(...realms), username });
    expect([response['username'], response['realm']]).toEqual([expectedName, expectedRealm]);
  });

  test('goes back byte for byte, and escaped', () => {
    expect(respond({ challenge: offer('q\\"\xe9\\\\') })['realm']).toBe('q"\xe9\\');
  });
});

describe('characters', () => {
  const WITHOUT_UTF8 = 'nonce="n",algorithm=md5-sess';
  const utf8 = (value: string): string => Buffer.from(value).toString('latin1');

  test.each(['we"ird\\name', 'a,b=c', 'müller', 'ユーザ', '😀'])('%s arrives as UTF-8', (username) => {
    expect(respond({ username })).toMatchObject({ username: utf8(username), charset: 'utf-8' });
  });

  test('without UTF-8 names are ISO 8859-1', () => {
    const response = respond({ username: 'müller', challenge: WITHOUT_UTF8 });
    expect(response['username']).toBe('m\xfcller');
    expect(response).not.toHaveProperty('charset');
  });

  test('what ISO 8859-1 has is hashed in it, either way (RFC 2831 §2.1.2.1)', () => {
    const response = (challenge: string, password: string): string | undefined => respond({ challenge, username: 'müller', password })['response'];
    expect(response(`${WITHOUT_UTF8},charset=utf-8`, 'pässwörd')).toBe(response(WITHOUT_UTF8, 'pässwörd'));
    expect(response(`${WITHOUT_UTF8},charset=utf-8`, 'pässwörd漢')).not.toBe(response(`${WITHOUT_UTF8},charset=utf-8`, 'pässwörd'));
  });

  test.each([
    ['username', 'ユーザ', PASSWORD],
    ['password', 'ferric', `漢${PASSWORD}`],
  ])('a %s that needs UTF-8 is refused where there is none', (field, username, password) => {
    const error = failure(() => respond({ challenge: WITHOUT_UTF8, username, password }));
    expect(error).toMatchObject({ code: 'INVALID_OPTIONS', message: expect.stringContaining(`credentials.${field}`) });
  });

  test('a name that makes the response too long is refused', () => {
    expect(failure(() => respond({ username: 'x'.repeat(4096) }))).toMatchObject({ code: 'INVALID_OPTIONS' });
  });
});

test('an address of any kind can stand in digest-uri', () => {
  expect(['192.0.2.1', '2001:db8::1', 'hö"st'].map((host) => respond({ changes: { host } })['digest-uri'])).toEqual([
    'libvirt/192.0.2.1',
    'libvirt/2001:db8::1',
    `libvirt/${Buffer.from('hö"st').toString('latin1')}`,
  ]);
});

test('neither the exchange nor its layer nor its errors show the password or a key', () => {
  const [recording] = recordings.digest;
  const exchange = digestMd5.begin(account('ferric', recording?.password ?? ''), context(recording?.cnonce ?? '', { secure: false }));
  const show = (value: unknown): string => `${inspect(value, { depth: 10, showHidden: true })} ${JSON.stringify(value)}`;
  const seen = [show(exchange)];
  seen.push(show(failure(() => exchange.complete(undefined))));
  exchange.step(bytes(recording?.challenge ?? ''));
  seen.push(show(exchange), show(failure(() => exchange.complete(bytes('rspauth=00')))));
  const layer = exchange.complete(bytes(recording?.rspauth ?? ''));
  const forged = Buffer.from('00000011ffffffffffffffffffffffffffffffffff', 'hex');
  seen.push(show(exchange), show(layer), show(failure(() => layer?.unwrap(forged))));
  for (const one of seen) expect(one).not.toContain(recording?.password);
  // No buffer of keys either: 16 bytes in a row are a key, and nothing else here is one.
  for (const one of seen) expect(one).not.toMatch(/<Buffer (?:[0-9a-f]{2} ){15}/);
});

import { Secret } from '@ferric/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseChallenges } from '../../src/client/wsman/digest/challenge.js';
import { authorization, chooseDigest, type DigestChallenge, type DigestRequest, type DigestUse } from '../../src/client/wsman/digest/digest.js';
import { createLogin } from '../../src/client/wsman/digest/login.js';

/** The header for what a server sends in WWW-Authenticate. */
function answer(header: string, request: DigestRequest, use: Omit<DigestUse, 'password'> & { readonly password: string }): ReadonlyMap<string, string> {
  const challenge = chooseDigest(parseChallenges([header]));
  if (challenge === undefined) throw new Error('No digest in it');
  return parametersOf(authorization(challenge, request, { ...use, password: new Secret(use.password) }));
}

function parametersOf(header: string): ReadonlyMap<string, string> {
  return parseChallenges([header])[0]?.parameters ?? new Map();
}

describe('worked examples', () => {
  const page = { method: 'GET', uri: '/dir/index.html', body: '' };
  const mufasa = { username: 'Mufasa', count: 1 };
  const envelope = { method: 'POST', uri: '/wsman', body: '<Envelope/>' };
  const admin = { username: 'admin', password: 'P@ssw0rd', cnonce: '0a4f113b', count: 10 };
  const recorded = 'Digest realm="Digest:34BF4B5A0561F95248F58509A406E046", nonce="bQali2IAAAAAAAAAn0xaWCOcxNsRcEHX",stale="false"';

  test('RFC 2617, section 3.5', () => {
    const parameters = answer(
      'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"',
      page,
      { ...mufasa, password: 'Circle Of Life', cnonce: '0a4f113b' },
    );
    expect(Object.fromEntries(parameters)).toEqual({
      username: 'Mufasa', realm: 'testrealm@host.com', nonce: 'dcd98b7102dd2f0e8b11d0f600bfb0c093', uri: '/dir/index.html', qop: 'auth', nc: '00000001', cnonce: '0a4f113b',
      response: '6629fae49393a05397450978507c4ef1', opaque: '5ccc069c403ebaf9f0171e9517f40e41',
    });
  });

  test.each([
    ['MD5', '8ca523f5e9506fed4657c9700eebdbec'],
    ['SHA-256', '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1'],
  ])('RFC 7616, section 3.9.1, %s', (algorithm, response) => {
    const challenge = `Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=${algorithm}, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"`;
    const parameters = answer(challenge, page, { ...mufasa, password: 'Circle of Life', cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ' });
    expect(parameters.get('response')).toBe(response);
    expect(parameters.get('algorithm')).toBe(algorithm);
    expect(parameters.get('opaque')).toBe('FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS');
  });

  test('RFC 2069, section 2.4 with its erratum 749: no quality of protection', () => {
    const parameters = answer('Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"', page, { ...mufasa, password: 'CircleOfLife', cnonce: 'unused' });
    expect(parameters.get('response')).toBe('1949323746fe6a43ef61f9606e7febea');
    expect([...parameters.keys()]).toEqual(['username', 'realm', 'nonce', 'uri', 'response']);
  });

  // Computed with md5sum, step by step.
  test.each([
    ['auth', `${recorded},qop="auth"`, '3e410fef93cd415d19dc86a78446a2a2'],
    ['auth-int covers the body', `${recorded},qop="auth-int"`, 'dfe6c4a905a00fe0b307e4eb32bc4a8d'],
    ['MD5-sess', `${recorded},qop="auth",algorithm=MD5-sess`, '587c1616e6f61dd33b72a12ea2258190'],
  ])('a challenge of AMT, %s', (_name, challenge, response) => {
    const parameters = answer(challenge, envelope, admin);
    expect(parameters.get('response')).toBe(response);
    expect(parameters.get('nc')).toBe('0000000a');
  });

  test('names and passwords are hashed and sent as UTF-8', () => {
    const header = authorization(
      { realm: 'r', nonce: 'n', opaque: undefined, algorithm: undefined, protection: 'auth', stale: false },
      { ...envelope },
      { username: 'Müller', password: new Secret('pä'), cnonce: 'c', count: 1 },
    );
    expect(Buffer.from(header, 'latin1').toString('utf8')).toContain('username="Müller"');
    expect(header).toContain('response="ec9705f8bbf70ba107afca3f96a82866"');
  });
});

describe('reading challenges', () => {
  test('the recorded one of AMT 15', () => {
    expect(parseChallenges(['Digest realm="Digest:34BF4B5A0561F95248F58509A406E046", nonce="bQali2IAAAAAAAAAn0xaWCOcxNsRcEHX",stale="false",qop="auth"'])).toEqual([
      {
        scheme: 'digest',
        parameters: new Map([['realm', 'Digest:34BF4B5A0561F95248F58509A406E046'], ['nonce', 'bQali2IAAAAAAAAAn0xaWCOcxNsRcEHX'], ['stale', 'false'], ['qop', 'auth']]),
      },
    ]);
  });

  test.each<[string, string, readonly (readonly [string, Record<string, string>])[]]>([
    ['several in one header', 'Negotiate, Basic realm="a, b=c", DIGEST Realm=x , NONCE = y==', [['negotiate', {}], ['basic', { realm: 'a, b=c' }], ['digest', { realm: 'x', nonce: 'y==' }]]],
    ['escapes in quotes', 'Digest realm="a\\"b\\\\c"', [['digest', { realm: 'a"b\\c' }]]],
    ['a quote that is never closed', 'Digest realm="a, nonce=b', [['digest', { realm: 'a, nonce=b' }]]],
    ['a list without quotes', 'Digest qop=auth,auth-int, realm="r", nonce=n, Basic', [['digest', { qop: 'auth,auth-int', realm: 'r', nonce: 'n' }], ['basic', {}]]],
    ['a list without quotes at the end, with spaces', 'Digest nonce=n, qop = auth , auth-int', [['digest', { nonce: 'n', qop: 'auth,auth-int' }]]],
    ['a challenge without parameters behind a list without quotes', 'Digest nonce=n, qop=auth, Negotiate', [['digest', { nonce: 'n', qop: 'auth' }], ['negotiate', {}]]],
    ['a list without quotes that begins with what nobody knows', 'Digest qop=token, auth, nonce=n', [['digest', { qop: 'token,auth', nonce: 'n' }]]],
    ['an empty value', 'Digest realm=, nonce=""', [['digest', { realm: '', nonce: '' }]]],
    ['a token of Negotiate, taken for something else', 'Negotiate YIIZ/+==, Digest nonce=n', [['negotiate', {}], ['yiiz', { '+': '=' }], ['digest', { nonce: 'n' }]]],
    ['nothing', ' , ,', []],
    ['a parameter without a scheme', 'realm="x"', []],
  ])('%s', (_name, header, expected) => {
    const read = parseChallenges([header]).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)]);
    expect(read).toEqual(expected);
  });

  test('whatever stands in quotes is read back, with any spaces, in any order', () => {
    const value = fc.string({ unit: 'grapheme', maxLength: 30 }).filter((text) => !/[\r\n]/.test(text));
    const space = fc.constantFrom('', ' ', '  ', '\t');
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[a-z][a-z0-9-]{0,10}$/), value, { maxKeys: 8 }), space, space, (parameters, before, after) => {
        const written = Object.entries(parameters).map(([name, text]) => `${name}${before}=${after}"${text.replace(/["\\]/g, '\\$&')}"`);
        const [read] = parseChallenges([`Digest ${written.join(`${before},${after}`)}`]);
        expect(Object.fromEntries(read?.parameters ?? [])).toEqual(parameters);
      }),
    );
  });

  test('no text whatever makes it fail, or take long', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (header) => {
        expect(parseChallenges([header, `Digest ${header}`])).toBeInstanceOf(Array);
      }),
    );
    const units = [' ', ',', '"', '\\', '=', 'a', 'a ', 'a=', 'a="', 'a=",', '\\"'];
    for (const unit of units) expect(parseChallenges([`Digest x ${unit.repeat(16_000 / unit.length)}`])[0]?.scheme).toBe('digest');
  });
});

describe('choosing', () => {
  const digest = (more: string): string => `Digest realm="r", nonce="n", ${more}`;

  test.each([
    ['the first that can be answered', ['Basic realm="r"', digest('algorithm=SHA-512-256, qop="auth"'), digest('algorithm=SHA-256, qop="auth"'), digest('qop="auth"')], { algorithm: 'SHA-256' }],
    ['auth before auth-int', [digest('qop="auth-int,auth"')], { protection: 'auth' }],
    ['auth-int where nothing else is', [digest('qop="token, auth-int"')], { protection: 'auth-int' }],
    ['case does not matter', [digest('qop="AUTH", algorithm="md5"')], { protection: 'auth', algorithm: 'md5' }],
    ['an empty list of qop is none', [digest('qop=""')], { protection: undefined }],
    ['a list of qop without quotes', ['Digest qop=auth-int,auth, realm="r", nonce="n"'], { protection: 'auth', realm: 'r', nonce: 'n' }],
    ['stale as AMT writes it', [digest('stale="false"')], { stale: false }],
    ['stale as the standard has it', [digest('stale=TRUE')], { stale: true }],
    ['stale where nothing is said of it', [digest('qop="auth"')], { stale: false }],
  ])('%s', (_name, headers, expected) => {
    expect(chooseDigest(parseChallenges(headers))).toMatchObject(expected);
  });
});

describe('answering', () => {
  const text = fc.string({ minLength: 1, maxLength: 20 }).filter((value) => !/[^ -~]/.test(value));
  const challenges: fc.Arbitrary<DigestChallenge> = fc.record({
    realm: text,
    nonce: text,
    opaque: fc.option(text, { nil: undefined }),
    algorithm: fc.constantFrom(undefined, 'MD5', 'SHA-256', 'MD5-sess', 'SHA-256-sess'),
    protection: fc.constantFrom('auth' as const, 'auth-int' as const, undefined),
    stale: fc.boolean(),
  });

  test('the header tells everything but the password, whatever characters there are', () => {
    fc.assert(
      fc.property(challenges, text, fc.stringMatching(/^[A-Za-z0-9]{12,20}$/), fc.integer({ min: 1, max: 0xffff_ffff }), (challenge, username, password, count) => {
        const header = authorization(challenge, { method: 'POST', uri: '/wsman', body: 'b' }, { username, password: new Secret(password), cnonce: 'c', count });
        const parameters = parametersOf(header);
        expect(parameters.get('username')).toBe(username);
        expect(parameters.get('realm')).toBe(challenge.realm);
        expect(parameters.get('nonce')).toBe(challenge.nonce);
        expect(parameters.get('opaque')).toBe(challenge.opaque);
        expect(parameters.get('response')).toMatch(challenge.algorithm?.startsWith('SHA') === true ? /^[\da-f]{64}$/ : /^[\da-f]{32}$/);
        expect(Number.parseInt(parameters.get('nc') ?? '0', 16)).toBe(challenge.protection === undefined ? 0 : count);
        expect(header).not.toContain(password);
      }),
    );
  });

  test('everything that goes into the response changes it', () => {
    const challenge = { realm: 'r', nonce: 'n', opaque: undefined, algorithm: 'MD5-sess', protection: 'auth-int' as const, stale: false };
    const request = { method: 'POST', uri: '/wsman', body: 'b' };
    const use = { username: 'u', password: new Secret('p'), cnonce: 'c', count: 1 };
    const response = (...parts: [DigestChallenge, DigestRequest, DigestUse]): string => parametersOf(authorization(...parts)).get('response') ?? '';
    const all = [
      response(challenge, request, use),
      response({ ...challenge, realm: 'R' }, request, use),
      response({ ...challenge, nonce: 'N' }, request, use),
      response({ ...challenge, algorithm: 'MD5' }, request, use),
      response({ ...challenge, protection: 'auth' }, request, use),
      response(challenge, { ...request, method: 'GET' }, use),
      response(challenge, { ...request, uri: '/' }, use),
      response(challenge, { ...request, body: 'B' }, use),
      response(challenge, request, { ...use, username: 'U' }),
      response(challenge, request, { ...use, password: new Secret('P') }),
      response(challenge, request, { ...use, cnonce: 'C' }),
      response(challenge, request, { ...use, count: 2 }),
    ];
    expect(new Set(all).size).toBe(all.length);
  });
});

describe('the login of a session', () => {
  const settings = { address: '192.0.2.1:16992', username: 'admin', password: new Secret('P@ssw0rd') };
  const request = { method: 'POST', uri: '/wsman', body: '' };
  const offer = (nonce: string): readonly string[] => [`Digest realm="r", nonce="${nonce}", qop="auth"`];

  test('makes a random cnonce for each nonce', () => {
    const cnonces = Array.from({ length: 50 }, () => {
      const login = createLogin(settings);
      login.refused(offer('n'));
      return parametersOf(login.authorize(request) ?? '').get('cnonce');
    });
    expect(new Set(cnonces).size).toBe(50);
  });

  test('is proven by an answer to a digest, and not by one without', () => {
    const login = createLogin(settings);
    expect(login.authorize(request)).toBeUndefined();
    login.accepted();
    expect(login.proven).toBe(false);
    login.refused(offer('n'));
    expect(login.proven).toBe(false);
    login.authorize(request);
    login.accepted();
    expect(login.proven).toBe(true);
    login.refused(offer('m'));
    expect(login.proven).toBe(false);
  });
});

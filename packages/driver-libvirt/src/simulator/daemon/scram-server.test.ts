import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import { Secret } from '@ferric/core';
import { beforeAll, describe, expect, test } from 'vitest';
import { createScramVerifier, ScramServer, type ScramVerifier } from './scram-server.js';

// The example of RFC 7677, section 3.
const CLIENT_FIRST = 'n,,n=user,r=rOprNGfwEbeRWgbNEkqO';
const SERVER_NONCE = '%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0';
const SERVER_FIRST = `r=rOprNGfwEbeRWgbNEkqO${SERVER_NONCE},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`;
const CLIENT_FINAL = `c=biws,r=rOprNGfwEbeRWgbNEkqO${SERVER_NONCE},p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=`;
const SERVER_FINAL = 'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=';

const hmac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

let verifier: ScramVerifier;

beforeAll(async () => {
  verifier = await createScramVerifier({ username: 'user', password: new Secret('pencil') }, Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64'));
});

const server = (): ScramServer => new ScramServer(verifier, SERVER_NONCE);

test("the RFC's example", () => {
  const login = server();
  expect(login.step(CLIENT_FIRST)).toEqual({ status: 'continue', answer: SERVER_FIRST });
  expect(login.step(CLIENT_FINAL)).toEqual({ status: 'done', answer: SERVER_FINAL });
});

test('every login has a nonce of its own', () => {
  const nonces = [1, 2].map(() => new ScramServer(verifier).step(CLIENT_FIRST));
  expect(nonces[0]).not.toEqual(nonces[1]);
});

describe('the first message', () => {
  test.each([
    ['an authorization identity that is the user', 'n,a=user,n=user,r=abc', 'continue'],
    ['a client that could bind channels but thinks the server cannot', 'y,,n=user,r=abc', 'continue'],
    ['extensions behind the nonce', 'n,,n=user,r=abc,x=1', 'continue'],
    ['another user', 'n,,n=other,r=abc', 'refused'],
    ['an authorization identity that is somebody else', 'n,a=root,n=user,r=abc', 'refused'],
    ['channel binding', 'p=tls-unique,,n=user,r=abc', 'refused'],
    ['a mandatory extension', 'n,,m=1,n=user,r=abc', 'refused'],
    ['no nonce', 'n,,n=user', 'refused'],
    ['something else', 'hello', 'refused'],
    ['nothing', '', 'refused'],
  ])('with %s', (_what, message, status) => {
    expect(server().step(message).status).toBe(status);
  });

  test('with an escaped name', async () => {
    const odd = await createScramVerifier({ username: 'a=b,c', password: new Secret('x') });
    expect(new ScramServer(odd).step('n,,n=a=3Db=2Cc,r=abc').status).toBe('continue');
  });
});

describe('the second message', () => {
  test.each([
    ['another proof', CLIENT_FINAL.replace('p=d', 'p=e')],
    ['a short proof', CLIENT_FINAL.replace(/p=.*/, 'p=dHzb')],
    ['no proof', CLIENT_FINAL.replace(/,p=.*/, '')],
    ['another nonce', CLIENT_FINAL.replace('r=rO', 'r=r0')],
    ['another header', CLIENT_FINAL.replace('c=biws', 'c=eSws')],
    ['something else', 'hello'],
  ])('with %s is refused', (_what, message) => {
    const login = server();
    login.step(CLIENT_FIRST);
    expect(login.step(message)).toEqual({ status: 'refused' });
  });

  // Even a client that knows the password must answer to what it was asked.
  test.each([
    ['its nonce', 'c=biws', 'rOprNGfwEbeRWgbNEkqO', 'refused'],
    ['its header', 'c=eSws', `rOprNGfwEbeRWgbNEkqO${SERVER_NONCE}`, 'refused'],
    ['nothing', 'c=biws', `rOprNGfwEbeRWgbNEkqO${SERVER_NONCE}`, 'done'],
  ])('with a proof that is right, and %s changed', (_what, binding, nonce, status) => {
    const login = server();
    login.step(CLIENT_FIRST);
    const withoutProof = `${binding},r=${nonce}`;
    const clientKey = hmac(pbkdf2Sync('pencil', Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64'), 4096, 32, 'sha256'), 'Client Key');
    const signature = hmac(createHash('sha256').update(clientKey).digest(), `n=user,r=rOprNGfwEbeRWgbNEkqO,${SERVER_FIRST},${withoutProof}`);
    const proof = Buffer.from(clientKey.map((byte, index) => byte ^ (signature[index] ?? 0))).toString('base64');
    expect(login.step(`${withoutProof},p=${proof}`).status).toBe(status);
  });

  test('passwords are normalised', async () => {
    const [composed, decomposed] = ['\u00fc', 'u\u0308'];
    const salt = Buffer.alloc(16);
    const passwords = [composed, decomposed].map((password) => new Secret(password ?? ''));
    const made = await Promise.all(passwords.map((password) => createScramVerifier({ username: 'u', password }, salt)));
    expect(made[0]?.storedKey).toEqual(made[1]?.storedKey);
  });
});

import { createFakeClock, type FakeClock } from '@ferric/core/testing';
import { expect, test } from 'vitest';
import { type AmtDevice, startAmtDevice } from '../../src/simulator/index.js';
import { parseAuthorization } from '../../src/simulator/digest/authorization.js';
import { callDevice, placeOf } from './support/caller.js';
import { authorization, type Challenge, type Proof, readChallenge } from './support/digest.js';
import { action, envelope } from './support/envelopes.js';
import { openRaw, post, type RawAnswer } from './support/raw-http.js';

const BODY = envelope({ action: action.get, resource: 'CIM_Chassis' });

/** One request on a connection of its own. */
async function ask(device: AmtDevice, headers: readonly string[] = [], body = BODY): Promise<RawAnswer> {
  using raw = await openRaw(placeOf(device));
  raw.send(post(body, headers));
  return await raw.answer();
}
const challengeOf = async (device: AmtDevice): Promise<Challenge> => readChallenge((await ask(device)).head);

/** Proves who it is, with a nonce of its own unless told otherwise. */
async function login(device: AmtDevice, more: Partial<Proof> = {}): Promise<RawAnswer> {
  const challenge = more.challenge ?? (await challengeOf(device));
  return ask(device, [authorization({ username: device.username, password: device.password, count: 1, ...more, challenge })]);
}

test('the challenge has the recorded form: quoted stale and qop, the realm that the settings tell, a body that is no SOAP', async () => {
  await using device = await startAmtDevice();
  const { status, head, body } = await ask(device);
  const { realm, nonce, stale, qop } = readChallenge(head);
  expect([status, stale, qop]).toEqual([401, 'false', 'auth']);
  expect(realm).toMatch(/^Digest:[\dA-F]{32}$/);
  expect(nonce).toMatch(/^[\w+/]{32}$/);
  expect(head.slice(1, 3)).toEqual(['Content-Type: text/html', 'Server: Intel(R) Active Management Technology 15.0.23.1706']);
  expect(head.at(-1)).toBe('Connection: close');
  expect(body).toContain('Log on failed');
  using caller = callDevice(device);
  expect((await caller.get('AMT_GeneralSettings')).text('DigestRealm')).toBe(realm);
});

test('the right proof is admitted; a nonce may be used again with a higher counter, and never with the same or a lower one', async () => {
  await using device = await startAmtDevice();
  const challenge = await challengeOf(device);
  for (const [count, status] of [[1, 200], [2, 200], [7, 200], [7, 401], [3, 401], [8, 200]] as const) {
    expect([count, (await login(device, { challenge, count })).status]).toEqual([count, status]);
  }
  expect(device.activity).toMatchObject({ authenticationAttempts: 4, staleProofs: 2, refusedProofs: 0 });
  expect(readChallenge((await login(device, { challenge, count: 8 })).head).stale).toBe('true');
});

test.each<[string, Partial<Proof>]>([
  ['password', { password: 'wrong' }],
  ['user', { username: 'nobody' }],
  ['path', { uri: '/other' }],
])('a proof with a wrong %s is refused, and not called stale', async (_what, more) => {
  await using device = await startAmtDevice({ events: [] });
  const { status, head } = await login(device, more);
  expect([status, readChallenge(head).stale]).toEqual([401, 'false']);
  expect(device.activity).toMatchObject({ authenticationAttempts: 1, refusedProofs: 1, operations: new Map() });
  expect(device.machine.events.records).toMatchObject([{ sensorType: 6, data: [0xaa, 1] }]);
});

test('a nonce of another device, or one that was forgotten, is stale', async () => {
  await using device = await startAmtDevice();
  const challenge = await challengeOf(device);
  device.forgetNonces();
  expect(readChallenge((await login(device, { challenge })).head).stale).toBe('true');
  expect(device.activity).toMatchObject({ authenticationAttempts: 0, staleProofs: 1 });
});

test('a nonce lives as long as it was told to', async () => {
  const clock: FakeClock = createFakeClock();
  await using device = await startAmtDevice({ nonceLifetimeMs: 1000 }, clock);
  const challenge = await challengeOf(device);
  await clock.advance(999);
  expect((await login(device, { challenge, count: 1 })).status).toBe(200);
  await clock.advance(1);
  expect((await login(device, { challenge, count: 2 })).status).toBe(401);
});

test('after too many failures nobody gets in for a while', async () => {
  const clock: FakeClock = createFakeClock();
  await using device = await startAmtDevice({ lockout: { failures: 2, ms: 60_000 }, events: [] }, clock);
  for (let turn = 0; turn < 2; turn += 1) await login(device, { password: 'wrong' });
  expect((await login(device)).status).toBe(401);
  await clock.advance(60_000);
  expect((await login(device)).status).toBe(200);
  expect(device.machine.events.records.map(({ data }) => data[1])).toEqual([3, 2, 1]);
  await login(device, { password: 'wrong' });
  expect((await login(device)).status).toBe(200);
});

test('auth-int is taken where it is offered, with the body in it, and nowhere else', async () => {
  await using device = await startAmtDevice({ qop: 'auth-int, auth' });
  expect((await challengeOf(device)).qop).toBe('auth-int, auth');
  expect((await login(device, { qop: 'auth-int', body: BODY })).status).toBe(200);
  expect((await login(device, { qop: 'auth-int', body: `${BODY} ` })).status).toBe(401);
  expect((await login(device)).status).toBe(200);
  await using other = await startAmtDevice();
  expect((await login(other, { qop: 'auth-int', body: BODY })).status).toBe(401);
});

test('other users may log in, and those who may only look cannot change anything', async () => {
  await using device = await startAmtDevice({ users: [{ username: 'guest', password: 'G3st!', mayChange: false }] });
  using caller = callDevice(device, { username: 'guest', password: 'G3st!' });
  expect((await caller.get('CIM_Chassis')).status).toBe(200);
  expect(await caller.invoke('AMT_MessageLog', 'ClearLog')).toMatchObject({ status: 400, fault: 'AccessDenied' });
  expect(device.machine.events.records).toHaveLength(3);
});

test.each([
  ['Digest username="a", realm="Digest:0", nonce="n==", uri="/wsman", qop=auth, nc=00000001, cnonce="c", response="r"', 'n=='],
  ['digest username="a,b",realm="r",nonce="n",uri="/wsman",qop="auth",nc="00000001",cnonce="c",response="r"', 'n'],
  ['Digest  realm="r", username="say \\"a\\"", nonce="n", uri="/wsman", qop=auth , nc=1, cnonce="c", response="r", opaque=""', 'n'],
])('reads %s', (header, nonce) => {
  expect(parseAuthorization(header)).toMatchObject({ nonce, qop: 'auth', uri: '/wsman' });
});

test.each(['', 'Basic YTpi', 'Digest', 'Digest username="a"', 'Digest username="a", realm="r" nonce', 'Digest realm="r", nonce="n", uri="/", qop=auth, nc=1, cnonce="c", response="r'])(
  'does not read %j',
  (header) => {
    expect(parseAuthorization(header)).toBeUndefined();
  },
);

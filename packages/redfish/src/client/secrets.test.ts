import { inspect } from 'node:util';
import { Secret, TranscriptRecorder } from '@ferric/core';
import { expect, test } from 'vitest';
import { failure } from '../../test/support/failure.js';
import { startService } from '../../test/support/scripted-service.js';
import { extendedInfo, table, withSessions } from '../../test/support/tables.js';
import { createRedfishClient } from './redfish-client.js';

const PLANTED = { password: 'correct horse', other: 'new-password-9', licence: 'ABCDE-12345-FGHIJ', header: 'D41D8CD98F00B204', url: 'http://user:pass-in-url@192.0.2.1/x.iso' };

test('no secret is seen in transcripts, errors or the client itself', async () => {
  const account = '/redfish/v1/AccountService/Accounts/1/';
  const sessions = withSessions(
    table({
      [`GET ${account}`]: { body: { UserName: 'admin', Password: PLANTED.other, Oem: { Hpe: { License: { LicenseKey: PLANTED.licence } } } } },
      [`PATCH ${account}`]: { status: 400, body: extendedInfo('Base.1.4.PropertyValueFormatError', [PLANTED.other, 'Password'], { Message: `The value ${PLANTED.other} is not good, nor is ${PLANTED.header}.` }) },
      'POST /license': { status: 400, body: extendedInfo('iLO.2.14.InvalidLicenseKey', [PLANTED.licence]) },
      'POST /media': { status: 400, body: extendedInfo('Base.1.4.PropertyValueFormatError', [PLANTED.url, 'Image']) },
    }),
    PLANTED.password,
  );
  await using service = await startService(sessions.script);
  const transcript = new TranscriptRecorder();
  const client = createRedfishClient({ url: service.url, username: 'admin', password: PLANTED.password, transcript });
  const resource = await client.read(account);
  const errors = [
    await failure(client.change(resource, { Password: new Secret(PLANTED.other) }, { headers: { 'x-hprestfulapi-authtoken': new Secret(PLANTED.header) } })),
    await failure(client.change(resource, { Password: PLANTED.other }, { headers: { 'x-hprestfulapi-authtoken': new Secret(PLANTED.header) } })),
    await failure(client.post('/license', { LicenseKey: PLANTED.licence })),
    await failure(client.post('/media', { Image: PLANTED.url })),
  ];
  await client[Symbol.asyncDispose]();

  // What was sent is what was meant.
  expect(service.seen.filter(({ path }) => path === account).map(({ method, body, headers }) => [method, body, headers['x-hprestfulapi-authtoken']])).toEqual([
    ['GET', undefined, undefined],
    ['PATCH', { Password: PLANTED.other }, PLANTED.header],
    ['PATCH', { Password: PLANTED.other }, PLANTED.header],
  ]);
  expect(errors.map((error) => (error as { details: { messageId: string } }).details.messageId)).toEqual([
    'Base.1.4.PropertyValueFormatError', 'Base.1.4.PropertyValueFormatError', 'iLO.2.14.InvalidLicenseKey', 'Base.1.4.PropertyValueFormatError',
  ]);
  const frames = transcript.frames.map(({ direction, label, payload }) => `${direction} ${label} ${String(payload)}`);
  expect(frames.slice(0, 6)).toEqual([
    'out GET /redfish/v1/ ',
    expect.stringMatching(/^in 200 for GET \/redfish\/v1\/ \{"@odata\.id"/) as string,
    'out POST /redfish/v1/SessionService/Sessions/ {"UserName":"admin","Password":"******"}',
    expect.stringMatching(/^in 201 for POST \/redfish\/v1\/SessionService\/Sessions\/ \{"Id"/) as string,
    `out GET ${account} `,
    `in 200 for GET ${account} {"UserName":"admin","Password":"******","Oem":{"Hpe":{"License":{"LicenseKey":"******"}}}}`,
  ]);
  const everything = [...frames, ...errors.map((error) => inspect(error, { depth: 9 })), JSON.stringify(errors), inspect(client, { depth: 9, showHidden: true })].join('\n');
  for (const secret of [PLANTED.password, PLANTED.other, PLANTED.licence, PLANTED.header, 'pass-in-url', 'token-1']) expect(everything).not.toContain(secret);
  expect(sessions.open.size).toBe(0);
});

test('the token of a session is in no reply', async () => {
  await using service = await startService(() => ({ body: {}, headers: { 'x-auth-token': 'token-of-somebody' } }));
  await using client = createRedfishClient({ url: service.url });
  expect(JSON.stringify(await client.post('/redfish/v1/SessionService/Sessions/', {}))).not.toContain('token-of-somebody');
});

test.each(['Key', 'AuthenticationKey', 'EncryptionKey', 'LicenseKey', 'LicenceKey', 'SNMPAuthenticationKey'])('the value of %s is seen nowhere', async (name) => {
  const body = { [name]: 'planted-3f9a', Keyboard: 'us', PublicKeyId: 'k1', AuthenticationKeySet: true };
  const reply = { ...body, nested: [{ [name]: 'planted-3f9a' }], Message: 'x' };
  await using service = await startService(table({ 'GET /k': { body: reply }, 'POST /k': { status: 400, body: extendedInfo('Base.1.4.PropertyValueFormatError', ['planted-3f9a', name]) } }));
  const transcript = new TranscriptRecorder();
  await using client = createRedfishClient({ url: service.url, transcript });
  await client.read('/k');
  const error = await failure(client.post('/k', body));
  expect(service.seen.at(-1)?.body).toEqual(body);
  const everything = [...transcript.frames.map(({ payload }) => String(payload)), JSON.stringify(error)].join('\n');
  expect(everything).not.toContain('planted-3f9a');
  expect(everything).toContain('"Keyboard":"us","PublicKeyId":"k1","AuthenticationKeySet":true');
});

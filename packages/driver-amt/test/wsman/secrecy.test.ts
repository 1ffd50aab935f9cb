import { inspect } from 'node:util';
import { formatFrame, Secret, TranscriptRecorder } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { envelope, http, plainAnswer } from './support/answers.js';
import { named, PASSWORD, startDigestDevice } from './support/digest-device.js';
import { makeClient, rejection } from './support/make-client.js';
import { startRawDevice } from './support/raw-device.js';

describe('a transcript', () => {
  test('tells each request and each answer, as text', async () => {
    const transcript = new TranscriptRecorder();
    await using device = await startDigestDevice();
    await using client = makeClient(device, { transcript });
    await client.get('CIM_Card');
    const { frames } = transcript;
    expect(frames.map(({ direction, label, protocol, peer }) => [direction, label, protocol, peer])).toEqual(
      [
        ['out', 'Get CIM_Card, message 1, without login'],
        ['in', 'HTTP 401 to Get CIM_Card'],
        ['out', 'Get CIM_Card, message 1'],
        ['in', 'HTTP 200 to Get CIM_Card'],
      ].map((row) => [...row, 'wsman', `tcp 127.0.0.1:${device.port}`]),
    );
    expect(frames[1]?.payload).toContain('WWW-Authenticate: Digest realm="Digest:F3EB554784E729164447A89F60B641C5"');
    expect(frames[2]?.payload).toMatch(/^POST \/wsman HTTP\/1\.1\r\nAuthorization: Digest \*{6}\r\n\r\n<\?xml .*<\/s:Envelope>$/);
    expect(frames[3]?.payload).toMatch(/^HTTP\/1\.1 200\r\n\r\n<\?xml .*>one<.*<\/a:Envelope>$/);
  });

  test('never shows a response of digest, a password, or a secret in a body', async () => {
    const transcript = new TranscriptRecorder();
    const code = '470815';
    await using device = await startDigestDevice({
      handle: (request, socket) =>
        void socket.write(http(named(request).startsWith('Get') ? envelope(request, '<x><g:RSEPassword xmlns:g="urn:g">Geheim-1</g:RSEPassword><OptInCode>470815</OptInCode></x>') : plainAnswer(request))),
    });
    await using client = makeClient(device, { transcript });
    await client.invoke('IPS_OptInService', 'SendOptInCode', { fields: [{ name: 'OptInCode', value: new Secret(code) }] });
    await client.invoke('IPS_OptInService', 'SendOptInCode', { fields: [{ name: 'OptInCode', value: code }] });
    await client.put('AMT_BootSettingData', { fields: [{ name: 'RSEPassword', value: 'Geheim-1' }, { name: 'UefiBootParametersArray', value: 'Geheim-1' }] });
    await client.invoke('AMT_SetupAndConfigurationService', 'SetMEBxPassword', { fields: [{ name: 'Anything', value: new Secret('Geheim-1') }] });
    expect(device.accepted.filter(({ body }) => body.includes(code))).toHaveLength(2);
    expect(device.accepted.filter(({ body }) => body.includes('Geheim-1'))).toHaveLength(2);
    const shown = transcript.frames.map(formatFrame).join('\n');
    const responses = device.requests.map(({ headers }) => /response="(\w+)"/.exec(headers.get('authorization') ?? '')?.[1] ?? 'none');
    for (const secret of [PASSWORD, code, 'Geheim-1', ...responses.filter((response) => response !== 'none')]) expect(shown).not.toContain(secret);
    expect(shown).toContain('<r:OptInCode>******</r:OptInCode>');
  });
});

describe('errors', () => {
  test('never show the password, nor what was sent, whatever comes back', async () => {
    // Sends back what it was sent: the worst that a device can do.
    await using device = await startRawDevice((request, socket) => {
      const echo = [
        http(request.head, { status: '500 Internal Server Error' }),
        http('', { status: '401 Unauthorized', headers: [`WWW-Authenticate: Digest realm="r", nonce="${request.index}", qop="auth"`] }),
        http(`<a>${request.head}`),
        `${request.head}\r\n\r\n`,
      ];
      socket.write(echo[request.index % echo.length] ?? '');
    });
    await using client = makeClient(device);
    for (let index = 0; index < 6; index += 1) {
      const error = await rejection(client.get('CIM_Card'));
      const shown = `${inspect(error, { depth: null, showHidden: true })} ${JSON.stringify(error)}`;
      expect(shown).not.toContain(PASSWORD);
      expect(shown).not.toMatch(/response="/);
    }
  });

  test('nor does the client when it is looked at', async () => {
    await using client = makeClient({ port: 1 });
    expect(`${inspect(client, { depth: null, showHidden: true })} ${JSON.stringify(client)}`).not.toContain(PASSWORD);
  });
});

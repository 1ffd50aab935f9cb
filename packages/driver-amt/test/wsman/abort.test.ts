import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { CallOptions } from '@ferric/core';
import { createFakeClock } from '@ferric/core/testing';
import type { WsmanClient } from '../../src/client/wsman/index.js';
import { envelope, http, plainAnswer } from './support/answers.js';
import { named, startDigestDevice, unauthorized } from './support/digest-device.js';
import { makeClient, rejection } from './support/make-client.js';
import { type Answer, startRawDevice } from './support/raw-device.js';

const answerTo: Answer = (request, socket) => void socket.write(http(plainAnswer(request)));
const refuse: Answer = (request, socket) => void socket.write(unauthorized(`nonce${request.index}`, 'auth', false));

/** The points at which a call can wait: what the device does with request number 0, 1, 2, ..., and which request is the last that comes. */
const POINTS: Readonly<Record<string, { readonly script: readonly Answer[]; readonly lastRequest: number; readonly call?: (client: WsmanClient, options: CallOptions) => Promise<unknown> }>> = {
  'for the first answer': { script: [() => undefined], lastRequest: 1 },
  'for the rest of a head': { script: [(_request, socket) => void socket.write('HTTP/1.1 401 Unauth')], lastRequest: 1 },
  'for the rest of the page of a 401': { script: [(_request, socket) => void socket.write(unauthorized('n').slice(0, -10))], lastRequest: 1 },
  'for the answer to a request with login': { script: [refuse, () => undefined], lastRequest: 2 },
  'for the rest of a body': { script: [refuse, (request, socket) => void socket.write(http(plainAnswer(request)).slice(0, -10))], lastRequest: 2 },
  'for the rest of a body in chunks': { script: [refuse, (_request, socket) => void socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0220\r\n<?xml')], lastRequest: 2 },
  'for the answer to the question before a change': {
    script: [refuse, () => undefined],
    lastRequest: 2,
    call: async (client, options) => client.invoke('CIM_BootService', 'SetBootConfigRole', undefined, options),
  },
  'for the answer to a change': {
    script: [refuse, answerTo, () => undefined],
    lastRequest: 3,
    call: async (client, options) => client.put('AMT_RedirectionService', { fields: [] }, options),
  },
  'for the answer to Enumerate': { script: [refuse, () => undefined], lastRequest: 2, call: async (client, options) => client.enumerate('CIM_Fan', options) },
};

describe('a caller who leaves while the call waits', () => {
  const reasons: readonly unknown[] = [new Error('I left'), 'a text', { code: 'X' }, 0];

  for (const [point, { script, lastRequest, call = async (client: WsmanClient, options: CallOptions) => client.get('CIM_Card', options) }] of Object.entries(POINTS)) {
    test.each(reasons)(`${point} gets the own reason %j, and the connection ends`, async (reason) => {
      const controller = new AbortController();
      await using device = await startRawDevice((request, socket) => script[request.index]?.(request, socket));
      await using client = makeClient(device);
      const rejected = rejection(call(client, { signal: controller.signal }));
      await device.received(lastRequest);
      controller.abort(reason);
      expect(await rejected).toBe(reason);
      await device.quiet();
      expect(device.requests).toHaveLength(lastRequest);
    });

    test(`${point} and whose time is over gets TIMEOUT`, async () => {
      await using device = await startRawDevice((request, socket) => script[request.index]?.(request, socket));
      const clock = createFakeClock();
      await using client = makeClient(device, { clock });
      const rejected = rejection(call(client, { timeoutMs: 80 }));
      await device.received(lastRequest);
      await clock.advance(80);
      expect(await rejected).toMatchObject({ code: 'TIMEOUT', details: { timeoutMs: 80, step: 'answer', sent: point === 'for the answer to a change' } });
      await device.quiet();
    });

    test(`${point} does not keep the next caller from an answer`, async () => {
      const controller = new AbortController();
      await using device = await startRawDevice((request, socket) => (request.index < lastRequest ? script[request.index]?.(request, socket) : answerTo(request, socket)));
      await using client = makeClient(device);
      const rejected = rejection(call(client, { signal: controller.signal }));
      await device.received(lastRequest);
      const next = client.get('CIM_Chip');
      controller.abort();
      expect(await rejected).toMatchObject({ name: 'AbortError' });
      expect((await next).name).toBe('CIM_Chip');
    });
  }

  test('at any moment of connecting and logging in does not disturb the next call', async () => {
    await using device = await startDigestDevice({ closeWith401: false });
    let left = 0;
    for (let turns = 0; turns < 40; turns += 1) {
      const controller = new AbortController();
      await using client = makeClient(device);
      const first = client.get('CIM_Card', { signal: controller.signal }).then(
        () => undefined,
        (error: unknown) => void (left += error === 'enough' ? 1 : 0),
      );
      for (let turn = 0; turn < turns; turn += 1) await (turn % 2 === 0 ? nextTurn() : Promise.resolve());
      controller.abort('enough');
      expect((await client.get('CIM_Chip')).name).toBe('CIM_Chip');
      await first;
    }
    expect(left).toBeGreaterThan(1);
  });

  test('before anything gets the own reason, and nothing is sent', async () => {
    await using device = await startRawDevice(answerTo);
    await using client = makeClient(device);
    const reason = new Error('I left');
    expect(await rejection(client.get('CIM_Card', { signal: AbortSignal.abort(reason) }))).toBe(reason);
    await nextTurn();
    expect(device.connections).toBe(0);
  });

  test('for the turn gets the own reason at once, and its request is never sent', async () => {
    const controller = new AbortController();
    let first: (() => void) | undefined;
    await using device = await startDigestDevice({
      handle(request, socket) {
        if (named(request) === 'Get CIM_Card') first = () => void socket.write(http(plainAnswer(request)));
        else socket.write(http(plainAnswer(request)));
      },
    });
    await using client = makeClient(device);
    const card = client.get('CIM_Card');
    const chip = rejection(client.get('CIM_Chip', { signal: controller.signal }));
    await device.received(2);
    controller.abort('enough');
    expect(await chip).toBe('enough');
    first?.();
    expect((await card).name).toBe('CIM_Card');
    expect(device.requests.map(named)).not.toContain('Get CIM_Chip');
  });

  test('for its turn until the time is over gets TIMEOUT that says so', async () => {
    await using device = await startRawDevice(() => undefined);
    const clock = createFakeClock();
    await using client = makeClient(device, { clock });
    const first = rejection(client.get('CIM_Card', { timeoutMs: 200 }));
    const second = rejection(client.get('CIM_Chip', { timeoutMs: 30 }));
    await device.received(1);
    await clock.advance(30);
    expect(await second).toMatchObject({ code: 'TIMEOUT', details: { step: 'turn', resource: 'CIM_Chip' } });
    await clock.advance(170);
    expect(await first).toMatchObject({ code: 'TIMEOUT', details: { step: 'answer', resource: 'CIM_Card' } });
  });
});

describe('a call', () => {
  test.each([0, -1, Number.NaN, 86_400_001])('that is given %d ms is refused', async (timeoutMs) => {
    await using device = await startRawDevice(answerTo);
    await using client = makeClient(device);
    expect(await rejection(client.get('CIM_Card', { timeoutMs }))).toMatchObject({ code: 'INVALID_OPTIONS' });
    expect(device.connections).toBe(0);
  });

  test('that cannot be written is refused before anything is sent', async () => {
    await using device = await startRawDevice(answerTo);
    await using client = makeClient(device);
    expect(await rejection(client.invoke('CIM_Card', 'a b'))).toMatchObject({ code: 'INVALID_OPTIONS' });
    expect(await rejection(client.get('Card'))).toMatchObject({ code: 'INVALID_OPTIONS', details: { issues: [{ field: 'resource', received: '"Card"' }] } });
    expect(device.connections).toBe(0);
  });

  test('gets what was made of an instance also from a device that does not send it with Put', async () => {
    await using device = await startDigestDevice({ handle: (request, socket) => void socket.write(http(named(request).startsWith('Put') ? envelope(request, '') : plainAnswer(request))) });
    await using client = makeClient(device);
    expect((await client.put('AMT_RedirectionService', { fields: [] }, { selectors: { Name: 'x' } })).children[0]?.text).toBe('one');
    expect(device.accepted.map(named)).toEqual(['Get AMT_GeneralSettings', 'Put AMT_RedirectionService', 'Get AMT_RedirectionService']);
    expect(device.accepted[2]?.body).toContain('<w:Selector Name="Name">x</w:Selector>');
  });

  test('gets a reference to what was created', async () => {
    const created =
      '<t:ResourceCreated xmlns:t="http://schemas.xmlsoap.org/ws/2004/09/transfer"><b:Address>any</b:Address><b:ReferenceParameters>' +
      '<c:ResourceURI>http://intel.com/wbem/wscim/1/amt-schema/1/AMT_TLSCredentialContext</c:ResourceURI><c:SelectorSet><c:Selector Name="Key">a &amp; b</c:Selector></c:SelectorSet>' +
      '</b:ReferenceParameters></t:ResourceCreated>';
    const bodies = [created, '<t:ResourceCreated xmlns:t="http://schemas.xmlsoap.org/ws/2004/09/transfer"/>'];
    await using device = await startDigestDevice({ handle: (request, socket) => void socket.write(http(named(request).startsWith('Get') ? plainAnswer(request) : envelope(request, bodies.shift() ?? ''))) });
    await using client = makeClient(device);
    expect(await client.create('AMT_TLSCredentialContext', { fields: [] })).toEqual({ resource: 'AMT_TLSCredentialContext', selectors: { Key: 'a & b' } });
    expect(await rejection(client.create('AMT_TLSCredentialContext', { fields: [] }))).toMatchObject({ code: 'PROTOCOL_FAULT' });
    expect(await rejection(client.create('AMT_TLSCredentialContext', { fields: [] }))).toMatchObject({ code: 'PROTOCOL_FAULT', details: { expected: 'ResourceCreated', received: null } });
  });

  test('that wants an element gets none from an empty body', async () => {
    await using device = await startDigestDevice({ handle: (request, socket) => void socket.write(http(envelope(request, ''))) });
    await using client = makeClient(device);
    expect(await rejection(client.get('CIM_Card'))).toMatchObject({ code: 'PROTOCOL_FAULT', retryable: false });
    await client.delete('IPS_AlarmClockOccurrence', { selectors: { InstanceID: 'x' } });
  });
});

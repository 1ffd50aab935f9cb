import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { http, plainAnswer } from './support/answers.js';
import { CHANGE } from './support/change.js';
import { named, startDigestDevice } from './support/digest-device.js';
import { makeClient, rejection } from './support/make-client.js';
import { startRawDevice } from './support/raw-device.js';

const get = 'CIM_Chassis';

describe('connections', () => {
  test('that are closed after each answer are made anew for each request', async () => {
    await using device = await startDigestDevice({ handle: (request, socket) => void socket.end(http(plainAnswer(request), { headers: ['Connection: close'] })) });
    await using client = makeClient(device);
    for (let index = 0; index < 3; index += 1) await client.get(get);
    await client.invoke(...CHANGE);
    expect(device.accepted.map(({ connection }) => connection)).toEqual([1, 2, 3, 4]);
    expect(client.counters.repeats).toBe(0);
  });

  test('that the device closes while nobody asks are no error', async () => {
    const sockets: Socket[] = [];
    await using device = await startDigestDevice({ onConnection: (socket) => void sockets.push(socket) });
    await using client = makeClient(device);
    await client.get(get);
    sockets.at(-1)?.end();
    await device.quiet();
    expect((await client.get(get)).name).toBe(get);
  });

  test('are never more than one, and one request at a time, in the order of the calls', async () => {
    let inFlight = 0;
    let most = 0;
    await using device = await startDigestDevice({
      closeWith401: false,
      async handle(request, socket) {
        inFlight += 1;
        most = Math.max(most, inFlight);
        await new Promise((resolve) => setImmediate(resolve));
        inFlight -= 1;
        socket.write(http(plainAnswer(request)));
      },
    });
    await using client = makeClient(device);
    const classes = ['CIM_Chassis', 'CIM_Card', 'CIM_Chip', 'CIM_BIOSElement', 'AMT_BootCapabilities'];
    const answers = await Promise.all(classes.map(async (name) => client.get(name)));
    expect(answers.map(({ name }) => name)).toEqual(classes);
    expect(device.accepted.map(named)).toEqual(classes.map((name) => `Get ${name}`));
    expect(most).toBe(1);
    expect(device.connections).toBe(1);
  });

  test('are not waited for by more than 32 calls', async () => {
    await using device = await startRawDevice(() => undefined);
    await using client = makeClient(device);
    const calls = Array.from({ length: 34 }, async () => rejection(client.get(get)));
    expect(await calls[33]).toMatchObject({ code: 'BUSY', retryable: true, details: { step: 'turn', sent: false } });
    await client[Symbol.asyncDispose]();
    expect(await calls[32]).toMatchObject({ code: 'ABORTED' });
  });

  test('end with the client, whose calls then reject; disposing twice is the same as once', async () => {
    await using device = await startDigestDevice();
    const client = makeClient(device);
    await client.get(get);
    await Promise.all([client[Symbol.asyncDispose](), client[Symbol.asyncDispose]()]);
    await device.quiet();
    expect(await rejection(client.get(get))).toMatchObject({ code: 'ABORTED' });
  });

  test('are not kept when idleMs is 0', async () => {
    await using device = await startDigestDevice({ closeWith401: false });
    await using client = makeClient(device, { idleMs: 0 });
    await client.get(get);
    await client.get(get);
    expect(device.requests.map(({ connection }) => connection)).toEqual([0, 1, 2]);
    expect(device.requests[0]?.headers.get('connection')).toBe('close');
    await device.quiet();
  });

  test('end by themselves when nobody asks for idleMs', async () => {
    await using device = await startDigestDevice();
    await using client = makeClient(device, { idleMs: 20 });
    await client.get(get);
    await device.quiet();
    expect((await client.get(get)).name).toBe(get);
    // Without the setting it takes four seconds.
  }, 3000);
});

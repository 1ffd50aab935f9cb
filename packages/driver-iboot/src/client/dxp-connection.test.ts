import { createGate } from '@ferric/core';
import { createFakeClock, createFakeConnection } from '@ferric/core/testing';
import { describe, expect, test } from 'vitest';
import { fromHex, GOLDEN, toHex } from '../../test/golden.js';
import { startRawUnit } from '../../test/raw-unit.js';
import { createDxpClient } from './dxp-client.js';
import { FOUR_RELAYS, FOUR_STATES, hangUp, open, rejection } from '../../test/dxp-client-bench.js';

describe('the one connection', () => {
  test('is closed when nobody has needed it for a moment', async () => {
    await using unit = await startRawUnit([GOLDEN.helloAnswer, '00']);
    await using client = open(unit, { idleMs: 30 });
    await client.keepAlive();
    await expect.poll(() => unit.sockets.size).toBe(0);
  });

  test('that the unit has closed is not used for a change', async () => {
    await using unit = await startRawUnit([GOLDEN.helloAnswer, (socket) => void socket.end(fromHex('00'))], [GOLDEN.helloAnswer, '00']);
    await using client = open(unit, { idleMs: 60_000 });
    await client.keepAlive();
    await expect.poll(() => unit.sockets.size).toBe(0);
    await client.setRelay(1, 'on');
    expect(unit.received).toEqual([GOLDEN.hello, GOLDEN.keepAlive, GOLDEN.hello, GOLDEN.relay1On]);
  });

  test('that breaks under a reading is made anew, once', async () => {
    await using unit = await startRawUnit([GOLDEN.helloAnswer, '00', hangUp], [GOLDEN.helloAnswer, FOUR_RELAYS]);
    await using client = open(unit, { idleMs: 60_000 });
    await client.keepAlive();
    expect(await client.readRelays()).toEqual(FOUR_STATES);
    expect(unit.connections).toBe(2);
  });

  test('that breaks under a change is told of; nothing is sent twice', async () => {
    await using unit = await startRawUnit([GOLDEN.helloAnswer, '00', hangUp], [GOLDEN.helloAnswer, '00']);
    await using client = open(unit, { idleMs: 60_000 });
    await client.keepAlive();
    const error = await rejection(client.pulseRelay(1, 'off', 5));
    expect(error).toMatchObject({ code: 'UNREACHABLE', hint: expect.stringContaining('may have acted') });
    expect([unit.connections, unit.received.filter((each) => each.length === 102)]).toEqual([1, [expect.stringMatching(/0700d50401000500$/)]]);
  });

  test('is there once, whoever asks, even when the gate lets several through', async () => {
    await using unit = await startRawUnit([GOLDEN.helloAnswer, '00', '00', '00', '00']);
    await using client = open(unit, { gate: createGate('unit', { concurrency: 4 }) });
    await Promise.all([1, 2, 3, 4].map(() => client.keepAlive()));
    expect([unit.connections, unit.received.length]).toEqual([1, 5]);
  });

  test('goes with the caller who leaves, and the next gets one of its own', async () => {
    await using unit = await startRawUnit([GOLDEN.helloAnswer], [GOLDEN.helloAnswer, '00']);
    await using client = open(unit);
    const caller = new AbortController();
    const call = client.keepAlive({ signal: caller.signal });
    await expect.poll(() => unit.received.length).toBe(2);
    const reason = Symbol('left');
    caller.abort(reason);
    await expect(call).rejects.toBe(reason);
    await client.keepAlive();
    expect(unit.connections).toBe(2);
    await expect.poll(() => unit.sockets.size).toBe(1);
  });

  test('ends with the client, and so do its calls', async () => {
    await using unit = await startRawUnit([GOLDEN.helloAnswer]);
    const client = open(unit);
    const failing = rejection(client.keepAlive());
    await expect.poll(() => unit.received.length).toBe(2);
    await client[Symbol.asyncDispose]();
    expect(await failing).toMatchObject({ code: 'ABORTED' });
    await expect.poll(() => unit.sockets.size).toBe(0);
    await client[Symbol.asyncDispose]();
    expect(await rejection(client.keepAlive())).toMatchObject({ code: 'ABORTED' });
  });

  test('waits for a unit that is slow to take leave, but not for long', async () => {
    const clock = createFakeClock();
    const connections = [createFakeConnection(), createFakeConnection()];
    const opened: number[] = [];
    const client = createDxpClient({
      address: 'unit', username: 'admin', password: 'admin', clock, idleMs: 0,
      openStream: async () => {
        const next = connections[opened.length];
        opened.push(clock.monotonicMs());
        return next?.client ?? expect.fail('a third connection');
      },
    });
    for (const { server } of connections) server.on('data', (chunk: Buffer) => server.write(fromHex(toHex(chunk) === GOLDEN.hello ? GOLDEN.helloAnswer : '00')));
    const first = client.keepAlive();
    await clock.advance(0);
    await clock.advance(0);
    await first;
    const second = client.keepAlive();
    // Its other end does not take leave; it is given 300 ms.
    await clock.advance(299);
    expect(opened).toEqual([0]);
    await clock.advance(1);
    await clock.advance(0);
    await second;
    expect(opened).toEqual([0, 300]);
    for (const connection of connections) connection[Symbol.dispose]();
  });
});

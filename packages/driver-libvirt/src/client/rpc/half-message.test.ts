import { createFakeClock, createFakeConnection, type FakeClock, type FakeConnection } from '@ferric/core/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { failure, packetOf, replyTo, ScriptedDaemon, settle } from '../../../test/scripted-daemon.js';
import { connectionProcedures } from '../wire/procedures/connection.js';
import { storageProcedures } from '../wire/procedures/storage.js';
import { createRpcConnection, type OwnedRpcConnection } from './connection.js';

let wire: FakeConnection;
let daemon: ScriptedDaemon;
let clock: FakeClock;
let connection: OwnedRpcConnection;

beforeEach(() => {
  wire = createFakeConnection();
  daemon = new ScriptedDaemon(wire.server);
  clock = createFakeClock();
  connection = createRpcConnection({ stream: wire.client, peer: 'memory', secure: true }, { clock, address: 'test:1' });
});

afterEach(() => wire[Symbol.dispose]());

const ask = (): Promise<number> => connection.call(connectionProcedures.supportsFeature, { feature: 7 });

describe('a message that stops in the middle', () => {
  it('ends the connection when its rest does not come, although its calls have time left', async () => {
    const result = failure(ask());
    const answer = replyTo(await daemon.next(), (writer) => writer.int32(1));
    daemon.write(answer.subarray(0, 2));
    await settle();
    await clock.advance(2999);
    expect(connection.failure).toBeUndefined();
    await clock.advance(1);
    expect(await result).toMatchObject({ code: 'PROTOCOL_FAULT', message: expect.stringContaining('stopped in the middle'), details: { address: 'test:1' } });
    expect(clock.pendingTimers).toBe(0);
  });

  it('may be slow as long as it goes on', async () => {
    const result = ask();
    const answer = replyTo(await daemon.next(), (writer) => writer.int32(5));
    for (let at = 0; at < answer.length; at += 4) {
      daemon.write(answer.subarray(at, at + 4));
      await settle();
      await clock.advance(2000);
    }
    expect(await result).toBe(5);
    await clock.advance(10_000);
    expect([connection.failure, clock.pendingTimers]).toEqual([undefined, 0]);
  });

  it('may wait for a reader who holds up the connection', async () => {
    const opening = connection.openStream(storageProcedures.volDownload, { volume: { pool: 'default', name: 'disk', key: '/disk' }, offset: 0n, length: 0n, flags: 0 });
    const call = await daemon.next();
    daemon.reply(call);
    const stream = await opening;
    const packet = packetOf(call, 2, Buffer.alloc(1_200_000, 1));
    daemon.write(packet, packet.subarray(0, 100));
    await settle();
    await clock.advance(8000);
    expect(connection.failure).toBeUndefined();
    const reading = stream.incoming[Symbol.asyncIterator]();
    expect((await reading.next()).value).toHaveLength(1_200_000);
    await settle();
    // The rest has its full time from when it was let in again.
    await clock.advance(2000);
    daemon.write(packet.subarray(100));
    expect((await reading.next()).value).toHaveLength(1_200_000);
    expect(connection.failure).toBeUndefined();
  });
});

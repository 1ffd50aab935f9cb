import { createFakeClock } from '@ferric/core/testing';
import { describe, expect, test } from 'vitest';
import { GOLDEN } from '../../test/golden.js';
import { startRawUnit } from '../../test/raw-unit.js';
import { createDxpClient } from './dxp-client.js';
import { FOUR_RELAYS, hangUp, open, rejection } from '../../test/dxp-client-bench.js';

describe('what goes wrong is told apart', () => {
  test('nobody listens', async () => {
    const unit = await startRawUnit([]);
    await unit[Symbol.asyncDispose]();
    await using client = open(unit);
    const error = await rejection(client.readRelays());
    expect(error).toMatchObject({ code: 'UNREACHABLE', retryable: true, details: { address: '127.0.0.1', port: unit.port, step: 'connect' } });
    expect(error.cause).toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('a name that does not exist', async () => {
    await using client = createDxpClient({ address: 'unit.invalid', username: 'admin', password: 'admin' });
    expect(await rejection(client.readRelays())).toMatchObject({ code: 'UNREACHABLE', message: expect.stringMatching(/^unit\.invalid:9100 could not be reached/) });
  });

  test('nobody answers the attempt to connect', async () => {
    const clock = createFakeClock();
    const client = createDxpClient({ address: '192.0.2.7', username: 'admin', password: 'admin', clock, openStream: () => new Promise(() => undefined) });
    const failing = rejection(client.readRelays());
    await clock.advance(5000);
    expect(await failing).toMatchObject({
      code: 'TIMEOUT', message: '192.0.2.7:9100 did not answer within 5000 ms: nobody answers at this address', details: { step: 'connect', timeoutMs: 5000 },
    });
    expect(clock.pendingTimers).toBe(0);
  });

  test.each([
    ['hello', [], 'hello', /one client at a time.*AES/],
    ['a command', [GOLDEN.helloAnswer], 'read relays', /user name or password are wrong.*AES/],
  ])('silence after %s, which its own limit ends', async (_what, script, step, hint) => {
    await using unit = await startRawUnit(script);
    await using client = open(unit, { answerTimeoutMs: 300 });
    const error = await rejection(client.readRelays());
    expect(error).toMatchObject({ code: 'TIMEOUT', details: { address: '127.0.0.1', port: unit.port, step, timeoutMs: 300 } });
    expect(error.hint).toMatch(hint);
    await expect.poll(() => unit.sockets.size).toBe(0);
  });

  test('silence that the deadline of the caller ends says the same', async () => {
    await using unit = await startRawUnit([GOLDEN.helloAnswer]);
    await using client = open(unit);
    const error = await rejection(client.setRelay(2, 'on', { timeoutMs: 500 }));
    expect(error).toMatchObject({ code: 'TIMEOUT', details: { step: 'set relay', timeoutMs: 500 }, message: expect.stringMatching(/^'set relay 2 on' at .*: the command was not answered$/) });
  });

  test('a unit that hangs up on the first command: wrong user name or password, once', async () => {
    await using unit = await startRawUnit([GOLDEN.helloAnswer, hangUp]);
    await using client = open(unit);
    const error = await rejection(client.setRelay(1, 'on'));
    expect(error).toMatchObject({ code: 'AUTH_FAILED', retryable: false, details: { step: 'set relay' }, hint: expect.stringMatching(/AES encryption.*transcript/) });
    expect(unit.connections).toBe(1);
  });

  test('one that has taken them before was lost instead, however often it hangs up', async () => {
    await using unit = await startRawUnit([GOLDEN.helloAnswer, '00'], [GOLDEN.helloAnswer, hangUp], [GOLDEN.helloAnswer, hangUp]);
    await using client = open(unit, { idleMs: 0 });
    await client.keepAlive();
    for (const _time of [1, 2]) {
      expect(await rejection(client.keepAlive())).toMatchObject({ code: 'UNREACHABLE', retryable: true, hint: expect.stringContaining('user name and password') });
    }
  });

  test('a unit that hangs up at once: it may be serving somebody else', async () => {
    await using unit = await startRawUnit([hangUp]);
    await using client = open(unit);
    expect(await rejection(client.keepAlive())).toMatchObject({ code: 'UNREACHABLE', details: { step: 'hello' }, hint: expect.stringContaining('one client at a time') });
  });

  test('a reset', async () => {
    await using unit = await startRawUnit([GOLDEN.helloAnswer, (socket) => void socket.resetAndDestroy()]);
    await using client = open(unit);
    expect(await rejection(client.keepAlive())).toMatchObject({ code: 'UNREACHABLE', details: { step: 'keep alive' }, cause: { cause: { code: 'ECONNRESET' } } });
  });

  test.each([
    ['1b69426f6f743e', /older text protocol/],
    ['485454502f312e3120343030', /web server/],
    ['4f4b0d0a3e', /speaks text/],
    ['00112233445566778899aabbccddeeff', /did not answer hello as DxP does$/],
  ])('something that is no DxP: %s', async (answer, message) => {
    await using unit = await startRawUnit([answer]);
    await using client = open(unit);
    expect(await rejection(client.keepAlive())).toMatchObject({ code: 'PROTOCOL_FAULT', message: expect.stringMatching(message), details: { step: 'hello' } });
    expect(unit.received).toEqual([GOLDEN.hello]);
  });

  test('a text is not sent the password, also when its first two letters come alone', async () => {
    await using unit = await startRawUnit([(socket) => void socket.write('OK', () => setImmediate(() => socket.write('> ')))]);
    await using client = open(unit);
    expect(await rejection(client.keepAlive())).toMatchObject({ code: 'PROTOCOL_FAULT' });
    expect(unit.received).toEqual([GOLDEN.hello]);
  });

  test('a refusal, and how many relays there are', async () => {
    await using unit = await startRawUnit([GOLDEN.helloAnswer, '01', FOUR_RELAYS]);
    await using client = open(unit);
    expect(await rejection(client.setRelay(2, 'on'))).toMatchObject({ code: 'REFUSED', retryable: false, details: { relay: 2, relays: 4, received: 1, step: 'set relay' } });
  });

  test('a relay that the unit does not have', async () => {
    await using unit = await startRawUnit([GOLDEN.helloAnswer, '01', FOUR_RELAYS]);
    await using client = open(unit);
    const error = await rejection(client.pulseRelay(9, 'off', 1));
    expect(error).toMatchObject({ code: 'NOT_FOUND', message: expect.stringContaining('shows 4 relays; there is no relay 9'), details: { relay: 9, relays: 4 } });
  });

  test('a refusal whose reason cannot be found out stays a refusal', async () => {
    await using unit = await startRawUnit([GOLDEN.helloAnswer, '01', hangUp], [hangUp]);
    await using client = open(unit);
    expect(await rejection(client.setRelay(9, 'on'))).toMatchObject({ code: 'REFUSED', details: { relay: 9 } });
  });

  test('a keep alive that fails', async () => {
    await using unit = await startRawUnit([GOLDEN.helloAnswer, '01']);
    await using client = open(unit);
    expect(await rejection(client.keepAlive())).toMatchObject({ code: 'REFUSED' });
  });

  test('an answer of two bytes to a change', async () => {
    await using unit = await startRawUnit([GOLDEN.helloAnswer, '0000']);
    await using client = open(unit);
    expect(await rejection(client.setRelay(1, 'on'))).toMatchObject({ code: 'PROTOCOL_FAULT', details: { received: '2 bytes 0000' } });
  });
});

import { optionIssues, type FaultKind, type PowerChange } from '@ferric/core';
import { createFakeClock } from '@ferric/core/testing';
import { describe, expect, test } from 'vitest';
import { GOLDEN } from '../../test/golden.js';
import { openRawClient } from '../../test/raw-client.js';
import { type IbootUnit, startIbootUnit, startVirtualDevice, type IbootUnitOptions } from './index.js';

// Bytes by hand, from the published layout: nothing here knows the client.

/** A unit that takes the worked packets. */
const start = (options: IbootUnitOptions = {}): Promise<IbootUnit> =>
  startIbootUnit({ username: 'admin', password: 'admin', helloSequence: 1234, ...options });

const on = (unit: IbootUnit): readonly number[] => unit.relays.flatMap(({ power }, index) => (power === 'power on' ? [index + 1] : []));
/** A worked packet with other last bytes. */
const ending = (packet: string, last: string): string => `${packet.slice(0, -last.length)}${last}`;

describe('the unit', () => {
  test('greets, switches, lists, pulses and keeps alive, as the worked packets say', async () => {
    await using unit = await start();
    using client = await openRawClient(unit.port);
    expect(await client.ask(GOLDEN.hello, 2)).toBe(GOLDEN.helloAnswer);
    expect(await client.ask(GOLDEN.relay1On, 1)).toBe('00');
    expect(on(unit)).toEqual([1]);
    expect(await client.ask(GOLDEN.readRelaysSecond, 8)).toBe('0100000000000000');
    expect(await client.ask(GOLDEN.relay1Off.replace('d304', 'd704'), 1)).toBe('00');
    expect(on(unit)).toEqual([]);
    expect(await client.ask(GOLDEN.keepAlive.replace('d304', 'd904'), 1)).toBe('00');
    expect(unit.activity).toMatchObject({ changeCommands: 2, authenticationAttempts: 4, openConnections: 1, servedConnections: 1, mostConcurrentExchanges: 1 });
  });

  test('switches back what it pulses, when its time is over', async () => {
    const clock = createFakeClock();
    await using unit = await startIbootUnit({ username: 'admin', password: 'admin', helloSequence: 1234 }, clock);
    for (const relay of unit.relays) relay.power = 'power on';
    using client = await openRawClient(unit.port);
    await client.ask(GOLDEN.hello, 2);
    expect(await client.ask(GOLDEN.pulse1OffFor5s, 1)).toBe('00');
    expect(on(unit)).not.toContain(1);
    await clock.advance(4999);
    expect(on(unit)).not.toContain(1);
    await clock.advance(1);
    expect(on(unit)).toContain(1);
    expect(clock.pendingTimers).toBe(0);
  });

  test('forgets a pulse when the relay is switched meanwhile', async () => {
    const clock = createFakeClock();
    await using unit = await startIbootUnit({ username: 'admin', password: 'admin', helloSequence: 1234 }, clock);
    using client = await openRawClient(unit.port);
    await client.ask(GOLDEN.hello, 2);
    await client.ask(GOLDEN.pulse1OffFor5s, 1);
    await client.ask(GOLDEN.relay1Off.replace('d304', 'd504'), 1);
    expect(clock.pendingTimers).toBe(0);
    await clock.advance(10_000);
    expect(on(unit)).toEqual([]);
  });

  test('takes hello with a NUL behind it, and requests in pieces or several at once', async () => {
    await using unit = await start();
    using client = await openRawClient(unit.port);
    for (const byte of `${GOLDEN.hello}00`.match(/../g) ?? []) client.send(byte);
    expect(await client.ask('', 2)).toBe(GOLDEN.helloAnswer);
    expect(await client.ask(`${GOLDEN.relay1On}${GOLDEN.readRelaysSecond}`, 9)).toBe('000100000000000000');
  });

  test('counts the numbers of a connection over their end', async () => {
    await using unit = await start({ helloSequence: 65_534 });
    using client = await openRawClient(unit.port);
    expect(await client.ask(GOLDEN.hello, 2)).toBe('feff');
    expect(await client.ask(ending(GOLDEN.keepAlive, 'ffff'), 1)).toBe('00');
    expect(await client.ask(ending(GOLDEN.keepAlive, '0100'), 1)).toBe('00');
  });

  test.each([
    ['a relay that it does not have', '0901'],
    ['relay 0', '0001'],
    ['a state that nobody knows', '0102'],
  ])('refuses %s', async (_what, payload) => {
    await using unit = await start();
    using client = await openRawClient(unit.port);
    await client.ask(GOLDEN.hello, 2);
    expect(await client.ask(ending(GOLDEN.relay1On, payload), 1)).toBe('01');
    expect(on(unit)).toEqual([]);
  });

  test('with another base calls its first relay 0', async () => {
    await using unit = await start({ relayBase: 0, relays: 2 });
    using client = await openRawClient(unit.port);
    await client.ask(GOLDEN.hello, 2);
    expect(await client.ask(ending(GOLDEN.relay1On, '0001'), 1)).toBe('00');
    expect(on(unit)).toEqual([1]);
    expect(await client.ask(GOLDEN.readRelaysSecond, 2)).toBe('0100');
  });

  test.each([
    ['a wrong password', GOLDEN.readRelays.replace('61646d696e', '61646d696f')],
    ['a wrong number', GOLDEN.readRelaysSecond],
    ['a command that it does not know', `03${GOLDEN.readRelays.slice(2, 86)}05${GOLDEN.readRelays.slice(88)}`],
    ['something else altogether', 'ff'.repeat(60)],
  ])('hangs up on %s', async (_what, packet) => {
    await using unit = await start();
    using client = await openRawClient(unit.port);
    await client.ask(GOLDEN.hello, 2);
    client.send(packet);
    await client.ended;
    expect(client.received()).toBe(GOLDEN.helloAnswer);
    expect(on(unit)).toEqual([]);
  });

  test('hangs up on a command before hello', async () => {
    await using unit = await start();
    using client = await openRawClient(unit.port);
    client.send(GOLDEN.relay1On);
    await client.ended;
    expect(on(unit)).toEqual([]);
  });

  test('may be silent instead, and may not look at the number', async () => {
    await using unit = await start({ onWrongCredentials: 'silence', onWrongSequence: 'accept' });
    using client = await openRawClient(unit.port);
    await client.ask(GOLDEN.hello, 2);
    client.send(GOLDEN.readRelays.replace('61646d696e', '61646d696f'));
    expect(await client.ask(GOLDEN.readRelaysSecond, 8)).toBe('0000000000000000');
    unit.behaviour.onWrongSequence = 'silence';
    client.send(GOLDEN.readRelays);
    unit.behaviour.onWrongCredentials = 'close';
    client.send(GOLDEN.readRelays.replace('61646d696e', '61646d696f'));
    await client.ended;
    expect(client.received()).toBe(`${GOLDEN.helloAnswer}0000000000000000`);
  });

  test('serves one client at a time', async () => {
    await using unit = await start();
    const first = await openRawClient(unit.port);
    await first.ask(GOLDEN.hello, 2);
    using second = await openRawClient(unit.port);
    await second.ended;
    expect([second.received(), unit.activity.refusedConnections]).toEqual(['', 1]);
    expect(await first.ask(GOLDEN.keepAlive, 1)).toBe('00');
    first.socket.end();
    await first.ended;
    using third = await openRawClient(unit.port);
    expect(await third.ask(GOLDEN.hello, 2)).toBe(GOLDEN.helloAnswer);
  });

  test('answers byte by byte when it is told to', async () => {
    await using unit = await start({ splitBytesMs: 5 });
    using client = await openRawClient(unit.port);
    const chunks: number[] = [];
    client.socket.on('data', (chunk) => chunks.push(chunk.length));
    await client.ask(GOLDEN.hello, 2);
    expect(await client.ask(GOLDEN.readRelays, 8)).toBe('0000000000000000');
    // Sent whole they would be two.
    expect(chunks.length).toBeGreaterThan(2);
  });

  test('of another kind answers hello with text, or with what nobody can read', async () => {
    await using unit = await start({ mode: 'text' });
    const asked = async (): Promise<string> => {
      using client = await openRawClient(unit.port);
      await client.ask(GOLDEN.hello, 3);
      await expect.poll(() => client.received().length).toBeGreaterThan(6);
      const received = client.received();
      client.socket.end();
      await client.ended;
      return received;
    };
    expect(Buffer.from(await asked(), 'hex').toString('latin1')).toBe('\u001BiBoot>\r\n');
    unit.behaviour.mode = 'encrypted';
    expect(await asked()).toMatch(/^[0-9a-f]{32}$/);
  });

  test('goes off the network and comes back at its port, its relays as they were', async () => {
    await using unit = await start();
    using client = await openRawClient(unit.port);
    await client.ask(GOLDEN.hello, 2);
    await client.ask(GOLDEN.relay1On, 1);
    await unit.unplug();
    await client.ended;
    await expect(openRawClient(unit.port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await unit.plugIn();
    using again = await openRawClient(unit.port);
    await again.ask(GOLDEN.hello, 2);
    expect(await again.ask(GOLDEN.readRelays, 8)).toBe('0100000000000000');
  });

  test('tells what happens, one line each, and never the password', async () => {
    const lines: string[] = [];
    await using unit = await start({ password: 'planted-secret', onLine: (line) => lines.push(line) });
    using client = await openRawClient(unit.port);
    await client.ask(GOLDEN.hello, 2);
    const planted = Buffer.from('planted-secret').toString('hex').padEnd(42, '0');
    await client.ask(`${GOLDEN.relay1On.slice(0, 44)}${planted}${GOLDEN.relay1On.slice(86)}`, 1);
    client.send(GOLDEN.readRelaysSecond);
    await client.ended;
    expect(lines.map((line) => line.replace(/^127\.0\.0\.1:\d+ /, ''))).toEqual(['hello', 'set relay 1 on: done', 'wrong user name or password: the connection is closed']);
    expect(lines.join()).not.toContain('planted');
  });

  test('says when its port is taken', async () => {
    await using unit = await start();
    await expect(start({ port: unit.port })).rejects.toMatchObject({ code: 'CONFLICT', details: { port: unit.port } });
  });

  test.each<[IbootUnitOptions, string]>([
    [{ relays: 0 }, 'relays'],
    [{ relays: 33 }, 'relays'],
    [{ relayBase: 2 as 1 }, 'relayBase'],
    [{ helloSequence: 65_536 }, 'helloSequence'],
    [{ port: -1 }, 'port'],
    [{ password: 'x'.repeat(21) }, 'password'],
    [{ username: 'a\0b' }, 'username'],
  ])('that cannot exist is refused: %j', async (options, field) => {
    const error: unknown = await startIbootUnit(options).catch((reason: unknown) => reason);
    expect(optionIssues(error).map((issue) => issue.field)).toEqual([field]);
  });
});

describe('faults', () => {
  test.each<[FaultKind, string, boolean]>([
    ['close', '', false],
    ['garbage', 'de07ffee2a9903', false],
    ['command failure', '01', false],
    ['wrong state', '00', false],
    ['slow', '00', true],
  ])('%s of a change answers %j', async (kind, answer, isDone) => {
    await using unit = await start();
    using client = await openRawClient(unit.port);
    await client.ask(GOLDEN.hello, 2);
    unit.faults.inject({ kind, times: 1, delayMs: 20 });
    expect(await client.ask(GOLDEN.relay1On, answer.length / 2 + (kind === 'close' ? 1 : 0))).toBe(answer);
    expect(on(unit)).toEqual(isDone ? [1] : []);
    expect(unit.activity.changeCommands).toBe(1);
  });

  test.each<[FaultKind, string]>([['half frame', '00000000'], ['silence', '']])('%s of a list answers %j and no more', async (kind, answer) => {
    await using unit = await start();
    using client = await openRawClient(unit.port);
    await client.ask(GOLDEN.hello, 2);
    unit.faults.inject({ kind, times: 1 });
    client.send(GOLDEN.readRelays);
    // The next answer comes behind what there was of the first.
    expect(await client.ask(GOLDEN.relay1On.replace('d304', 'd504'), answer.length / 2 + 1)).toBe(`${answer}00`);
  });

  test('a reset is one', async () => {
    await using unit = await start();
    using client = await openRawClient(unit.port);
    const failed = new Promise((resolve) => void client.socket.once('error', resolve));
    unit.faults.inject({ kind: 'reset' });
    client.send(GOLDEN.hello);
    expect(await failed).toMatchObject({ code: 'ECONNRESET' });
  });

  test('refuse lets nobody in until it is cleared', async () => {
    await using unit = await start();
    unit.faults.inject({ kind: 'refuse' });
    await expect(openRawClient(unit.port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    unit.faults.clear();
    await expect.poll(async () => openRawClient(unit.port).then((client) => client[Symbol.dispose](), () => 'refused')).toBeUndefined();
  });
});

describe('a machine at a relay', () => {
  test('is described with all that is needed to drive it, and tells of its power', async () => {
    await using unit = await start({ relays: 4, relayBase: 0, name: 'rack' });
    const device = unit.device(3);
    expect(device).toMatchObject({
      name: 'rack-3', hardwareType: 'staging-iboot', state: { power: 'power off' },
      driverInfo: { iboot_address: '127.0.0.1', iboot_port: unit.port, iboot_username: 'admin', iboot_password: 'admin', iboot_relay_id: 3, iboot_relay_base: 0 },
      wrongDriverInfo: { iboot_relay_id: 3, iboot_password: expect.not.stringMatching(/^admin$/) },
    });
    const changes: PowerChange[] = [];
    const watch = device.watchPower?.((change) => changes.push(change));
    using client = await openRawClient(unit.port);
    await client.ask(GOLDEN.hello, 2);
    await client.ask(ending(GOLDEN.relay1On, '0201'), 1);
    device.state.power = 'power off';
    expect(changes).toEqual(['on', 'off']);
    watch?.[Symbol.dispose]();
    await device[Symbol.asyncDispose]();
    expect(await client.ask(GOLDEN.readRelaysSecond, 4)).toBe('00000000');
    expect(() => unit.device(5)).toThrow(/relay must be a whole number from 1 to 4/);
  });

  test('may have a unit of its own, which goes with it', async () => {
    const device = await startVirtualDevice({ relay: 2, name: 'desk' });
    expect(device).toMatchObject({ name: 'desk', driverInfo: { iboot_relay_id: 2 }, unit: { name: 'desk', relays: { length: 8 } } });
    await device[Symbol.asyncDispose]();
    await device[Symbol.asyncDispose]();
    await expect(openRawClient(device.unit.port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await expect(startVirtualDevice({ relay: 9 })).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
  });
});

import type { JsonValue } from '@ferric/core';
import type { Generation } from '@ferric/driver-ilo/simulator';
import { describe, expect, test } from 'vitest';
import { call, CALLS, clean, isFree, manage, step, WORK, type IloOperation, type PowerCommands } from '../support/ilo-operations.js';
import { openIloRoom, type IloRoom } from '../support/ilo-room.js';

type Json = Record<string, JsonValue>;

/** A test takes a second; a machine under load may take a hundred times as long. */
const TIMES = { timeout: 180_000 };

const SHORT_MS = 10_000;
const LONG_MS = 600_000;

/** The outage begins before the operation, or when the iLO was told its first change and could not answer. */
const BEGINNINGS = ['before it', 'with its first change'] as const;
type Beginning = (typeof BEGINNINGS)[number];

interface Case {
  readonly operation: IloOperation;
  readonly generation: Generation;
  readonly beginning: Beginning;
}

function casesOf(operations: readonly IloOperation[]): readonly (readonly [title: string, Case])[] {
  return operations.flatMap((operation) =>
    operation.generations.flatMap((generation) =>
      BEGINNINGS.filter((beginning) => beginning === 'before it' || operation.changes !== false).map(
        (beginning) => [`${operation.name} on ${generation}, away ${beginning}`, { operation, generation, beginning }] as const,
      ),
    ),
  );
}

async function openManaged({ operation, generation }: { readonly operation?: IloOperation; readonly generation: Generation }): Promise<IloRoom> {
  const room = await openIloRoom({ generation, ...operation?.machine });
  await manage(room);
  return room;
}

async function begin(room: IloRoom, beginning: Beginning, forMs: number): Promise<void> {
  if (beginning === 'before it') await room.leave(forMs);
  else room.leaveOnChange(forMs);
}

const POWER_COMMANDS = ['power on', 'power off', 'press power button', 'reset server'] as const;

function powerCommands({ ilo }: IloRoom): PowerCommands {
  return Object.fromEntries(POWER_COMMANDS.flatMap((name) => (ilo.activity.operations[name] === undefined ? [] : [[name, ilo.activity.operations[name]]])));
}

/** One session at a time, and none when the conductor has stopped. */
async function expectNoSessionLeft(room: IloRoom, { sessions = 1 }: Pick<IloOperation, 'sessions'> = {}): Promise<void> {
  await room.back();
  await room.close();
  expect(room.ilo.activity.mostOpenSessions).toBeLessThanOrEqual(sessions);
  expect(room.ilo.activity.openSessions).toBe(0);
}

const matches = (wanted: Json) => (node: Json): boolean => isFree(node) && Object.entries(wanted).every(([name, value]) => node[name] === value);

const heldUp = (node: Json): Json | undefined => (node['driver_internal_info'] as Json)['held_up'] as Json | undefined;

const isLostForGood = ({ operation, generation, beginning }: Case, awayMs: number): boolean =>
  beginning === 'with its first change' && operation.isUnseen?.(generation, awayMs) === true;

describe.concurrent('away for ten seconds: nobody notices', () => {
  const cases = casesOf([...CALLS, ...WORK]);
  test.each(cases.filter(([, each]) => !isLostForGood(each, SHORT_MS)))('%s', TIMES, async (_title, { operation, generation, beginning }) => {
    await using room = await openManaged({ operation, generation });
    await operation.prepare?.(room);
    await begin(room, beginning, SHORT_MS);
    await operation.ask(room);
    await room.until(operation.name, (node) => matches(operation.done)(node) && (operation.isMade?.(room) ?? true));
    expect(await room.node()).toMatchObject({ ...operation.done, last_error: null });
    expect(powerCommands(room)).toEqual(operation.power ?? {});
    await expectNoSessionLeft(room, operation);
  });
});

describe.concurrent('away for ten minutes: work waits and goes on', () => {
  test.each(casesOf(WORK))('%s', TIMES, async (_title, { operation, generation, beginning }) => {
    await using room = await openManaged({ operation, generation });
    await operation.prepare?.(room);
    await begin(room, beginning, LONG_MS);
    await operation.ask(room);
    await room.until(operation.name, (node) => matches(operation.done)(node) && (operation.isMade?.(room) ?? true));
    expect(powerCommands(room)).toEqual(operation.power ?? {});
    expect(heldUp(await room.node())).toBeUndefined();
    await expectNoSessionLeft(room, operation);
  });
});

/** Around the ten minutes that a change of power may take; some of these end after that, and before anybody looks whether the iLO is there. Milliseconds. */
const ABOUT_ITS_DEADLINE = Array.from({ length: 9 }, (_, index) => LONG_MS - 2000 + 1000 * index);

describe.concurrent('away for about as long as a change may take: work goes on', () => {
  test.each(ABOUT_ITS_DEADLINE)('tear down, away for %i ms', TIMES, async (awayMs) => {
    const operation = WORK.find(({ name }) => name === 'tear down');
    expect.assert(operation !== undefined);
    await using room = await openManaged({ operation, generation: 'gen10' });
    await operation.prepare?.(room);
    await begin(room, 'with its first change', awayMs);
    await operation.ask(room);
    await room.until(operation.name, (node) => node['last_error'] !== null || (matches(operation.done)(node) && operation.isMade?.(room) === true));
    expect(await room.node()).toMatchObject(operation.done);
    expect(powerCommands(room)).toEqual(operation.power);
    await expectNoSessionLeft(room, operation);
  });
});

describe.concurrent('away for ten minutes: whoever called is told, and the node is as it was', () => {
  test.each(casesOf(CALLS))('%s', TIMES, async (_title, each) => {
    const { operation, generation, beginning } = each;
    await using room = await openManaged({ operation, generation });
    await operation.prepare?.(room);
    const before = powerCommands(room);
    const { power_state: known } = await room.node();
    await begin(room, beginning, LONG_MS);
    const answered = await operation.ask(room).then(() => undefined, (error: unknown) => String(error));
    const isTold = (node: Json): boolean => answered !== undefined || node['last_error'] !== null || operation.isMade?.(room) === true;
    await room.until('its end', (node) => isFree(node) && node['target_power_state'] === null && isTold(node));
    const ended = await room.node();
    expect(ended).toMatchObject({ provision_state: 'manageable', target_provision_state: null });
    const told = answered ?? ended['last_error'];
    if (beginning === 'before it') {
      expect(told).toMatch(/could not be reached|did not answer|no connection/i);
      expect(powerCommands(room)).toEqual(before);
    }
    // A command that surely never left changed nothing, and the state is known as before.
    const states = beginning === 'before it' ? [null, known] : [null];
    if (operation.done['power_state'] !== undefined && ended['last_error'] !== null) expect(states).toContain(ended['power_state']);

    await room.back();
    const isTrue = (node: Json): boolean => node['power_state'] === (room.ilo.machine.power.isOn ? 'power on' : 'power off');
    await room.until('the truth', (node) => isFree(node) && isTrue(node) && node['maintenance'] === false && node['provision_state'] === 'manageable');
    if (operation.isMade?.(room) !== true) await operation.ask(room);
    await room.until(operation.name, (node) => matches(operation.done)(node) && (operation.isMade?.(room) ?? true));
    expect(powerCommands(room)).toEqual(operation.power ?? {});
    await expectNoSessionLeft(room, operation);
  });
});

describe.concurrent('an iLO that is away', () => {
  test('while its node is enrolled, leaves that as it was, and managing it succeeds later', TIMES, async () => {
    await using room = await openIloRoom({ generation: 'gen10' });
    await room.leave(LONG_MS);
    await call(room, 'PUT', '/states/provision', { target: 'manage' });
    const refused = await room.until('the end of verifying', (node) => isFree(node) && node['provision_state'] === 'enroll' && node['last_error'] !== null);
    expect(refused['last_error']).toMatch(/Failed to get power state.* [Tt]ry|Check ilo_address/);
    await room.back();
    await manage(room);
    expect(room.ilo.activity.changeCommands).toBe(0);
    await expectNoSessionLeft(room);
  });

  test('and whom nobody asks for anything, is noticed by power sync, and taken back by it', TIMES, async () => {
    await using room = await openManaged({ generation: 'gen9' });
    await room.leave(LONG_MS);
    const given = await room.until('maintenance', (node) => node['maintenance'] === true);
    expect(given).toMatchObject({ fault: 'power failure', provision_state: 'manageable' });
    room.ilo.machine.power.put(true);
    await room.until('the truth', (node) => node['maintenance'] === false && node['power_state'] === 'power on');
    expect(room.ilo.activity.changeCommands).toBe(0);
    await expectNoSessionLeft(room);
  });

  test.each(['gen8', 'gen9'] as const)('with the answer to a restart (%s) for long: it is told that nobody knows, and not restarted again', TIMES, async (generation) => {
    const operation = CALLS.find(({ name }) => name === 'rebooting');
    expect.assert(operation !== undefined);
    await using room = await openManaged({ operation, generation });
    await operation.prepare?.(room);
    room.leaveOnChange(generation === 'gen8' ? SHORT_MS : LONG_MS);
    await operation.ask(room);
    const ended = await room.until('its end', (node) => isFree(node) && node['target_power_state'] === null && node['last_error'] !== null);
    expect(ended).toMatchObject({ provision_state: 'manageable', last_error: expect.stringContaining('rebooting') as string });
    await room.back();
    await room.until('the truth', (node) => isFree(node) && node['power_state'] === 'power on' && node['maintenance'] === false);
    expect(powerCommands(room)).toEqual(operation.power);
    await expectNoSessionLeft(room);
  });

  test('is waited for as long as the operator wants, and no longer', TIMES, async () => {
    await using room = await openIloRoom({ generation: 'gen10' }, { outagePatienceMs: 120_000 });
    await manage(room);
    await room.leave(240_000);
    await clean([step('reset_bios_to_default')])(room);
    const held = await room.until('being held up', (node) => heldUp(node) !== undefined);
    expect(held).toMatchObject({ provision_state: 'cleaning', last_error: null });
    expect(heldUp(held)).toMatchObject({
      what: 'clean step management.reset_bios_to_default', waiting_for: 'its controller to answer', reason: expect.stringContaining('127.0.0.1') as string,
    });
    const failed = await room.until('its failure', (node) => isFree(node) && node['provision_state'] === 'clean failed');
    expect(failed).toMatchObject({ fault: 'clean failure', last_error: expect.stringMatching(/The controller did not answer for 1[2-9]\d s/) as string });
    expect(heldUp(failed)).toBeUndefined();
    const told = (await room.running.timeline(room.uuid)).filter(({ message }) => String(message).includes('is held up until its controller answers'));
    expect(told.length).toBeGreaterThan(2);
    expect(room.ilo.activity.changeCommands).toBe(0);
    await expectNoSessionLeft(room);
  });

  test('is waited for until somebody aborts that', TIMES, async () => {
    await using room = await openManaged({ generation: 'gen10' });
    await room.leave(240_000);
    await clean([step('reset_bios_to_default')])(room);
    await expect(call(room, 'PUT', '/states/provision', { target: 'abort' })).rejects.toThrow('answered 4');
    await room.until('being held up', (node) => heldUp(node) !== undefined);
    await call(room, 'PUT', '/states/provision', { target: 'abort' });
    const failed = await room.until('its end', (node) => isFree(node) && node['provision_state'] === 'clean failed');
    expect(failed['last_error']).toContain('By request, it was aborted while its controller did not answer');
    // As after an abort in `clean wait`.
    expect(failed).toMatchObject({ maintenance: false, fault: null });
    expect(heldUp(failed)).toBeUndefined();
    expect(room.ilo.activity.changeCommands).toBe(0);
    await expectNoSessionLeft(room);
  });

  test('is waited for by the next start of a conductor that stops meanwhile, no longer than before', TIMES, async () => {
    await using room = await openManaged({ generation: 'gen10' });
    await room.leave(LONG_MS);
    await clean([step('reset_bios_to_default')])(room);
    const before = heldUp(await room.until('being held up', (node) => heldUp(node) !== undefined));
    await room.restart();
    const told = async (): Promise<number> => (await room.running.timeline(room.uuid)).filter(({ message }) => String(message).includes('is held up')).length;
    const earlier = await told();
    await expect.poll(told, { timeout: 90_000 }).toBeGreaterThan(earlier);
    expect(heldUp(await room.node())).toEqual(before);
    await room.until('the end', (node) => isFree(node) && node['provision_state'] === 'manageable');
    expect(room.ilo.activity.operations['set bios']).toBe(1);
    // Nobody can log out of an iLO that is away: the session of the conductor that stopped ends by its own time.
    await room.close();
    expect(room.ilo.activity.openSessions).toBe(1);
  });
});

import { createFakeClock, type FakeClock } from '@ferric/core/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { domain, lifecycleEvents, RawClient, text, u32, Values } from '../../test/simulator/raw-client.js';
import type { VirtualDomain } from './virtual-domain.js';
import { startVirtualHypervisor, type VirtualHypervisor } from './virtual-hypervisor.js';

// What machines do, and what the daemon tells of it: numbers and their order as recorded from libvirtd 9.0.0 with QEMU 7.2.

const SHUTDOWN_MS = 500;
const CALL = {
  create: 9, destroy: 12, reboot: 27, resume: 28, shutdown: 33, suspend: 34, createWithFlags: 196, nmi: 210, destroyFlags: 234, reset: 245, shutdownFlags: 258,
  wake: 267,
};

let hypervisor: VirtualHypervisor;
let client: RawClient;
let clock: FakeClock;
let machine: VirtualDomain;
let vm: string;

beforeEach(async () => {
  clock = createFakeClock();
  hypervisor = await startVirtualHypervisor({ clock, domains: [{ name: 'vm' }, { name: 'other' }], guests: { shutdownMs: SHUTDOWN_MS } });
  client = await RawClient.open(hypervisor);
  machine = hypervisor.domain('vm');
  vm = domain('vm', machine.uuid);
  // Everything about lifecycles, and about reboots.
  for (const eventId of [0, 1]) await client.read(316, u32(eventId) + u32(0), (values) => values.int());
});

afterEach(async () => {
  client[Symbol.dispose]();
  await hypervisor[Symbol.asyncDispose]();
});

/** Procedures that take flags behind the domain. */
const WITH_FLAGS: ReadonlySet<number> = new Set([CALL.reboot, CALL.createWithFlags, CALL.nmi, CALL.destroyFlags, CALL.reset, CALL.shutdownFlags, CALL.wake]);
const argumentsOf = (procedure: number, flags = 0): string => vm + (WITH_FLAGS.has(procedure) ? u32(flags) : '');
const act = async (procedure: number, flags = 0): Promise<number> => (await client.call(procedure, argumentsOf(procedure, flags))).status;
const state = async (): Promise<number[]> => client.read(212, vm + u32(0), (values) => [values.int(), values.int()]);
const events = (): (readonly (string | number)[])[] => lifecycleEvents(client.messages).map(([, id, event, detail]) => [id, event, detail]);
const reboots = (): number => client.messages.filter(({ procedure }) => procedure === 319).length;

describe('power', () => {
  test('on, and off by its plug', async () => {
    expect(await state()).toEqual([5, 0]);
    expect(await act(CALL.create)).toBe(0);
    expect(await state()).toEqual([1, 1]);
    expect([machine.machine.power, machine.id, machine.received.starts]).toEqual(['power on', 1, 1]);
    expect(await act(CALL.destroy)).toBe(0);
    expect(await state()).toEqual([5, 2]);
    expect([machine.machine.power, machine.id]).toEqual(['power off', -1]);
    expect(events()).toEqual([[1, 4, 0], [1, 2, 0], [1, 6, 2], [-1, 5, 1]]);
  });

  test('events come before the answer of the call that caused them', async () => {
    await act(CALL.create);
    expect(client.order.slice(-3).map(({ type, procedure }) => [type, procedure])).toEqual([[2, 318], [2, 318], [1, 9]]);
  });

  test('every start has another number', async () => {
    const id = async (): Promise<number> => client.read(CALL.createWithFlags, argumentsOf(CALL.createWithFlags), (values) => values.domain().id);
    expect(await id()).toBe(1);
    await act(CALL.destroyFlags, 1);
    expect(await id()).toBe(2);
    expect(await client.read(22, u32(2), (values) => values.domain().name)).toBe('vm');
    expect(await client.fail(22, u32(1))).toEqual({ code: 42, domain: 10, message: 'Domain not found: no domain with matching id 1' });
  });

  test('started paused', async () => {
    await act(CALL.createWithFlags, 1);
    expect(await state()).toEqual([3, 1]);
    await act(CALL.resume);
    expect(await state()).toEqual([1, 5]);
    expect(events()).toEqual([[1, 2, 0], [1, 3, 0], [1, 4, 0]]);
  });

  test('paused, as often as one likes, and resumed once', async () => {
    await act(CALL.create);
    for (const _time of [1, 2]) expect(await act(CALL.suspend)).toBe(0);
    expect(await state()).toEqual([3, 1]);
    expect(await act(CALL.resume)).toBe(0);
    expect(await client.fail(CALL.resume, vm)).toEqual({
      code: 55, domain: 10, message: 'Requested operation is not valid: domain is already running',
    });
    expect(events().slice(2)).toEqual([[1, 3, 0], [1, 4, 0]]);
  });

  test('a second start is refused', async () => {
    await act(CALL.create);
    expect(await client.fail(CALL.create, vm)).toEqual({
      code: 55, domain: 10, message: 'Requested operation is not valid: domain is already running',
    });
  });

  test.each([
    [CALL.destroy, 20], [CALL.destroyFlags, 20], [CALL.shutdown, 10], [CALL.shutdownFlags, 10], [CALL.reboot, 20], [CALL.reset, 20], [CALL.suspend, 20],
    [CALL.resume, 20], [CALL.nmi, 20],
  ])('procedure %d is refused when it is off', async (procedure, errorDomain) => {
    expect(await client.fail(procedure, argumentsOf(procedure))).toEqual({
      code: 55, domain: errorDomain, message: 'Requested operation is not valid: domain is not running',
    });
    expect(events()).toEqual([]);
  });

  test('a domain that does not exist', async () => {
    const missing = domain('gone', '11111111-2222-3333-4444-555555555501');
    const message = "Domain not found: no domain with matching uuid '11111111-2222-3333-4444-555555555501' (gone)";
    expect(await client.fail(CALL.create, missing)).toEqual({ code: 42, domain: 10, message });
    expect(await client.fail(23, text('gone'))).toMatchObject({ code: 42, message: "Domain not found: no domain with matching name 'gone'" });
    expect(await client.fail(24, '11111111222233334444555555555501')).toMatchObject({ code: 42 });
  });

  test.each([
    [CALL.reboot, 64, 'unsupported flags (0x40) in function qemuDomainReboot'],
    [CALL.createWithFlags, 1 << 20, 'unsupported flags (0x100000) in function qemuDomainCreateWithFlags'],
    [CALL.reset, 1, 'unsupported flags (0x1) in function qemuDomainReset'],
  ])('procedure %d with flags that nobody knows', async (procedure, flags, message) => {
    expect(await client.fail(procedure, argumentsOf(procedure, flags))).toEqual({ code: 8, domain: 10, message });
  });

  test('the domain is found by uuid alone', async () => {
    await client.call(CALL.create, domain('any name', machine.uuid, 4711));
    expect(machine.machine.power).toBe('power on');
  });
});

describe('the power button', () => {
  beforeEach(() => act(CALL.create));

  test('switches a system off that obeys, a little later', async () => {
    expect(await act(CALL.shutdown)).toBe(0);
    expect(await state()).toEqual([1, 1]);
    await clock.advance(SHUTDOWN_MS - 1);
    expect(await state()).toEqual([1, 1]);
    await clock.advance(1);
    expect(await state()).toEqual([5, 1]);
    expect(events().slice(2)).toEqual([[1, 6, 1], [1, 5, 0]]);
  });

  test('does nothing to a system that does not listen', async () => {
    machine.behaviour.obeysAcpi = false;
    expect(await act(CALL.shutdownFlags, 1)).toBe(0);
    expect(await act(CALL.reboot, 1)).toBe(0);
    await clock.advance(60_000);
    expect(await state()).toEqual([1, 1]);
    expect([machine.received.powerButtons, reboots()]).toEqual([2, 0]);
  });

  test('reboots it', async () => {
    await act(CALL.reboot);
    await clock.advance(SHUTDOWN_MS);
    await client.until(() => reboots() === 1);
    expect(await state()).toEqual([1, 1]);
    expect([machine.received.reboots, machine.received.starts]).toEqual([1, 1]);
  });

  test('pressed twice is pressed once', async () => {
    await act(CALL.shutdown);
    await act(CALL.reboot);
    await clock.advance(SHUTDOWN_MS);
    expect(await state()).toEqual([5, 1]);
    await clock.advance(SHUTDOWN_MS);
    expect(reboots()).toBe(0);
  });

  test('is forgotten when the plug is pulled', async () => {
    for (const _time of [1, 2]) await act(CALL.shutdown);
    await act(CALL.destroy);
    await act(CALL.create);
    await clock.advance(60_000);
    expect(await state()).toEqual([1, 1]);
    expect(clock.pendingTimers).toBe(0);
  });

  test('cannot be heard by a paused machine, nor by an agent that is not there', async () => {
    await act(CALL.suspend);
    expect(await client.fail(CALL.shutdown, vm)).toEqual({ code: 55, domain: 10, message: 'Requested operation is not valid: domain is not running' });
    expect(await client.fail(CALL.shutdownFlags, vm + u32(2))).toEqual({
      code: 74, domain: 10, message: 'argument unsupported: QEMU guest agent is not configured',
    });
  });
});

describe('the reset button', () => {
  beforeEach(() => act(CALL.create));

  test('begins anew with what was started', async () => {
    machine.machine.bootDevice = { device: 'cdrom', persistent: true };
    expect([machine.bootOrder[0], machine.bootedFrom?.[0]]).toEqual(['cdrom', 'hd']);
    expect(await act(CALL.reset)).toBe(0);
    expect([machine.bootedFrom?.[0], machine.received.resets, machine.received.reboots, reboots()]).toEqual(['hd', 1, 1, 1]);
    await act(CALL.destroy);
    await act(CALL.create);
    expect(machine.bootedFrom?.[0]).toBe('cdrom');
  });

  test('works on a paused machine, which stays so', async () => {
    await act(CALL.suspend);
    await act(CALL.reset);
    expect(await state()).toEqual([3, 1]);
    expect(reboots()).toBe(1);
  });
});

test('a machine that is destroyed by its reboot stops', async () => {
  const stopping = hypervisor.define(machine.definition.replace('<on_reboot>restart', '<on_reboot>destroy'));
  expect(stopping.uuid).toBe(machine.uuid);
  await act(CALL.create);
  await act(CALL.reset);
  expect(await state()).toEqual([5, 1]);
  expect(events().slice(-2)).toEqual([[1, 6, 2], [1, 5, 0]]);
});

describe('what happens inside', () => {
  beforeEach(() => act(CALL.create));

  test.each([
    ['shut down', [5, 1], [[1, 6, 1], [1, 5, 0]]],
    ['stop on an I/O error', [3, 5], [[1, 3, 2]]],
    ['go to sleep', [7, 0], [[1, 7, 0]]],
    ['crash', [5, 3], [[1, 8, 0], [-1, 5, 2]]],
    ['wake up', [1, 1], []],
  ] as const)('%s', async (deed, expected, told) => {
    machine.act(deed);
    expect(await state()).toEqual(expected);
    expect(events().slice(2)).toEqual(told);
  });

  test('a crash that is kept, and one that restarts', async () => {
    for (const [action, expected] of [['preserve', [6, 1]], ['restart', [1, 1]]] as const) {
      await act(CALL.destroy);
      hypervisor.define(machine.definition.replace(/<on_crash>.*<\/on_crash>/, `<on_crash>${action}</on_crash>`));
      await act(CALL.create);
      machine.act('crash');
      expect(await state()).toEqual(expected);
      expect(machine.machine.power).toBe('power on');
    }
    expect(reboots()).toBe(1);
  });

  test('sleep ends by a call too', async () => {
    expect(await client.fail(CALL.wake, vm + u32(0))).toMatchObject({ code: 1, domain: 10 });
    machine.act('go to sleep');
    expect(await client.fail(CALL.resume, vm)).toMatchObject({ code: 55, message: 'Requested operation is not valid: domain is pmsuspended' });
    expect(await act(CALL.wake)).toBe(0);
    expect(await state()).toEqual([1, 8]);
    expect(events().at(-1)).toEqual([1, 2, 5]);
  });

  test('what reaches it is counted', async () => {
    await act(CALL.nmi);
    await client.call(226, `${vm}${u32(0)}${u32(50)}${u32(2)}${u32(30)}${u32(48)}${u32(0)}`);
    expect([machine.received.nonMaskableInterrupts, machine.received.keys]).toEqual([1, [[30, 48]]]);
    expect(events()).toHaveLength(2);
  });

  test('its processors work', async () => {
    await clock.advance(10_000);
    const info = await client.read(16, vm, (values) => [values.int(), values.big(), values.big(), values.int(), values.big()]);
    expect(info).toEqual([1, 1_048_576n, 1_048_576n, 2, 1_000_000_000n]);
  });
});

describe('who listens', () => {
  test('to one domain hears of that one, until he stops', async () => {
    using other = await RawClient.open(hypervisor);
    const otherUuid = await other.uuidOf('other');
    const callback = await other.read(316, u32(0) + u32(1) + domain('other', otherUuid), (values) => values.int());
    await act(CALL.create);
    await client.call(CALL.create, domain('other', otherUuid));
    await other.until(() => other.messages.length === 2);
    expect(lifecycleEvents(other.messages).map(([name]) => name)).toEqual(['other', 'other']);
    expect(new Values(other.messages[0]?.payload ?? Buffer.alloc(4)).int()).toBe(callback);
    expect((await other.call(317, u32(callback))).status).toBe(0);
    await client.call(CALL.destroy, domain('other', otherUuid));
    await other.read(3, '', (values) => values.text());
    expect(other.messages).toHaveLength(2);
  });

  test('gets a number that no other client has, and can give only his own back', async () => {
    using other = await RawClient.open(hypervisor);
    const register = async (who: RawClient): Promise<number> => who.read(316, u32(0) + u32(0), (values) => values.int());
    const numbers = [await register(client), await register(other), await register(client)];
    expect(new Set(numbers).size).toBe(3);
    expect(await other.fail(317, u32(numbers[0] ?? 0))).toEqual({
      code: 1, domain: 7, message: `internal error: domain event callback ${numbers[0]} not registered`,
    });
  });

  test('to something that does not exist is told so', async () => {
    expect(await client.fail(316, u32(99) + u32(0))).toEqual({ code: 1, domain: 7, message: 'internal error: unsupported event ID 99' });
    expect(await client.fail(316, u32(0) + u32(1) + domain('gone', '11111111-2222-3333-4444-555555555501'))).toMatchObject({ code: 42 });
  });

  test('and leaves is forgotten', async () => {
    const other = await RawClient.open(hypervisor);
    await other.read(316, u32(0) + u32(0), (values) => values.int());
    other.socket.resetAndDestroy();
    await expect.poll(() => hypervisor.activity.openConnections).toBe(1);
    expect(await act(CALL.create)).toBe(0);
    expect(events()).toHaveLength(2);
  });

  test('hears what a person at the machine does', async () => {
    machine.machine.power = 'power on';
    machine.machine.power = 'power on';
    machine.machine.power = 'power off';
    await client.until(() => events().length === 4);
    expect(await state()).toEqual([5, 2]);
  });
});

test('a machine that shall not outlive its client', async () => {
  const other = await RawClient.open(hypervisor);
  await other.call(CALL.createWithFlags, vm + u32(2));
  expect(await state()).toEqual([1, 1]);
  other[Symbol.dispose]();
  await client.until(() => events().length === 4);
  expect(await state()).toEqual([5, 2]);
});

test('after a restart of the daemon machines run on, and nobody knows why the others are off', async () => {
  await act(CALL.create);
  const other = hypervisor.domain('other');
  other.machine.power = 'power on';
  other.machine.power = 'power off';
  expect(other.reason).toBe(2);
  const restarted = hypervisor.restart();
  await client.ended;
  await restarted;
  using again = await RawClient.open(hypervisor);
  expect([machine.state, other.state, other.reason]).toEqual(['running', 'shut off', 0]);
  expect(await again.read(212, vm + u32(0), (values) => values.int())).toBe(1);
});

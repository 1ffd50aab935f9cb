import type { PowerChange } from '@ferric/core';
import { createFakeClock } from '@ferric/core/testing';
import { describe, expect, test } from 'vitest';
import { type AmtDevice, type AmtDeviceOptions, POWER_STATE, startAmtDevice } from '../../src/simulator/index.js';
import { callDevice, type Caller } from './support/caller.js';
import { reference } from './support/envelopes.js';

const SYSTEM = reference('CIM_ComputerSystem', { CreationClassName: 'CIM_ComputerSystem', Name: 'ManagedSystem' });

/** ReturnValue of a request. */
async function request(caller: Caller, state: number, element = SYSTEM): Promise<string | undefined> {
  const input = `<r:PowerState>${state}</r:PowerState><r:ManagedElement>${element}</r:ManagedElement>`;
  return (await caller.invoke('CIM_PowerManagementService', 'RequestPowerStateChange', input)).text('ReturnValue');
}

async function read(caller: Caller): Promise<readonly [state: string | undefined, available: readonly string[]]> {
  const answer = await caller.get('CIM_AssociatedPowerManagementService');
  return [answer.text('PowerState'), answer.texts('AvailableRequestedPowerStates')];
}

async function save(caller: Caller, state: number): Promise<string | undefined> {
  const input = `<r:OSPowerSavingState>${state}</r:OSPowerSavingState><r:ManagedElement>${SYSTEM}</r:ManagedElement>`;
  return (await caller.invoke('IPS_PowerManagementService', 'RequestOSPowerSavingStateChange', input)).text('ReturnValue');
}

async function running(options: AmtDeviceOptions = {}): Promise<AmtDevice> {
  const device = await startAmtDevice(options);
  device.machine.power.state = POWER_STATE.on;
  return device;
}

describe('requests', () => {
  test.each<[from: number, request: number, to: number]>([
    [8, 2, 2], [7, 2, 2], [4, 2, 2], [3, 2, 2], [2, 4, 4], [2, 7, 7], [2, 8, 8], [2, 12, 8], [2, 5, 2], [2, 10, 2], [2, 14, 2], [2, 11, 2],
  ])('from %i, %i leads to %i', async (from, wanted, to) => {
    await using device = await startAmtDevice();
    device.machine.power.state = from;
    using caller = callDevice(device);
    expect(await request(caller, wanted)).toBe('0');
    expect((await read(caller))[0]).toBe(String(to));
    expect(device.activity.operations.get('Invoke CIM_PowerManagementService.RequestPowerStateChange')).toBe(1);
  });

  test.each<[from: number, requests: readonly number[]]>([
    [2, [2, 3, 6, 9, 13, 15, 16, 99]],
    [8, [4, 5, 7, 8, 10, 11, 12, 14]],
    [4, [5, 8, 10]],
    [7, [8]],
  ])('from %i these are refused with ReturnValue 2: %j', async (from, requests) => {
    await using device = await startAmtDevice();
    device.machine.power.state = from;
    using caller = callDevice(device);
    for (const wanted of requests) expect([wanted, await request(caller, wanted)]).toEqual([wanted, '2']);
    expect((await read(caller))[0]).toBe(String(from));
  });

  test('say what may be asked for now, as far as the generation knows and the system helps', async () => {
    await using device = await running();
    using caller = callDevice(device);
    expect(await read(caller)).toEqual(['2', ['10', '8', '5', '11', '4', '7', '14', '12']]);
    device.machine.power.behaviour.hasLocalService = false;
    expect(await read(caller)).toEqual(['2', ['10', '8', '5', '11']]);
    expect(await request(caller, 12)).toBe('2');
    device.machine.power.state = POWER_STATE.offSoft;
    expect(await read(caller)).toEqual(['8', ['2']]);
    await using old = await running({ generation: 6 });
    using oldCaller = callDevice(old);
    expect(await read(oldCaller)).toEqual(['2', []]);
    expect([await request(oldCaller, 12), await request(oldCaller, 10)]).toEqual(['2', '0']);
  });

  test('need the right machine', async () => {
    await using device = await running();
    using caller = callDevice(device);
    expect(await request(caller, 8, reference('CIM_ComputerSystem', { Name: 'Another' }))).toBe('5');
    expect(await request(caller, 8, reference('CIM_Chassis', { Tag: 'CIM_Chassis' }))).toBe('5');
    // A retired driver of Ironic named it by this selector alone.
    expect(await request(caller, 8, reference('CIM_ComputerSystem', { Name: 'ManagedSystem' }))).toBe('0');
  });

  test('that cut power are refused while a redirection session is open', async () => {
    await using device = await running();
    using caller = callDevice(device);
    device.machine.power.hasRedirectionSession = true;
    expect([await request(caller, 8), await request(caller, 5), await request(caller, 12), await request(caller, 10)]).toEqual(['2', '2', '2', '0']);
    device.machine.power.hasRedirectionSession = false;
    expect(await request(caller, 8)).toBe('0');
  });

  test('may switch on what is on, where firmware takes it', async () => {
    await using device = await running();
    using caller = callDevice(device);
    device.machine.power.behaviour.acceptsOnWhenOn = true;
    const boots = device.machine.boot.history.length;
    expect(await request(caller, 2)).toBe('0');
    expect(device.machine.boot.history).toHaveLength(boots);
  });

  test('that come too soon are answered with 4099', async () => {
    const clock = createFakeClock();
    await using device = await startAmtDevice({}, clock);
    device.machine.power.behaviour.minimumIntervalMs = 10_000;
    using caller = callDevice(device);
    expect(await request(caller, 2)).toBe('0');
    expect(await request(caller, 10)).toBe('4099');
    await clock.advance(10_000);
    expect(await request(caller, 10)).toBe('0');
  });
});

describe('the machine', () => {
  test('shows transient states while a change takes its time, and takes no request meanwhile', async () => {
    const clock = createFakeClock();
    await using device = await startAmtDevice({}, clock);
    device.machine.power.behaviour.transitionMs = 3000;
    using caller = callDevice(device);
    await request(caller, 2);
    expect((await read(caller))[0]).toBe('8');
    await clock.advance(3000);
    expect((await read(caller))[0]).toBe('2');
    for (const [wanted, transient] of [[5, '5'], [10, '10']] as const) {
      await request(caller, wanted);
      expect(await read(caller)).toEqual([transient, []]);
      expect(await request(caller, 8)).toBe('2');
      await clock.advance(3000);
      expect((await read(caller))[0]).toBe('2');
    }
    expect(device.machine.boot.history).toHaveLength(3);
  });

  test('goes when its system likes to, or not at all', async () => {
    const clock = createFakeClock();
    await using device = await startAmtDevice({}, clock);
    device.machine.power.state = POWER_STATE.on;
    device.machine.power.behaviour.shutdownMs = 20_000;
    using caller = callDevice(device);
    await request(caller, 12);
    expect((await read(caller))[0]).toBe('2');
    await clock.advance(20_000);
    expect((await read(caller))[0]).toBe('8');
    device.machine.power.state = POWER_STATE.on;
    device.machine.power.behaviour.ignoresSystemRequests = true;
    expect(await request(caller, 12)).toBe('0');
    await clock.advance(60_000);
    expect((await read(caller))[0]).toBe('2');
  });

  test('may go off instead of hibernating, and stay on instead of sleeping', async () => {
    await using device = await running();
    using caller = callDevice(device);
    Object.assign(device.machine.power.behaviour, { hibernatesTo: 8, sleepsTo: 2 });
    await request(caller, 4);
    expect((await read(caller))[0]).toBe('2');
    await request(caller, 7);
    expect((await read(caller))[0]).toBe('8');
  });

  test('in connected standby stays 2, and wakes by another call', async () => {
    await using device = await running();
    device.machine.power.behaviour.hasConnectedStandby = true;
    using caller = callDevice(device);
    const saving = async (): Promise<string | undefined> => (await caller.get('IPS_PowerManagementService')).text('OSPowerSavingState');
    expect(await read(caller)).toEqual(['2', ['10', '8', '5', '11', '7', '14', '12']]);
    expect(await save(caller, 3)).toBe('0');
    expect([(await read(caller))[0], await saving()]).toEqual(['2', '3']);
    expect(await save(caller, 2)).toBe('0');
    expect(await saving()).toBe('2');
    expect(await save(caller, 9)).toBe('5');
    device.machine.power.state = POWER_STATE.offSoft;
    expect([await save(caller, 2), await saving()]).toEqual(['2', '0']);
  });

  test('without connected standby cannot go there; before 11 there is no such class', async () => {
    await using device = await running();
    using caller = callDevice(device);
    expect([await save(caller, 3), await save(caller, 2)]).toEqual(['2', '0']);
    await using old = await running({ generation: 9 });
    using oldCaller = callDevice(old);
    expect((await oldCaller.get('IPS_PowerManagementService')).fault).toBe('DestinationUnreachable');
  });

  test('tells those who watch, and starts again only when it was off or reset', async () => {
    await using device = await startAmtDevice();
    using caller = callDevice(device);
    const changes: PowerChange[] = [];
    device.machine.power.power.watch((change) => changes.push(change));
    for (const wanted of [2, 4, 2, 10, 14, 5, 7, 2, 12]) await request(caller, wanted);
    expect(changes).toEqual(['on', 'reset', 'reset', 'off', 'on', 'off', 'on', 'off']);
    expect(device.machine.boot.history).toHaveLength(5);
    await request(caller, 2);
    await request(caller, 11);
    expect(device.machine.power.nmis).toBe(1);
  });

  test('has a button', async () => {
    await using device = await startAmtDevice();
    using caller = callDevice(device);
    const { state } = device.machine.power.power;
    state.power = 'power on';
    expect((await read(caller))[0]).toBe('2');
    device.machine.power.state = POWER_STATE.deepSleep;
    expect(state.power).toBe('power on');
    state.power = 'power off';
    expect((await read(caller))[0]).toBe('8');
    expect(device.activity.changeCommands).toBe(0);
  });

  test('writes down its starts, and who asked for them', async () => {
    await using device = await startAmtDevice({ events: [], audits: [] });
    using caller = callDevice(device);
    await request(caller, 2);
    await request(caller, 8);
    expect(device.machine.events.records).toMatchObject([{ sensorType: 15, data: [0x40, 0x13] }]);
    expect(device.machine.audits.records.map(({ application, event, initiator }) => [application, event, initiator])).toEqual([
      [17, 0, { kind: 0, name: 'admin' }], [17, 1, { kind: 0, name: 'admin' }],
    ]);
    const [record = ''] = (await caller.invoke('AMT_AuditLog', 'ReadRecords', { StartIndex: 2 })).texts('EventRecords');
    expect(Buffer.from(record, 'base64').toString('hex')).toMatch(/^00110001000561646d696e[\da-f]{8}0009[\da-f]{18}00$/);
  });
});

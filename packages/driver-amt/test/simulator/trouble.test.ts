import { optionIssues, type FaultKind } from '@ferric/core';
import { createFakeClock } from '@ferric/core/testing';
import { describe, expect, test } from 'vitest';
import { type AmtDevice, startAmtDevice } from '../../src/simulator/index.js';
import { callDevice, placeOf } from './support/caller.js';
import { authorization, type Challenge, readChallenge } from './support/digest.js';
import { action, element, envelope, fieldsXml, reference, uriOf } from './support/envelopes.js';
import { openRaw, post, type RawConnection } from './support/raw-http.js';

const GET = envelope({ action: action.get, resource: 'CIM_Chassis' });
const SYSTEM = reference('CIM_ComputerSystem', { Name: 'ManagedSystem' });
const POWER = 'CIM_PowerManagementService';
const POWER_ON = envelope({
  action: `${uriOf(POWER)}/RequestPowerStateChange`, resource: POWER,
  body: element(POWER, 'RequestPowerStateChange_INPUT', `<r:PowerState>2</r:PowerState><r:ManagedElement>${SYSTEM}</r:ManagedElement>`),
});

async function challengeOf(device: AmtDevice): Promise<Challenge> {
  using raw = await openRaw(placeOf(device));
  raw.send(post(''));
  return readChallenge((await raw.answer()).head);
}

/** A connection that is ready to send one request after the other with the right proof. */
interface Session extends Disposable {
  readonly raw: RawConnection;
  send(body: string): void;
}

async function open(device: AmtDevice): Promise<Session> {
  const challenge = await challengeOf(device);
  const raw = await openRaw(placeOf(device));
  let count = 0;
  return {
    raw,
    send(body) {
      count += 1;
      raw.send(post(body, [authorization({ username: device.username, password: device.password, challenge, count })]));
    },
    [Symbol.dispose]: () => raw[Symbol.dispose](),
  };
}

const isOn = (device: AmtDevice): boolean => device.machine.power.power.state.power === 'power on';

describe('faults of every simulator', () => {
  test('silence takes everything and answers nothing', async () => {
    await using device = await startAmtDevice();
    using session = await open(device);
    device.faults.inject({ kind: 'silence', times: 1 });
    session.send(POWER_ON);
    await expect.poll(() => isOn(device)).toBe(true);
    session.send(GET);
    expect([session.raw.unread().length, device.activity.openConnections]).toEqual([0, 1]);
    // The exchange lasts as long as the client waits.
    await challengeOf(device);
    expect(device.activity.mostConcurrentExchanges).toBe(2);
    session[Symbol.dispose]();
    await expect.poll(() => device.activity.openConnections).toBe(0);
    await challengeOf(device);
    expect(device.activity.mostConcurrentExchanges).toBe(2);
  });

  test.each<[FaultKind, (session: Session) => Promise<void>]>([
    ['reset', async ({ raw }) => {
      await raw.ended;
      expect(raw.unread()).toHaveLength(0);
    }],
    ['close', async ({ raw }) => {
      await raw.ended;
      expect(raw.unread()).toHaveLength(0);
    }],
    ['garbage', async ({ raw }) => {
      await raw.ended;
      expect(raw.unread().toString('hex')).toBe('160301004a010000');
    }],
    ['busy', async ({ raw }) => {
      const { status, head } = await raw.answer();
      expect([status, head.at(-1)]).toEqual([503, 'Connection: close']);
    }],
  ])('%s carries nothing out, but counts what was asked', async (kind, check) => {
    await using device = await startAmtDevice();
    using session = await open(device);
    device.faults.inject({ kind });
    session.send(POWER_ON);
    await check(session);
    expect([isOn(device), device.activity.changeCommands, device.activity.authenticationAttempts]).toEqual([false, 1, 1]);
  });

  test('half frame carries it out and sends the first half', async () => {
    await using device = await startAmtDevice();
    using session = await open(device);
    device.faults.inject({ kind: 'half frame', times: 1 });
    session.send(POWER_ON);
    await expect.poll(() => session.raw.unread().length).toBeGreaterThan(600);
    expect([isOn(device), session.raw.unread().toString().startsWith('HTTP/1.1 200 OK'), session.raw.unread().toString().includes('</a:Envelope>')]).toEqual([true, true, false]);
    expect(session.raw.socket.destroyed).toBe(false);
  });

  test('refuse lets nobody in, and those who are in go on', async () => {
    await using device = await startAmtDevice();
    using session = await open(device);
    device.faults.inject({ kind: 'refuse' });
    await expect(openRaw(placeOf(device))).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    session.send(GET);
    expect((await session.raw.answer()).status).toBe(200);
    device.faults.clear();
    await device.plugIn();
    expect((await challengeOf(device)).qop).toBe('auth');
  });

  test('slow answers late, and ends with the client', async () => {
    const clock = createFakeClock();
    await using device = await startAmtDevice({}, clock);
    using session = await open(device);
    device.faults.inject({ kind: 'slow', delayMs: 2000, times: 1 });
    session.send(POWER_ON);
    await expect.poll(() => device.activity.changeCommands).toBe(1);
    await clock.advance(1999);
    expect([isOn(device), session.raw.unread().length]).toEqual([false, 0]);
    await clock.advance(1);
    expect([(await session.raw.answer()).status, isOn(device)]).toEqual([200, true]);
    device.faults.inject({ kind: 'slow' });
    const late = await openRaw(placeOf(device));
    late.send(post(''));
    await expect.poll(() => device.activity.openConnections).toBe(2);
    late[Symbol.dispose]();
    await expect.poll(() => device.activity.openConnections).toBe(1);
  });

  test('wrong state says yes and does nothing; reading is not touched', async () => {
    await using device = await startAmtDevice();
    using caller = callDevice(device);
    device.faults.inject({ kind: 'wrong state' });
    const change = { PowerState: 2 };
    const answer = await caller.invoke(POWER, 'RequestPowerStateChange', `<r:PowerState>${change.PowerState}</r:PowerState><r:ManagedElement>${SYSTEM}</r:ManagedElement>`);
    expect([answer.text('ReturnValue'), isOn(device)]).toEqual(['0', false]);
    const put = await caller.put('AMT_GeneralSettings', { InstanceID: 'Intel(r) AMT: General Settings', HostName: 'other' });
    expect([put.status, put.text('HostName')]).toEqual([200, device.name]);
  });

  test('command failure is a ReturnValue of a method, and a fault of a Put; reading is not touched', async () => {
    await using device = await startAmtDevice();
    using caller = callDevice(device);
    device.faults.inject({ kind: 'command failure' });
    const input = `<r:PowerState>2</r:PowerState><r:ManagedElement>${SYSTEM}</r:ManagedElement>`;
    expect((await caller.invoke(POWER, 'RequestPowerStateChange', input)).text('ReturnValue')).toBe('2');
    expect((await caller.put('AMT_GeneralSettings', { InstanceID: 'Intel(r) AMT: General Settings', HostName: 'other' })).fault).toBe('InternalError');
    expect((await caller.invoke('AMT_MessageLog', 'PositionToFirstRecord')).text('ReturnValue')).toBe('0');
    expect([isOn(device), (await caller.get('AMT_GeneralSettings')).text('HostName')]).toEqual([false, device.name]);
  });

  test('all of them are supported, and no other', async () => {
    await using device = await startAmtDevice();
    expect(device.faults.supported.size).toBe(10);
    try {
      device.faults.inject({ kind: 'earthquake' as FaultKind });
      expect.fail('it took it');
    } catch (error) {
      expect(optionIssues(error)).toMatchObject([{ field: 'kind' }]);
    }
  });
});

describe('troubles of this one', () => {
  test('401 for so many requests, whatever they carry', async () => {
    await using device = await startAmtDevice();
    using caller = callDevice(device);
    await caller.get('CIM_Chassis');
    device.trouble.unauthorized = 2;
    expect([(await caller.get('CIM_Chassis')).status, (await caller.get('CIM_Chassis')).status]).toEqual([401, 200]);
    expect(device.activity.refusedProofs).toBe(0);
  });

  test('the nonce is gone at the n-th request', async () => {
    await using device = await startAmtDevice();
    using session = await open(device);
    device.trouble.forgetNoncesAt = 3;
    const statuses = [];
    for (let turn = 0; turn < 3; turn += 1) {
      session.send(GET);
      statuses.push((await session.raw.answer()).status);
    }
    expect([statuses, device.activity.staleProofs]).toEqual([[200, 200, 401], 1]);
  });

  test('every answer ends its connection', async () => {
    await using device = await startAmtDevice();
    device.trouble.closesEach = true;
    using session = await open(device);
    session.send(GET);
    expect((await session.raw.answer()).head).toContain('Connection: close');
    await session.raw.ended;
  });

  test('bodies come in chunks of any size, by their length, or until the connection ends', async () => {
    await using device = await startAmtDevice();
    const ask = async (): Promise<readonly [head: readonly string[], sizes: readonly string[], body: string]> => {
      using session = await open(device);
      session.send(GET);
      const { head, chunkSizes, body } = await session.raw.answer();
      return [head, chunkSizes, body.replace(/[\dA-F]{12}</, '')];
    };
    const [, , whole] = await ask();
    device.trouble.chunkBytes = 1;
    const [, sizes, bytewise] = await ask();
    expect([new Set(sizes), sizes.length, bytewise === whole]).toEqual([new Set(['0001']), Buffer.byteLength(whole) + 13, true]);
    device.trouble.framing = 'length';
    const [head, none, byLength] = await ask();
    expect([head.some((line) => line.startsWith('Content-Length: ')), none, byLength === whole]).toEqual([true, [], true]);
    device.trouble.framing = 'connection end';
    const [endHead, , untilEnd] = await ask();
    expect([endHead.some((line) => /^(Content-Length|Transfer-Encoding|Connection)/.test(line)), untilEnd === whole]).toEqual([false, true]);
  });

  test('bytes leave in small pieces', async () => {
    await using device = await startAmtDevice();
    device.trouble.segmentBytes = 100;
    using session = await open(device);
    let pieces = 0;
    session.raw.socket.on('data', () => (pieces += 1));
    session.send(GET);
    expect((await session.raw.answer()).status).toBe(200);
    expect(pieces).toBeGreaterThan(5);
  });

  test('a change is carried out and its answer reset', async () => {
    await using device = await startAmtDevice();
    device.trouble.resetsAfterChange = 1;
    using session = await open(device);
    session.send(GET);
    expect((await session.raw.answer()).status).toBe(200);
    session.send(POWER_ON);
    await session.raw.ended;
    expect([isOn(device), session.raw.unread().length]).toEqual([true, 0]);
  });

  test('it is deaf for a while after a power request', async () => {
    const clock = createFakeClock();
    await using device = await startAmtDevice({}, clock);
    device.trouble.deafAfterPowerMs = 5000;
    using session = await open(device);
    session.send(POWER_ON);
    expect((await session.raw.answer()).status).toBe(200);
    session.send(GET);
    await clock.advance(4999);
    expect(session.raw.unread()).toHaveLength(0);
    await clock.advance(1);
    using next = await open(device);
    next.send(GET);
    expect((await next.raw.answer()).status).toBe(200);
  });

  test('answers can be planned: a ReturnValue or a fault, for what they are meant for, so often', async () => {
    await using device = await startAmtDevice();
    using caller = callDevice(device);
    device.plan({ resource: POWER, method: 'RequestPowerStateChange', give: { returnValue: 4098 } });
    device.plan({ operation: 'Get', times: 2, give: { fault: 'InternalError', status: 1 } });
    device.plan({ resource: 'AMT_GeneralSettings', operation: 'Put', give: { fault: 'InvalidRepresentation', detail: 'MissingValues' } });
    const input = `<r:PowerState>2</r:PowerState><r:ManagedElement>${SYSTEM}</r:ManagedElement>`;
    expect((await caller.invoke('AMT_MessageLog', 'PositionToFirstRecord')).text('ReturnValue')).toBe('0');
    expect((await caller.invoke(POWER, 'RequestPowerStateChange', input)).text('ReturnValue')).toBe('4098');
    expect(isOn(device)).toBe(false);
    const faults = [await caller.get('CIM_Chassis'), await caller.get('CIM_Card'), await caller.get('CIM_Card')];
    expect(faults.map(({ status, fault }) => [status, fault])).toEqual([[500, 'InternalError'], [500, 'InternalError'], [200, undefined]]);
    expect(faults[0]?.texts('Text').at(-1)).toBe('AMT-STATUS 1');
    expect((await caller.put('AMT_GeneralSettings', { InstanceID: 'x' })).text('FaultDetail')).toMatch(/MissingValues$/);
    expect((await caller.invoke(POWER, 'RequestPowerStateChange', input)).text('ReturnValue')).toBe('0');
    device.plan({ give: { fault: 'TimedOut' }, times: 5 });
    device.forgetPlans();
    expect((await caller.get('CIM_Chassis')).fault).toBeUndefined();
  });
});

test('what was asked is counted by class and method, for those who were let in', async () => {
  await using device = await startAmtDevice();
  using caller = callDevice(device);
  await caller.get('CIM_Chassis');
  await caller.get('CIM_Chassis');
  await caller.enumerate('CIM_Processor');
  await caller.invoke('AMT_MessageLog', 'ClearLog');
  expect(fieldsXml(Object.fromEntries(device.activity.operations))).toBe(fieldsXml({
    'Get CIM_Chassis': 2, 'Enumerate CIM_Processor': 1, 'Pull CIM_Processor': 1, 'Invoke AMT_MessageLog.ClearLog': 1,
  }));
  expect(device.activity).toMatchObject({ changeCommands: 1, mostConcurrentExchanges: 1, authenticationAttempts: 5, refusedProofs: 0 });
});

import { setTimeout as realDelay } from 'node:timers/promises';
import { createFakeClock, type FakeClock } from '@ferric/core/testing';
import { describe, expect, test } from 'vitest';
import type { IloClient } from '../../src/client/ilo-client.js';
import { GENERATIONS, type VirtualIlo } from '../../src/simulator/index.js';
import { type Bench, failure, startBench } from './bench.js';

/** Time of the fake clock for each step of real time, small enough that an exchange is done before its time is over. Milliseconds. */
const STEP_MS = 250;
/** Nobody answers a controller that is away, so that larger steps do. */
const AWAY_STEP_MS = 2500;
const REAL_STEP_MS = 2;
let isAway = false;
/** Called with each request that the iLO has carried out, before it answers. */
let toldOf = (): void => undefined;

async function leave(ilo: VirtualIlo): Promise<void> {
  isAway = true;
  await ilo.unplug();
}

async function comeBack(ilo: VirtualIlo): Promise<void> {
  await ilo.plugIn();
  isAway = false;
}

/** Lets time pass until the call has settled. @param events what happens at which moment of the fake clock */
async function passTime<T>(clock: FakeClock, call: PromiseLike<T>, events: readonly (readonly [atMs: number, act: () => unknown])[] = []): Promise<T> {
  let isSettled = false;
  const settle = (): void => void (isSettled = true);
  call.then(settle, settle);
  const startedAt = clock.monotonicMs();
  const due = [...events];
  while (!isSettled) {
    await realDelay(REAL_STEP_MS);
    await clock.advance(isAway ? AWAY_STEP_MS : STEP_MS);
    while (due[0] !== undefined && clock.monotonicMs() - startedAt >= due[0][0]) await due.shift()?.[1]();
  }
  return call;
}

/** The usual pauses: it is the clock that runs fast. */
const USUAL = { powerMs: 2000, postMs: 10_000, retryMs: 5000, resetMs: 5000, updateMs: 30_000 };

async function startWithClock(generation: (typeof GENERATIONS)[number]): Promise<Bench & { readonly clock: FakeClock }> {
  const clock = createFakeClock();
  const bench = await startBench({ generation, clock, onLine: () => toldOf(), post: { inPostMs: 30_000, discoveryCompleteMs: 2000 } }, { clock, pauses: USUAL });
  // So that the outage meets the operation and not the first acquaintance.
  await passTime(clock, bench.client.power.read());
  return { ...bench, clock };
}

const CALLS: readonly (readonly [name: string, call: (client: IloClient) => Promise<unknown>])[] = [
  ['power.read', (client) => client.power.read()],
  ['bootDevice.read', (client) => client.bootDevice.read()],
  ['bootDevice.set', (client) => client.bootDevice.set('pxe', { persistent: false })],
  ['power.set', (client) => client.power.set('power on')],
  ['bootMode.read', (client) => client.bootMode.read()],
  ['virtualMedia.insert', (client) => client.virtualMedia.insert('cdrom', new URL('http://192.0.2.1/a.iso'))],
  ['sensors.read', (client) => client.sensors.read()],
  ['inventory.read', (client) => client.inventory.read()],
  ['eventLog.read', (client) => client.eventLog.read()],
  ['eventLog.clear', (client) => client.eventLog.clear('server')],
  ['firmware.read', (client) => client.firmware.read()],
  ['licence.read', (client) => client.licence.read()],
  ['identifyLight.set', (client) => client.identifyLight.set(true)],
];

describe.each(GENERATIONS)('%s', (generation) => {
  test('is away for ten seconds when an operation begins: nobody notices', { timeout: 60_000 }, async () => {
    const { ilo, client, clock } = await startWithClock(generation);
    for (const [name, call] of CALLS) {
      const before = ilo.activity.changeCommands;
      await leave(ilo);
      const outcome = await passTime(clock, call(client).then(() => 'done', (error: unknown) => error), [[10_000, () => comeBack(ilo)]]);
      expect(outcome, name).toBe('done');
      expect(ilo.activity.changeCommands - before, name).toBeLessThanOrEqual(name === 'virtualMedia.insert' && generation === 'gen8' ? 2 : 1);
    }
    expect(ilo.activity.operations['power on']).toBe(1);
    await passTime(clock, client[Symbol.asyncDispose]());
    expect(ilo.activity.openSessions).toBe(0);
  });

  test('is away for ten minutes when an operation begins: an error that says to try again, and no session is lost', { timeout: 60_000 }, async () => {
    const { ilo, client, clock } = await startWithClock(generation);
    await leave(ilo);
    const startedAt = clock.monotonicMs();
    for (const [name, call] of CALLS) {
      const error = await passTime(clock, failure(call(client)));
      expect(error, name).toMatchObject({ code: 'UNREACHABLE', retryable: true });
    }
    await clock.advance(Math.max(0, 600_000 - (clock.monotonicMs() - startedAt)));
    expect(ilo.activity.changeCommands).toBe(0);
    await comeBack(ilo);
    for (const [, call] of CALLS) await passTime(clock, call(client));
    expect(ilo.activity.operations['power on']).toBe(1);
    await passTime(clock, client[Symbol.asyncDispose]());
    expect(ilo.activity.openSessions).toBe(0);
  });

  test('goes away for ten seconds with the answer to a change that can be looked at: nobody notices', { timeout: 60_000 }, async () => {
    const { ilo, client, clock } = await startWithClock(generation);
    const changes: readonly (readonly [name: string, call: () => Promise<unknown>])[] = [
      ['boot device', () => client.bootDevice.set('pxe', { persistent: false })],
      ['medium', () => client.virtualMedia.insert('cdrom', new URL('http://192.0.2.1/a.iso'))],
      ['boot from it', () => client.virtualMedia.bootOnce()],
      ['no medium', () => client.virtualMedia.eject('cdrom')],
      ...(generation === 'gen8' ? [] : [['boot mode', () => client.bootMode.set('bios')] as const]),
    ];
    for (const [name, call] of changes) {
      const before = ilo.activity.changeCommands;
      let hasLeft = false;
      toldOf = () => {
        if (hasLeft || ilo.activity.changeCommands === before) return;
        hasLeft = true;
        void leave(ilo);
        clock.after(10_000, () => void comeBack(ilo));
      };
      expect(await passTime(clock, call().then(() => 'done', (error: unknown) => error)), name).toBe('done');
      expect(hasLeft, name).toBe(true);
      // Over RIBCL a medium is put in, and then connected.
      expect(ilo.activity.changeCommands - before, name).toBe(name === 'medium' && generation === 'gen8' ? 2 : 1);
    }
    toldOf = () => undefined;
    await passTime(clock, client[Symbol.asyncDispose]());
    expect(ilo.activity.openSessions).toBe(0);
  });

  test.each([10_000, 600_000])('goes away for %i ms with the answer to a power command: it is not sent again', { timeout: 60_000 }, async (awayMs) => {
    const { ilo, client, clock } = await startWithClock(generation);
    for (const [target, state] of [['power on', true], ['rebooting', true], ['power off', false]] as const) {
      if (target === 'rebooting') ilo.machine.power.put(false);
      if (target === 'rebooting') ilo.machine.power.put(true);
      let leftAt: number | undefined;
      const watch = ilo.machine.power.watch(() => {
        leftAt ??= clock.monotonicMs();
        void leave(ilo);
      });
      const call = client.power.set(target, { timeoutMs: 1_200_000 });
      const outcome = call.then(({ status }) => status, (error: unknown) => error);
      const returning = (async () => {
        while (leftAt === undefined || clock.monotonicMs() - leftAt < awayMs) await realDelay(REAL_STEP_MS);
        watch[Symbol.dispose]();
        await comeBack(ilo);
      })();
      const came = await passTime(clock, outcome.finally(() => undefined));
      // It may give up before the iLO is back.
      await passTime(clock, returning);
      // Without a self-test to look at nobody can tell whether a server was restarted: there is none on Gen8, and elsewhere it is over meanwhile.
      const isUnknown = target === 'rebooting' && (generation === 'gen8' || awayMs > 60_000);
      if (isUnknown) expect(came).toMatchObject({ code: 'UNREACHABLE', retryable: false });
      else expect(came, target).toBe('done');
      expect(ilo.machine.power.isOn).toBe(state);
    }
    expect(ilo.activity.operations).toEqual({ 'power on': 1, 'reset server': 1, 'power off': 1 });
    await passTime(clock, client[Symbol.asyncDispose]());
    expect(ilo.activity.openSessions).toBe(0);
  });
});

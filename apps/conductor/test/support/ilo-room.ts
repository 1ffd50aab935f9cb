import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as realDelay } from 'node:timers/promises';
import type { Clock, JsonValue } from '@ferric/core';
import { createFakeClock } from '@ferric/core/testing';
import { plugin as iloPlugin } from '@ferric/driver-ilo/plugin';
import { startVirtualDevice, type VirtualIlo, type VirtualIloDevice, type VirtualIloDeviceOptions } from '@ferric/driver-ilo/simulator';
import type { ConductorConfig } from '../../src/index.js';
import { runConductor, type RunningConductor } from './running-conductor.js';

type Json = Record<string, JsonValue>;

/** A simulated server with an iLO, a conductor that has it as a node, and a clock that both go by and that runs fast. */
export interface IloRoom extends AsyncDisposable {
  readonly device: VirtualIloDevice;
  readonly ilo: VirtualIlo;
  readonly running: RunningConductor;
  readonly clock: Clock;
  /** UUID of the node. */
  readonly uuid: string;
  node(): Promise<Json>;
  /** Waits until the node is as wanted; tells what it was instead. */
  until(what: string, isSo: (node: Json) => boolean): Promise<Json>;
  /** Takes the iLO off the network now, for so long. */
  leave(forMs: number): Promise<void>;
  /** The same as soon as the iLO has been told a change, and before it can answer. */
  leaveOnChange(forMs: number): void;
  /** Resolves when an outage is over. */
  back(): Promise<void>;
  /** Stops the conductor, and starts it again with what it has stored. */
  restart(): Promise<void>;
  /** Stops the conductor, which logs out. */
  close(): Promise<void>;
  /** What is to be ended with the room. */
  own(end: () => unknown): void;
}

/** How much time passes in each beat: less while exchanges are under way, so that none of them takes long. Milliseconds of the room. */
const STEP_MS = 250;
const AWAY_STEP_MS = 5000;
/** Of the real clock. It is beats that count: a machine under load makes the room slower, and no exchange late. Milliseconds. */
const BEAT_MS = 2;
/** Of the real clock. Milliseconds. */
const PATIENCE_MS = 90_000;

/** As slow as real ones are. Milliseconds. */
const DURATIONS = {
  post: { inPostMs: 60_000, discoveryCompleteMs: 5000 },
  resetDurations: { leaveMs: 1000, offlineMs: 60_000, startingMs: 20_000 },
  eraseMs: 60_000,
  updateMs: 60_000,
} as const;

/** Shorter intervals than usual, for a test waits for what comes of them; and fewer looks at what no test here is about. */
const SETTINGS: Partial<ConductorConfig> = { lockWaitMs: 30_000, powerSyncIntervalMs: 60_000, powerRecoveryIntervalMs: 60_000, reconcileIntervalMs: 120_000 };

export async function openIloRoom(options: VirtualIloDeviceOptions, settings: Partial<ConductorConfig> = {}): Promise<IloRoom> {
  const stack = new AsyncDisposableStack();
  try {
    const clock = createFakeClock(new Date());
    let isAway = false;
    let isOpen = true;
    const beats = (async () => {
      while (isOpen) {
        await realDelay(BEAT_MS);
        await clock.advance(isAway ? AWAY_STEP_MS : STEP_MS);
      }
    })();
    stack.defer(async () => {
      isOpen = false;
      await beats;
    });

    let onLine = (): void => undefined;
    const device = stack.use(await startVirtualDevice({ clock, ...DURATIONS, ...options, onLine: () => onLine() }));
    const { ilo } = device;
    const dataDir = await mkdtemp(join(tmpdir(), 'ferric-ilo-room-'));
    stack.defer(() => rm(dataDir, { recursive: true, force: true }));
    const start = (): Promise<RunningConductor> =>
      runConductor({ ...SETTINGS, ...settings, dataDir }, [{ packageName: '@ferric/driver-ilo', version: '0.0.0', plugin: iloPlugin }], { clock });
    let running = await start();
    stack.defer(() => running[Symbol.asyncDispose]());
    const { status, body } = await running.call('POST', '/v1/nodes', {
      name: 'server', driver: device.hardwareType, driver_info: device.driverInfo as Json,
    });
    if (status !== 201) throw new Error(`Enrolling answered ${status}: ${JSON.stringify(body)}`);
    const uuid = String(body['uuid']);
    for (const { address } of device.ports.slice(0, 1)) await running.call('POST', '/v1/ports', { node_uuid: uuid, address });

    let returning = Promise.resolve();
    const leave = async (forMs: number): Promise<void> => {
      isAway = true;
      const isOver = Promise.withResolvers<void>();
      returning = isOver.promise;
      const timer = clock.after(forMs, () => {
        isAway = false;
        ilo.plugIn().then(isOver.resolve, isOver.reject);
      });
      owned.defer(() => timer[Symbol.dispose]());
      await ilo.unplug();
    };
    const node = (): Promise<Json> => running.node(uuid);
    const describe = async (current: Json): Promise<string> => {
      const facts = ['provision_state', 'power_state', 'target_power_state', 'reservation', 'maintenance', 'last_error'].map((name) => `${name} ${String(current[name])}`);
      const told = (await running.timeline(uuid)).map(({ message }) => String(message)).slice(0, 8);
      return [...facts, JSON.stringify(ilo.activity.operations), ...told].join('\n  ');
    };
    const owned = stack.move();
    return {
      device, ilo, clock, uuid, node, leave,
      get running() {
        return running;
      },
      async restart() {
        await running.conductor.close();
        running = await start();
      },
      async until(what, isSo) {
        const endsAt = performance.now() + PATIENCE_MS;
        for (;;) {
          const current = await node();
          if (isSo(current)) return current;
          if (performance.now() > endsAt) throw new Error(`${what}: not within ${PATIENCE_MS} ms, but ${await describe(current)}`);
          await realDelay(10);
        }
      },
      leaveOnChange(forMs) {
        const before = ilo.activity.changeCommands;
        onLine = () => {
          if (ilo.activity.changeCommands === before) return;
          onLine = () => undefined;
          void leave(forMs);
        };
      },
      back: () => returning,
      close: () => running.conductor.close(),
      own: (end) => owned.defer(async () => void (await end())),
      [Symbol.asyncDispose]: () => owned[Symbol.asyncDispose](),
    };
  } catch (error) {
    await stack[Symbol.asyncDispose]();
    throw error;
  }
}

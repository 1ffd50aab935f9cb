import {
  createDeviceMemory, FerricError, silentLogger, STATE_AFTER_TARGET, systemClock, withDeadline,
  type CallOptions, type DeviceContext, type DeviceMemory, type JsonObject, type JsonValue, type Power, type PowerOutcome, type PowerReading, type PowerTarget,
} from '@ferric/core';
import type { WakeNetwork } from './client/network.js';
import { sendWake } from './client/wake.js';
import type { WakeReport } from './client/wake-report.js';
import { WOL_FIELDS, type WolDriverInfo } from './wol-options.js';
import { readNodeRequest } from './wol-request.js';

/** Where the state that was last asked for, or seen elsewhere, is kept. */
const ASSUMED_POWER_STATE = 'assumed_power_state';

/** Nothing but memory is read. Milliseconds. */
const READ_TIMEOUT_MS = 1000;

const TARGETS: ReadonlySet<PowerTarget> = new Set(['power on', 'power off', 'rebooting']);

/** What the power of one machine is made of. */
export interface WolPowerParts {
  readonly info: WolDriverInfo;
  readonly context: DeviceContext;
  readonly network: WakeNetwork | undefined;
  /** Makes a call end when the device or the driver is closed. */
  readonly guard: <T>(options: CallOptions | undefined, work: (options: CallOptions) => Promise<T>) => Promise<T>;
}

/**
 * Power of a machine that can be woken and nothing else. Its state can only be assumed: the last one asked for or seen
 * elsewhere, and `power off` before that.
 * Source: OpenStack ironic-staging-drivers, ironic_staging_drivers/wol/power.py.
 */
export function createWolPower({ info, context, network, guard }: WolPowerParts): Power {
  const memory = context.memory ?? createDeviceMemory();
  const clock = context.clock ?? systemClock;
  const logger = context.logger ?? silentLogger;
  const read = (): PowerReading => ({ ...readAssumption(memory), source: 'assumed', at: clock.now() });
  const assume = (target: PowerTarget): void => {
    memory.set(ASSUMED_POWER_STATE, { state: STATE_AFTER_TARGET[target], requestedAt: clock.now().toISOString() });
  };

  const wake = async (target: 'power on' | 'rebooting', options: CallOptions): Promise<PowerOutcome> => {
    const request = readNodeRequest(info, context);
    const report = await sendWake(request, WOL_FIELDS, { ...context, ...(network === undefined ? {} : { network }) }, options);
    assume(target);
    return { status: 'sent', reading: read(), detail: describeWake(target, report), report };
  };

  const powerOff = async (options: CallOptions): Promise<PowerOutcome> =>
    withDeadline(options, { what: 'power off', defaultTimeoutMs: READ_TIMEOUT_MS, clock }, async () => {
      readNodeRequest(info, context);
      assume('power off');
      const detail = 'Wake-on-LAN cannot switch a machine off: nothing was sent, somebody has to do it at the machine';
      logger.warn({ status: 'manual intervention required' }, detail);
      return { status: 'manual intervention required', reading: read(), detail };
    });

  return {
    targets: TARGETS,
    assume(state, evidence) {
      memory.set(ASSUMED_POWER_STATE, { state, requestedAt: clock.now().toISOString(), evidence });
    },
    read: (options) => guard(options, (call) => withDeadline(call, { what: 'power state', defaultTimeoutMs: READ_TIMEOUT_MS, clock }, async () => read())),
    set: (target, options) =>
      guard(options, async (call) => {
        if (target === 'power off') return powerOff(call);
        if (target === 'power on' || target === 'rebooting') return wake(target, call);
        throw unsupported(target);
      }),
  };
}

function readAssumption(memory: DeviceMemory): Pick<PowerReading, 'state' | 'detail'> {
  const kept = memory.get(ASSUMED_POWER_STATE);
  const { state, requestedAt, evidence } = isObject(kept) ? kept : {};
  const when = typeof requestedAt === 'string' ? ` at ${requestedAt}` : '';
  if ((state === 'power on' || state === 'power off') && typeof evidence === 'string') {
    return { state, detail: `Assumed${when}: ${evidence}; Wake-on-LAN cannot ask the machine` };
  }
  if (state === 'power on') return { state, detail: `Assumed: it was last asked to wake${when}; Wake-on-LAN has no answers` };
  if (state === 'power off') {
    return { state, detail: `Assumed: power off was last asked for${when}, which has to be done by hand; the machine may still run` };
  }
  return { state: 'power off', detail: 'Assumed: it was never asked to wake; Wake-on-LAN cannot ask the machine' };
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function describeWake(target: 'power on' | 'rebooting', report: WakeReport): string {
  const sent = report.packets.filter((packet) => packet.error === undefined).length;
  const lost = report.packets.length - sent;
  const packets = `${sent} magic ${sent === 1 ? 'packet was' : 'packets were'} sent${lost === 0 ? '' : `, ${lost} could not be`}; nothing confirms that the machine woke`;
  return target === 'rebooting' ? `${packets}, and a machine that runs does not restart` : packets;
}

function unsupported(target: PowerTarget): FerricError {
  return new FerricError('UNSUPPORTED', `Wake-on-LAN cannot do '${target}'`, {
    details: { target, supported: [...TARGETS] },
    hint: 'A magic packet can only wake a machine.',
  });
}

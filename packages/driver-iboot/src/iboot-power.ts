import {
  type CallOptions, delay, FerricError, type Power, type PowerOutcome, type PowerReading, type PowerTarget, printValue, STATE_AFTER_TARGET,
} from '@ferric/core';
import type { RelayState } from './client/dxp-messages.js';
import { withSteps } from './client/steps.js';
import { forClient, type IbootMachine, type MachineCall, READ_TIMEOUT_MS, readRelays, toReading, unitName } from './iboot-machine.js';
import type { IbootDriverInfo } from './iboot-options.js';

const TARGETS: ReadonlySet<PowerTarget> = new Set(['power on', 'power off', 'rebooting']);

type MachineState = 'power on' | 'power off';

/** Makes a call end when the device or the driver is closed. */
export type Guard = <T>(options: CallOptions | undefined, work: (options: CallOptions) => Promise<T>) => Promise<T>;

/**
 * Power of a machine behind a relay. A relay knows whether the outlet has power, not what the machine does with it, so there are no soft targets.
 * Source: OpenStack ironic-staging-drivers, ironic_staging_drivers/iboot/power.py.
 */
export function createIbootPower(machine: IbootMachine, guard: Guard): Power {
  const { info, clock, details } = machine;

  const perform = <T>(what: string, defaultTimeoutMs: number, options: CallOptions, work: (call: MachineCall) => Promise<T>): Promise<T> =>
    withSteps(options, { what: `'${what}' of relay ${info.iboot_relay_id} at ${unitName(info)}`, defaultTimeoutMs, details, clock }, (deadline, note) =>
      work({ deadline, note }),
    );

  return {
    targets: TARGETS,
    read: (options) => guard(options, (call) => perform('read power', READ_TIMEOUT_MS, call, async (own) => toReading(machine, await look(machine, own)))),
    set: (target, options) =>
      guard(options, async (call) => {
        if (!TARGETS.has(target)) throw unsupported(target);
        const progress: Progress = { isOff: false };
        try {
          return await perform(target, changeTimeoutMs(info), call, (own) => change(machine, own, target, progress));
        } catch (error) {
          if (!progress.isOff) throw error;
          machine.logger.warn({ ...details }, 'a reboot ended while the relay was off');
          // The reason of a caller who gave up is his own.
          throw call.signal?.aborted !== true && FerricError.is(error) ? leftOff(info, error) : error;
        }
      }),
  };
}

/** How far a reboot came. */
interface Progress {
  /** The relay was seen off, and not on since. */
  isOff: boolean;
}

/** One change with all its tries, and for a reboot two of them and the pause. Milliseconds. */
function changeTimeoutMs(info: IbootDriverInfo): number {
  const tries = (info.iboot_max_retry + 1) * (2 * info.iboot_retry_interval * 1000);
  return 2 * (READ_TIMEOUT_MS + tries) + info.iboot_reboot_delay * 1000;
}

async function change(machine: IbootMachine, call: MachineCall, target: PowerTarget, progress: Progress): Promise<PowerOutcome> {
  const { info, clock, logger, details } = machine;
  logger.debug({ ...details, target }, 'iBoot power change');
  const before = await look(machine, call);
  if (target !== 'rebooting' || toReading(machine, before).state !== 'power on') {
    return { status: 'done', reading: await switchTo(machine, call, before, STATE_AFTER_TARGET[target]) };
  }
  await switchTo(machine, call, before, 'power off');
  progress.isOff = true;
  call.note('pause');
  await delay(info.iboot_reboot_delay * 1000, { signal: call.deadline.signal, clock });
  const reading = await switchTo(machine, call, await look(machine, call), 'power on');
  progress.isOff = false;
  return { status: 'done', reading };
}

async function look(machine: IbootMachine, call: MachineCall): Promise<readonly RelayState[]> {
  return readRelays(machine, call, machine.info.iboot_relay_id);
}

/**
 * Switches the relay unless it is there already, and looks until it shows. "Accepted" is not "done": only a reading counts, and the command
 * goes out again only after a reading has shown that it was not carried out.
 * @param before what was seen just now
 */
async function switchTo(machine: IbootMachine, call: MachineCall, before: readonly RelayState[], wanted: MachineState): Promise<PowerReading> {
  const { info, clock } = machine;
  const intervalMs = info.iboot_retry_interval * 1000;
  let relays = before;
  let failure: FerricError | undefined;
  for (let sent = 0; ; sent += 1) {
    const reading = toReading(machine, relays);
    if (reading.state === wanted) return reading;
    if (sent > info.iboot_max_retry) throw failure ?? notReached(machine, wanted, before, relays, sent);
    failure = await send(machine, call, wanted);
    relays = await lookAfter(machine, call, failure);
    if (toReading(machine, relays).state === wanted) continue;
    if (call.deadline.remainingMs() <= intervalMs) throw failure ?? notReached(machine, wanted, before, relays, sent + 1);
    call.note('pause');
    await delay(intervalMs, { signal: call.deadline.signal, clock });
    relays = await lookAfter(machine, call, failure);
  }
}

/** Failures after which the unit may have switched all the same, or may do so at the next try. */
const WORTH_A_LOOK: ReadonlySet<string> = new Set(['REFUSED', 'UNREACHABLE', 'TIMEOUT', 'PROTOCOL_FAULT']);

/** Sends the command once; yields what it failed with if a look may tell more. */
async function send({ client, info, logger, details }: IbootMachine, call: MachineCall, wanted: MachineState): Promise<FerricError | undefined> {
  try {
    const state = wanted === 'power on' ? 'on' : 'off';
    await client().setRelay(info.iboot_relay_id, state, forClient(call));
    return undefined;
  } catch (error) {
    if (call.deadline.signal.aborted || !FerricError.is(error) || !WORTH_A_LOOK.has(error.code)) throw error;
    logger.debug({ ...details, code: error.code, wanted }, 'iBoot command failed, the relay is looked at');
    return error;
  }
}

/** Looks at the relay; when that fails too, the first failure is the one to tell. */
async function lookAfter(machine: IbootMachine, call: MachineCall, failure: FerricError | undefined): Promise<readonly RelayState[]> {
  try {
    return await look(machine, call);
  } catch (error) {
    throw failure === undefined || call.deadline.signal.aborted ? error : failure;
  }
}

function notReached(machine: IbootMachine, expected: MachineState, before: readonly RelayState[], after: readonly RelayState[], sent: number): FerricError {
  const { info, details } = machine;
  const { iboot_relay_id: relay, iboot_relay_base: base } = info;
  const received = toReading(machine, after).state;
  const others = after.flatMap((state, index) => (state !== before[index] && before[index] !== undefined && index !== relay - 1 ? [index + 1] : []));
  const hint =
    others.length === 0
      ? 'The unit says yes and does nothing: look whether the relay is locked, or in a cycle of its own.'
      : `Relay ${others.join(', ')} changed meanwhile. If nobody else did that, the unit counts its relays from another number: set iboot_relay_base to ${1 - base}, and put relay ${others.join(', ')} back.`;
  return new FerricError('TIMEOUT', `${unitName(info)} accepted '${expected}' for relay ${relay}, ${sent === 1 ? 'once' : `${sent} times`}, but it still reads '${received}'`, {
    details: { ...details, expected, received, sent, ...(others.length === 0 ? {} : { otherRelaysChanged: others }) },
    hint,
  });
}

function leftOff({ iboot_relay_id: relay }: IbootDriverInfo, error: FerricError): FerricError {
  return new FerricError(error.code, `${error.message}. The reboot had switched relay ${relay} off: the outlet is off until it is switched on again`, {
    cause: error,
    retryable: error.retryable,
    details: { ...error.details, outlet: 'off' },
    hint: `Switch the machine on. ${error.hint ?? ''}`.trim(),
  });
}

function unsupported(target: unknown): FerricError {
  return new FerricError('UNSUPPORTED', `A relay of an iBoot unit cannot do ${printValue(target)}`, {
    details: { field: 'target', received: printValue(target), accepted: [...TARGETS] },
    hint: `A relay switches power and knows nothing of the system behind it. Use one of: ${[...TARGETS].join(', ')}.`,
  });
}

import { delay, FerricError, POWER_TARGETS, printValue, type Power, type PowerOutcome, type PowerReading, type PowerTarget } from '@ferric/core';
import type { AmtPowerChange, AmtPowerStatus, AmtPowerTarget, PowerPacing } from './client/power/index.js';
import type { BootChoice } from './boot-choice.js';
import type { AmtCall, AmtMachine } from './amt-machine.js';

/** Reading the state, and once more while it is changing. Milliseconds. */
const READ_MS = 60_000;

/** How often a machine that is changing is looked at again before its state is called unknown. */
const MOST_LOOKS = 4;

/** What a change has besides its watches: reading, waking the management engine, choosing what is booted. Milliseconds. */
const AROUND_MS = 180_000;

/** Services of an operating system may take minutes to stop. Milliseconds. */
const SOFT_MS = 600_000;

export interface AmtPowerParts {
  readonly machine: AmtMachine;
  readonly bootChoice: BootChoice;
  readonly pacing: PowerPacing;
}

/** Power of one machine, and what only such machines can do with it. */
export interface AmtPower {
  readonly power: Power;
  /** Brings the machine to any target that the client knows. */
  change(target: AmtPowerTarget, options?: Parameters<Power['set']>[1]): Promise<PowerOutcome>;
}

/** Source of attempts and waiting: ironic-staging-drivers, ironic_staging_drivers/amt/power.py. */
export function createAmtPower({ machine, bootChoice, pacing }: AmtPowerParts): AmtPower {
  const targets: ReadonlySet<PowerTarget> = new Set(POWER_TARGETS);
  const { info, clock } = machine;
  const toReading = ({ state, detail }: AmtPowerStatus): PowerReading => ({ state, source: 'device', ...(detail === undefined ? {} : { detail }), at: clock.now() });

  const read = async ({ client, options }: AmtCall): Promise<PowerReading> => {
    let status = await client.power.read(options);
    for (let looks = 1; status.condition === 'changing' && looks < MOST_LOOKS; looks += 1) {
      await delay(pacing.pollMs, { signal: options.signal, clock });
      status = await client.power.read(options);
    }
    bootChoice.seen(status);
    return toReading(status);
  };

  const change: AmtPower['change'] = (target, options) =>
    machine.perform({ what: target, timeoutMs: timeFor(machine, target) }, options, async ({ client, options: call }) => {
      const outcome = await client.power.change(target, {
        ...call,
        attempts: info.amt_max_attempts,
        retryAfterMs: info.amt_action_wait * 1000,
        checkBoot: (boot) => bootChoice.check(client, boot),
        beforeBoot: (boot) => bootChoice.apply(client, boot),
        onBoot: bootChoice.progress,
        onLook: bootChoice.seen,
      });
      return { status: 'done', reading: toReading(outcome.status), ...describeChange(outcome) };
    });

  return {
    change,
    power: {
      targets,
      read: (options) => machine.perform({ what: 'read power', timeoutMs: READ_MS }, options, read),
      async set(target, options) {
        if (!targets.has(target)) throw unsupportedTarget(machine, target);
        return change(target, options);
      },
    },
  };
}

function timeFor({ info }: AmtMachine, target: AmtPowerTarget): number {
  const soft = target === 'soft power off' || target === 'soft rebooting' ? SOFT_MS : 0;
  return AROUND_MS + soft + info.amt_max_attempts * info.amt_action_wait * 1000;
}

function describeChange({ requests }: AmtPowerChange): Pick<PowerOutcome, 'detail' | 'report'> {
  if (requests.length === 0) return {};
  const restarted = requests.some((request) => request === 'reset' || request === 'power cycle' || request === 'graceful reset');
  return {
    report: { requests: [...requests] },
    ...(restarted ? { detail: `AMT accepted '${requests.join("', '")}', and the machine is on; its power state does not show the restart itself` } : {}),
  };
}

function unsupportedTarget({ address }: AmtMachine, target: unknown): FerricError {
  return new FerricError('UNSUPPORTED', `A machine with AMT cannot be set to ${printValue(target)}`, {
    details: { address, field: 'target', received: printValue(target), accepted: [...POWER_TARGETS] },
    hint: `Use one of: ${POWER_TARGETS.join(', ')}.`,
  });
}

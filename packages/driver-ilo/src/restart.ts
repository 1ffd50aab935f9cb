import { delay, errorCode, type Clock, type DeviceContext } from '@ferric/core';
import type { IloCall } from './ilo-machine.js';

/** Pause between two looks at a machine that starts. Milliseconds. */
const LOOK_MS = 5000;

/** What says that the self-test, in which firmware takes up changes, is over. A machine that does not tell has had it when it is on. */
const AFTER_POST: ReadonlySet<string | null> = new Set(['FinishedPost', 'Unknown', null]);

/** How fast a machine that starts is looked at. Smaller pauses are for simulated ones. */
export interface RestartPacing {
  readonly clock: Clock;
  readonly lookMs?: number | undefined;
  /** What {@link DeviceContext} lends. */
  readonly beforeRestart?: DeviceContext['beforeRestart'] | undefined;
}

/**
 * Starts the machine anew, waits for the end of its self-test, and leaves it off when it was off before. One that runs from a virtual CD or an address,
 * such as the deploy agent's, does so again; what it loaded from the network otherwise is up to who lends `beforeRestart`.
 */
export async function restartMachine({ client, options }: IloCall, { clock, lookMs = LOOK_MS, beforeRestart }: RestartPacing): Promise<void> {
  const before = (await client.power.read(options)).state;
  if (before === 'power on') {
    await beforeRestart?.();
    await bootTheSameAgain({ client, options });
  }
  await client.power.set('rebooting', options);
  while (!AFTER_POST.has((await client.power.read(options)).postState)) await delay(lookMs, { signal: options.signal, clock });
  if (before === 'power off') await client.power.set('power off', options);
}

async function bootTheSameAgain({ client, options }: Pick<IloCall, 'client' | 'options'>): Promise<void> {
  const hasCd = (await client.virtualMedia.read(options)).some(({ type }) => type === 'cdrom');
  if (hasCd) await client.virtualMedia.bootOnce(options);
  else if (await hasUrl({ client, options })) await client.bootDevice.set('uefihttp', { persistent: false }, options);
}

/** Whether the firmware has an address to boot from: it is there only while somebody wants it. */
async function hasUrl({ client, options }: Pick<IloCall, 'client' | 'options'>): Promise<boolean> {
  try {
    return (await client.httpBoot.read(options)) !== null;
  } catch (error) {
    if (errorCode(error) === 'UNSUPPORTED') return false;
    throw error;
  }
}

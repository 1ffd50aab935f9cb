import { delay, errorCode, throwIfAborted, type CallOptions, type Clock, type DeviceContext } from '@ferric/core';
import { isSilence } from './client/connection/outages.js';
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
 * such as the deploy agent's, does so again; what it loaded from the network otherwise is up to who lends `beforeRestart`, whose choice for the next boot
 * stands. Waits through outages of the controller.
 * @param send how the restart is sent: by {@link IloCall.onlyOnce} for a call that would not find, done anew, what it has begun. Default: as anything else
 */
export async function restartMachine(
  { client, options }: IloCall,
  { clock, lookMs = LOOK_MS, beforeRestart }: RestartPacing,
  send: IloCall['onlyOnce'] = (restart) => restart(),
): Promise<void> {
  const before = (await client.power.read(options)).state;
  if (before === 'power on') {
    await beforeRestart?.();
    await bootTheSameAgain({ client, options });
  }
  await send(() => client.power.set('rebooting', options));
  const hasFinished = async (): Promise<boolean> => AFTER_POST.has((await client.power.read(options)).postState);
  while ((await unlessSilent(options, hasFinished)) !== true) await delay(lookMs, { signal: options.signal, clock });
  if (before === 'power off') await client.power.set('power off', options);
}

/** Undefined when the controller did not answer: who watches something under way looks again later. @throws every other failure */
export async function unlessSilent<T>({ signal }: CallOptions, look: () => Promise<T>): Promise<T | undefined> {
  try {
    return await look();
  } catch (error) {
    throwIfAborted(signal);
    if (!isSilence(error)) throw error;
    return undefined;
  }
}

/**
 * A choice for one boot stands: whoever made it knows more. Else the CD goes before the address, for no iLO tells which of both the machine was started
 * from; in a drive nothing lies by itself, while an address may stand in the settings of the firmware for good.
 */
async function bootTheSameAgain({ client, options }: Pick<IloCall, 'client' | 'options'>): Promise<void> {
  const { device, persistent } = await client.bootDevice.read(options);
  if (device !== null && persistent === false) return;
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

import type { BootServer } from './boot-server.ts';
import { type PlainGuest, type PlainGuestOptions, startPlainGuest } from './plain-guest.ts';

/** As of a plain guest, but a reboot ends it unless told otherwise, and its time is 100 seconds. */
export interface IpxeOptions extends Omit<PlainGuestOptions, 'bootUrl'> {
  readonly bootUrl: string;
}

const LIFETIME_MS = 100_000;

/** A machine that runs iPXE of Debian, which fetches the boot URL 5.5 s after the start (9 s with UEFI), when it has waited for somebody to press Ctrl-B. */
export async function startIpxe(options: IpxeOptions): Promise<PlainGuest> {
  return startPlainGuest({ endsOnReboot: true, lifetimeMs: LIFETIME_MS, ...options });
}

export interface IpxeRun {
  /** Everything that the serial port printed. */
  readonly console: string;
  /** How it came to its end; undefined: the text was printed that was waited for. */
  readonly end: PlainGuest['end'];
}

/**
 * Runs a script to the machine's end, or until it has printed a text. Fails when that does not come.
 * @param server answers the script's requests; the script is served as `/script`
 */
export async function runIpxeScript(server: BootServer, script: string, options: Omit<IpxeOptions, 'bootUrl'> & { readonly until?: string } = {}): Promise<IpxeRun> {
  const { until, ...own } = options;
  server.serve('/script', script);
  await using machine = await startIpxe({ ...own, bootUrl: `${server.guestUrl}/script` });
  if (until !== undefined) await machine.waitForSerial(until, { timeoutMs: own.lifetimeMs ?? LIFETIME_MS });
  else if ((await machine.ended) !== 'by itself') throw new Error(`The script came to no end. It printed:\n${machine.serialText()}`);
  return { console: machine.serialText(), end: machine.end };
}

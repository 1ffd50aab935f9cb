import { existsSync, readFileSync } from 'node:fs';
import { type PollOptions, waitFor, waitForSync } from '../system/poll.ts';

/** What a guest printed on its serial port. */
export interface SerialPort {
  /** Everything that it has printed since it was started. */
  serialText(): string;
  /** Waits until it has printed this. Fails with the last that it printed. */
  waitForSerial(text: string, options?: PollOptions): Promise<void>;
}

/** The same for tests in which nothing else may go on meanwhile. */
export interface SyncSerialPort extends SerialPort {
  waitForSerialSync(text: string, options?: PollOptions): void;
}

const SHOWN_CHARACTERS = 1500;

/**
 * @param who names the guest in errors
 * @param serialText yields what it has printed
 * @param hasEnded whether it prints nothing any more. Default: it may always print more
 */
export function watchSerialPort(who: string, serialText: () => string, hasEnded: () => boolean = () => false): SyncSerialPort {
  const look = (text: string) => (): boolean | undefined => {
    // Asked before: what it printed at its end counts.
    const ended = hasEnded();
    if (serialText().includes(text)) return true;
    return ended ? false : undefined;
  };
  const what = (text: string): string => `${who} to print ${JSON.stringify(text)}`;
  const explain = (error: unknown): Error => new Error(`${error instanceof Error ? error.message : String(error)}\nThe last that it printed:\n${serialText().slice(-SHOWN_CHARACTERS)}`);
  const check = (text: string, found: boolean): void => {
    if (!found) throw explain(`It has ended. Waited in vain for: ${what(text)}`);
  };
  return {
    serialText,
    async waitForSerial(text, poll) {
      const found = await waitFor(what(text), look(text), poll).catch((error: unknown) => Promise.reject(explain(error)));
      check(text, found);
    },
    waitForSerialSync: (text, poll) => check(text, waitForSync(what(text), look(text), poll)),
  };
}

/** What is in the file that the port writes. */
export function readSerialLog(log: string): string {
  return existsSync(log) ? readFileSync(log, 'latin1') : '';
}

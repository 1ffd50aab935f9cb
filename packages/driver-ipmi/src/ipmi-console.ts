import { throwIfAborted, type Console } from '@ferric/core';
import { activateConsole, type SolConsole } from '@ferric/ipmi-raw-buffer';
import { partOf } from './ipmi-answers.js';
import type { IpmiMachine } from './ipmi-machine.js';

/** Opening a session, activating the payload in it. Milliseconds. */
const OPEN_MS = 30_000;

/** Consoles of one device, which end with it. */
export interface Consoles extends AsyncDisposable {
  readonly console: Console;
}

/** The serial console of one machine, over LAN. One at a time, as the protocol has it: CONFLICT while somebody else has it. */
export function createIpmiConsole(machine: IpmiMachine): Consoles {
  const open = new Set<SolConsole>();
  return {
    console: {
      open: (options) =>
        machine.perform({ what: 'open console', timeoutMs: OPEN_MS }, options, async (call) => {
          const opened = await activateConsole(call.client, { ...partOf(call), clock: machine.clock });
          // Given up in the very moment in which it was opened: nobody would ever close it.
          if (call.deadline.signal.aborted) await opened[Symbol.asyncDispose]();
          throwIfAborted(call.deadline.signal);
          open.add(opened);
          void opened.ended.then(() => open.delete(opened));
          return opened;
        }),
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...open].map((opened) => opened[Symbol.asyncDispose]()));
    },
  };
}

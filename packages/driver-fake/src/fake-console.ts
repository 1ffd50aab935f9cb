import { FerricError, throwIfAborted, type Console, type ConsoleSession } from '@ferric/core';
import { timeLeft, type PerformAction } from './fake-call.js';
import type { FakeMachine } from './fake-machine.js';

/** What a session keeps of an output that nobody reads; the oldest is dropped. Bytes. */
const UNREAD_LIMIT_BYTES = 65_536;

/** The console of one device. Its sessions end with the device. */
export interface FakeConsoles {
  readonly console: Console;
  close(): void;
}

/** A console on which nothing runs: it prints its machine's power state when it is opened, and gives back what is written. */
export function createFakeConsoles(machine: FakeMachine, perform: PerformAction): FakeConsoles {
  const open = new Set<EchoSession>();
  return {
    console: {
      // What Ironic's fake-hardware says of its console.
      info: {},
      open: (options) =>
        perform('open console', options, async (deadline) => {
          const state = await machine.readPower(timeLeft(deadline));
          throwIfAborted(deadline.signal);
          const session: EchoSession = echoSession(() => open.delete(session));
          session.print(`fake machine, ${state}\r\n`);
          open.add(session);
          return session;
        }),
    },
    close() {
      for (const session of open) session.end();
    },
  };
}

interface EchoSession extends ConsoleSession {
  print(text: string): void;
  end(): void;
}

function echoSession(closed: () => void): EchoSession {
  const unread: Uint8Array[] = [];
  let unreadBytes = 0;
  let ended = false;
  let wake = Promise.withResolvers<void>();

  const add = (bytes: Uint8Array): void => {
    unread.push(bytes.slice(-UNREAD_LIMIT_BYTES));
    unreadBytes += unread.at(-1)?.length ?? 0;
    while (unreadBytes > UNREAD_LIMIT_BYTES) unreadBytes -= unread.shift()?.length ?? 0;
    wake.resolve();
  };
  const end = (): void => {
    ended = true;
    closed();
    wake.resolve();
  };
  async function* output(): AsyncGenerator<Uint8Array> {
    while (true) {
      const bytes = unread.shift();
      if (bytes !== undefined) {
        unreadBytes -= bytes.length;
        yield bytes;
      } else if (ended) {
        return;
      } else {
        wake = Promise.withResolvers();
        await wake.promise;
      }
    }
  }

  return {
    output: output(),
    print: (text) => add(new TextEncoder().encode(text)),
    end,
    async write(bytes, options) {
      throwIfAborted(options?.signal);
      if (ended) throw new FerricError('ABORTED', 'The console session was closed');
      add(bytes);
    },
    async [Symbol.asyncDispose]() {
      end();
    },
  };
}

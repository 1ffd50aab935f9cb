import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** Of every BMC. */
export const BMC_USERNAME = 'admin';
export const BMC_PASSWORD = 'secret';

export interface FleetOrder {
  readonly count: number;
}

/** One BMC of the fleet, and the truth about its machine. */
export interface FleetBmc {
  readonly port: number;
  readonly health: 'well' | 'dead' | 'slow';
  readonly power: 'power on' | 'power off';
}

export type FleetAnswer = { readonly kind: 'ready'; readonly bmcs: readonly FleetBmc[] } | { readonly kind: 'sessions'; readonly count: number };

/** Simulated BMCs in processes of their own: their work must not count as that of the process that reads. */
export interface Fleet extends AsyncDisposable {
  readonly bmcs: readonly FleetBmc[];
  /** Sessions that are open at all BMCs together. */
  countSessions(): Promise<number>;
}

const PROGRAM = fileURLToPath(new URL('fleet-process.ts', import.meta.url));

export async function startFleet(count: number, processes: number): Promise<Fleet> {
  const shares = Array.from({ length: processes }, (_, index) => Math.floor((count + index) / processes));
  await using place = new AsyncDisposableStack();
  const children = shares.map((share) => place.adopt(fork(PROGRAM, [JSON.stringify({ count: share } satisfies FleetOrder)]), end));
  const started = await Promise.all(children.map((child) => answerOf(child, 'ready')));
  const kept = place.move();
  return {
    bmcs: started.flatMap(({ bmcs }) => bmcs),
    async countSessions() {
      const counted = await Promise.all(
        children.map(async (child) => {
          const answer = answerOf(child, 'sessions');
          child.send('sessions');
          return (await answer).count;
        }),
      );
      return counted.reduce((sum, sessions) => sum + sessions, 0);
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

async function answerOf<K extends FleetAnswer['kind']>(child: ChildProcess, kind: K): Promise<Extract<FleetAnswer, { readonly kind: K }>> {
  const answered = new AbortController();
  const ended = once(child, 'exit', { signal: answered.signal }).then(([code]) => {
    throw new Error(`A process with BMCs ended with ${String(code)}`);
  });
  try {
    const [message] = (await Promise.race([once(child, 'message'), ended])) as [FleetAnswer];
    if (message.kind !== kind) throw new Error(`A process with BMCs said ${message.kind} instead of ${kind}`);
    return message as Extract<FleetAnswer, { readonly kind: K }>;
  } finally {
    answered.abort();
    ended.catch(() => undefined);
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  if (child.connected) child.disconnect();
  await exited;
}

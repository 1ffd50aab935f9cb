import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { PacingName } from './pacing.ts';

export interface MachinesSettings {
  readonly count: number;
  readonly conductorUrl: string;
  readonly pacing: PacingName;
}

/** What a node needs to know of its machine. */
export interface MachineFacts {
  readonly driverInfo: Readonly<Record<string, unknown>>;
  readonly mac: string;
}

/** Asks how many disks begin with these bytes. */
export interface MachinesOrder {
  readonly bytes: number;
  readonly sha256: string;
}

export type MachinesAnswer =
  | { readonly kind: 'ready'; readonly machines: readonly MachineFacts[] }
  | { readonly kind: 'counted'; readonly count: number };

/** Simulated machines in processes of their own: they need CPU time too, which must count neither as the conductor's nor slow the clock that measures. */
export interface Machines extends AsyncDisposable {
  readonly facts: readonly MachineFacts[];
  /** How many disks begin with the image. */
  countWritten(image: MachinesOrder): Promise<number>;
}

const PROGRAM = fileURLToPath(new URL('machines-process.ts', import.meta.url));

/** Spreads the machines over so many processes. */
export async function startMachines(settings: MachinesSettings, processes: number): Promise<Machines> {
  const shares = Array.from({ length: processes }, (_, index) => Math.floor((settings.count + index) / processes));
  await using place = new AsyncDisposableStack();
  const children = shares.map((count) => place.adopt(fork(PROGRAM, [JSON.stringify({ ...settings, count })]), end));
  const started = await Promise.all(children.map((child) => answerOf(child, 'ready')));
  const kept = place.move();
  return {
    facts: started.flatMap(({ machines }) => machines),
    async countWritten(image) {
      const counted = await Promise.all(
        children.map(async (child) => {
          const answer = answerOf(child, 'counted');
          child.send(image);
          return (await answer).count;
        }),
      );
      return counted.reduce((sum, count) => sum + count, 0);
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** The next message of a process. @throws Error when it ends instead, or says something else */
async function answerOf<K extends MachinesAnswer['kind']>(child: ChildProcess, kind: K): Promise<Extract<MachinesAnswer, { readonly kind: K }>> {
  const answered = new AbortController();
  const ended = once(child, 'exit', { signal: answered.signal }).then(([code]) => {
    throw new Error(`A process with machines ended with ${String(code)}`);
  });
  try {
    const [message] = (await Promise.race([once(child, 'message'), ended])) as [MachinesAnswer];
    if (message.kind !== kind) throw new Error(`A process with machines said ${message.kind} instead of ${kind}`);
    return message as Extract<MachinesAnswer, { readonly kind: K }>;
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

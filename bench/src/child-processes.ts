import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

/** What a process of a benchmark tells its parent. */
export interface Message {
  readonly kind: string;
}

/** Processes that do the same for a share of the whole each. Disposing lets go of them, and waits until they have ended. */
export interface Shares<Messages extends Message> extends AsyncDisposable {
  /**
   * Tells each of them something, and yields their next messages.
   * @throws Error when one ends instead, or says something else
   */
  ask<Kind extends Messages['kind']>(kind: Kind, order?: object | string): Promise<readonly Extract<Messages, { readonly kind: Kind }>[]>;
}

/** @param argument what a process is started with for its share of `count` */
export function forkShares<Messages extends Message>(program: string, count: number, processes: number, argument: (share: number) => object): Shares<Messages> {
  const children = Array.from({ length: processes }, (_, index) => fork(program, [JSON.stringify(argument(Math.floor((count + index) / processes)))]));
  return {
    ask: (kind, order) =>
      Promise.all(
        children.map(async (child) => {
          const answer = nextMessage<Messages, typeof kind>(child, kind);
          if (order !== undefined) child.send(order);
          return answer;
        }),
      ),
    async [Symbol.asyncDispose]() {
      await Promise.all(children.map(endChild));
    },
  };
}

async function nextMessage<Messages extends Message, Kind extends Messages['kind']>(child: ChildProcess, kind: Kind): Promise<Extract<Messages, { readonly kind: Kind }>> {
  const answered = new AbortController();
  const ended = once(child, 'exit', { signal: answered.signal }).then(([code]) => {
    throw new Error(`A process that was to say ${kind} ended with ${String(code)}`);
  });
  try {
    const [message] = (await Promise.race([once(child, 'message'), ended])) as [Messages];
    if (message.kind !== kind) throw new Error(`A process said ${message.kind} instead of ${kind}`);
    return message as Extract<Messages, { readonly kind: Kind }>;
  } finally {
    answered.abort();
    ended.catch(() => undefined);
  }
}

async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  if (child.connected) child.disconnect();
  await exited;
}

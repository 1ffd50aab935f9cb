import { createHook } from 'node:async_hooks';
import { pause } from './outcome.js';

/** Kinds of asynchronous work that reach out of the process. Names as Node gives them to async_hooks. */
const REACHING_OUT: ReadonlySet<string> = new Set([
  'TCPWRAP', 'TCPCONNECTWRAP', 'TLSWRAP', 'UDPWRAP', 'UDPSENDWRAP', 'PIPECONNECTWRAP', 'GETADDRINFOREQWRAP', 'GETNAMEINFOREQWRAP', 'QUERYWRAP', 'PROCESSWRAP',
]);

/** Everything in this process that reached out while it was watched. */
export interface NetworkWatch extends Disposable {
  readonly seen: readonly string[];
}

/** Watches for sockets, name look-ups and processes; dispose the result to stop. */
export function watchNetwork(): NetworkWatch {
  const seen: string[] = [];
  const hook = createHook({
    init(_id, type) {
      if (REACHING_OUT.has(type)) seen.push(type);
    },
  }).enable();
  return { seen, [Symbol.dispose]: () => void hook.disable() };
}

/** How many resources of each kind keep the process alive for good: what is there at every one of several looks. */
export async function countLastingResources(): Promise<ReadonlyMap<string, number>> {
  let lasting = countResources();
  for (let look = 0; look < 5; look += 1) {
    await pause(2);
    const now = countResources();
    lasting = new Map([...lasting].map(([kind, count]) => [kind, Math.min(count, now.get(kind) ?? 0)]));
  }
  return lasting;
}

/** How many resources of each kind keep the process alive now. */
function countResources(): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}

/** What keeps the process alive now and did not before: `TCPSocketWrap (2)`. */
export function resourcesAdded(before: ReadonlyMap<string, number>): string[] {
  return [...countResources()].filter(([kind, count]) => count > (before.get(kind) ?? 0)).map(([kind, count]) => `${kind} (${count - (before.get(kind) ?? 0)})`);
}

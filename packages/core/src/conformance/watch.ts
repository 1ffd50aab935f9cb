import { AsyncLocalStorage, createHook } from 'node:async_hooks';

/** Kinds of asynchronous work that reach out of the process. Names as Node gives them to async_hooks. */
const REACHING_OUT: ReadonlySet<string> = new Set([
  'TCPWRAP', 'TCPCONNECTWRAP', 'TLSWRAP', 'UDPWRAP', 'UDPSENDWRAP', 'PIPECONNECTWRAP', 'GETADDRINFOREQWRAP', 'GETNAMEINFOREQWRAP', 'QUERYWRAP', 'PROCESSWRAP',
]);

/**
 * Kinds of things that keep a process alive until somebody ends them. TLSWRAP is none of them: it stands around a TCPWRAP, which does, and goes when
 * the garbage collector comes by.
 */
const LASTING: ReadonlySet<string> = new Set([
  'Timeout', 'Immediate', 'TCPWRAP', 'TCPSERVERWRAP', 'UDPWRAP', 'PIPEWRAP', 'PIPESERVERWRAP', 'PROCESSWRAP',
  'WORKER', 'MESSAGEPORT', 'FSEVENTWRAP', 'STATWATCHER', 'SIGNALWRAP',
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

/** Follows what some work leaves behind, apart from everything else that goes on in the process. */
export interface ResourceWatch extends Disposable {
  /** Runs work whose timers, sockets and handles are followed, also those that it makes later. */
  run<T>(work: () => T): T;
  /** What it made that still keeps the process alive: `TCPWRAP`. */
  left(): readonly string[];
}

interface Resource {
  readonly type: string;
  readonly handle: { hasRef?(): boolean };
}

/** Starts following; dispose the result to stop. */
export function watchResources(): ResourceWatch {
  const context = new AsyncLocalStorage<true>();
  const alive = new Map<number, Resource>();
  const hook = createHook({
    init(id, type, _trigger, handle) {
      if (LASTING.has(type) && context.getStore() === true) alive.set(id, { type, handle });
    },
    destroy: (id) => void alive.delete(id),
  }).enable();
  return {
    run: (work) => context.run(true, work),
    left: () => [...alive.values()].filter(({ handle }) => handle.hasRef?.() !== false).map(({ type }) => type),
    [Symbol.dispose]: () => void hook.disable(),
  };
}

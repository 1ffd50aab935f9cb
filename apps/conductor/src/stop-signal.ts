/** A terminal and a supervisor signal the whole process group, npm hands the signal on: what comes within this time is one wish. Milliseconds. */
const SAME_WISH_MS = 1000;

/** Exit status of a program that was interrupted twice, as shells have it (128 + SIGINT). */
const INTERRUPTED = 130;

/** Waits for somebody to stop this program. */
export interface StopSignal extends Disposable {
  /** Resolves with the name of the first SIGTERM or SIGINT. */
  readonly received: Promise<NodeJS.Signals>;
}

/** Listens for SIGTERM and SIGINT from now on. The first asks to stop in good order, a later one ends the program at once. */
export function listenForStop(): StopSignal {
  const { promise, resolve } = Promise.withResolvers<NodeJS.Signals>();
  let firstAt: number | undefined;
  const onSignal = (signal: NodeJS.Signals): void => {
    firstAt ??= performance.now();
    resolve(signal);
    if (performance.now() - firstAt > SAME_WISH_MS) process.exit(INTERRUPTED);
  };
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
  return {
    received: promise,
    [Symbol.dispose]: () => void process.off('SIGTERM', onSignal).off('SIGINT', onSignal),
  };
}

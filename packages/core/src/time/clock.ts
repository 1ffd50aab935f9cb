/** A timer that was started; disposing it before it fires cancels it. */
export interface Timer extends Disposable {}

/** Time as the libraries use it, so that tests need not wait. */
export interface Clock {
  /** Wall time, for what people read. */
  now(): Date;
  /** Milliseconds that never jump, for measuring. */
  monotonicMs(): number;
  /** Calls back once after `ms` milliseconds. Never keeps the process alive. */
  after(ms: number, callback: () => void): Timer;
}

/** The longest time that a timer of Node holds; a longer one would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The clock of this machine. */
export const systemClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
  after(ms, callback) {
    let handle: NodeJS.Timeout;
    const start = (leftMs: number): void => {
      const part = Math.min(leftMs, LONGEST_TIMER_MS);
      handle = setTimeout(() => (leftMs > part ? start(leftMs - part) : callback()), part);
      handle.unref();
    };
    start(ms);
    return { [Symbol.dispose]: () => clearTimeout(handle) };
  },
};

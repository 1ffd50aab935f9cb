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

/** The clock of this machine. */
export const systemClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
  after(ms, callback) {
    const handle = setTimeout(callback, ms);
    handle.unref();
    return { [Symbol.dispose]: () => clearTimeout(handle) };
  },
};

/** The longest time that a timer of Node.js holds. Milliseconds. */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * Runs a call and keeps the process alive meanwhile. The timers of a clock do not, and between two exchanges nothing else is there: a script that has
 * nothing to do but wait for the call would end in the pause.
 */
export async function holdingProcess<T>(call: () => Promise<T>): Promise<T> {
  const hold = setInterval(() => undefined, LONGEST_MS);
  try {
    return await call();
  } finally {
    clearInterval(hold);
  }
}

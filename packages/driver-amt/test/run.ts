/** Lets the clock run in steps until a call has settled. */
export async function run<T>(clock: { advance(ms: number): Promise<void> }, call: Promise<T>, stepMs = 500, limitMs = 3_600_000): Promise<T> {
  let settled = false;
  const watched = call.finally(() => {
    settled = true;
  });
  watched.catch(() => undefined);
  for (let passedMs = 0; !settled && passedMs < limitMs; passedMs += stepMs) await clock.advance(stepMs);
  return watched;
}

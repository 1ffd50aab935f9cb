/** Why fetch failed. Its own TypeError is left out: it may quote the whole address, and what matters is the error behind it. */
export function causeOfFetch(error: unknown): unknown {
  return error instanceof TypeError ? error.cause : error;
}

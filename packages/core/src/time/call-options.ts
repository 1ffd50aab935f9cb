/** The last parameter of every asynchronous call. */
export interface CallOptions {
  /** Gives the call up; it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** The call settles within this time. Milliseconds, at least 1; each call documents its default. */
  readonly timeoutMs?: number | undefined;
}

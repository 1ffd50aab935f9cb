/** The connection ended before the answer was whole. */
export class LostAnswer extends Error {
  /** True when any byte of the request may have left. */
  readonly written: boolean;
  /** True when a byte of the answer had come. */
  readonly received: boolean;
  /** True when the connection had served another request before: the device may have given it up for its idleness. */
  readonly reused: boolean;

  constructor(facts: { readonly written: boolean; readonly received: boolean; readonly reused: boolean }, cause: unknown) {
    super(facts.received ? 'the connection ended in the middle of the answer' : 'the connection ended without an answer', { cause });
    this.written = facts.written;
    this.received = facts.received;
    this.reused = facts.reused;
  }
}

import type { CallOptions } from '@ferric/core';
import type { EventMessage, Procedure } from '../wire/procedure.js';

/** One connection to a daemon on which calls, streams and events run side by side. It has no way to come back: a lost one stays lost. */
export interface RpcConnection extends AsyncDisposable {
  /** Who is at the other end: `unix /run/libvirt/libvirt-sock`, `tls 192.0.2.1:16514`. */
  readonly peer: string;
  /** Undefined while it lives, else why it ended. */
  readonly failure: Error | undefined;
  /** Resolves, never rejects, when the connection has ended for any reason, with that reason. */
  readonly ended: Promise<Error>;
  /**
   * Sends one call and waits for its reply. Any number may be under way; the connection sends at most its limit at a time. `timeoutMs`
   * covers waiting and answering; default: 30000. A call that is given up after it was sent keeps its place until it is answered. When the
   * answer is overdue by the time after which a silent daemon counts as dead (25 seconds by default), the daemon is asked something simple:
   * if it answers, others take the place; if it does not, or owes more than 32 answers, the connection ends as UNREACHABLE.
   * @throws what the daemon answered as an error (see libvirt-error.ts); UNREACHABLE when the connection ends first; TIMEOUT; BUSY when its
   * queue is full; the abort reason. After UNREACHABLE, TIMEOUT or an abort the daemon may still act on the call.
   */
  call<Arguments, Reply>(procedure: Procedure<Arguments, Reply>, args: Arguments, options?: CallOptions): Promise<Reply>;
  /** The same for a procedure with a stream. `options` limit the call and its reply, not the life of the stream. */
  openStream<Arguments, Reply>(procedure: Procedure<Arguments, Reply>, args: Arguments, options?: CallOptions): Promise<RpcStream<Reply>>;
  /** Calls back for each such event, in order, before anything later is read. Dispose to stop. */
  onEvent<Payload>(event: EventMessage<Payload>, callback: (payload: Payload) => void): Disposable;
}

/** Bytes that belong to one call. Disposing aborts what is not finished. */
export interface RpcStream<Reply = undefined> extends AsyncDisposable {
  /** What the daemon answered before the bytes. */
  readonly reply: Reply;
  /**
   * What the daemon sends. Ends at its end of file; throws what the daemon reports, and UNREACHABLE when the connection is lost. Can be
   * iterated once; who leaves the loop early does not get the rest.
   * A slow reader holds up the daemon: past 1 MiB unread, nothing more is taken from the connection until it has caught up; a reader
   * that takes nothing for 10 seconds then loses its stream (BUSY), so that the other calls of the connection go on.
   */
  readonly incoming: AsyncIterable<Buffer>;
  /**
   * Sends bytes, in packets of at most 262120, as fast as the connection takes them. Resolves when they were handed over, and may be changed.
   * Writes keep their order. `timeoutMs` is for all of it; without it, each packet has the time of a call. One that is given up after a part
   * of it was sent aborts the stream.
   */
  write(bytes: Uint8Array, options?: CallOptions): Promise<void>;
  /**
   * Says that all is sent (or read) and waits until the daemon confirms: only then an upload is complete. What arrives meanwhile is thrown
   * away. Default time: that of a call. @throws what the stream has failed with.
   */
  finish(options?: CallOptions): Promise<void>;
  /** Gives the stream up; the daemon throws away what it can. Waits at most five seconds for its confirmation. Never rejects. Idempotent. */
  abort(): Promise<void>;
}

import type { Host } from '../host/host.js';
import type { XdrReader, XdrWriter } from '../wire/xdr.js';
import type { Session } from './session.js';
import type { StreamEnd } from './streams.js';

/** One call as the code that carries it out sees it. Arguments are read before anything changes. */
export interface Call {
  readonly host: Host;
  readonly session: Session;
  readonly args: XdrReader;
  readonly reply: XdrWriter;
  /** Opens a stream, which begins once the answer is out. */
  openStream(end: StreamEnd): void;
}

/** One procedure of the daemon. */
export interface Procedure {
  /** As libvirt's API names it. */
  readonly name: string;
  /** What it changes, if anything: a machine, or other things of the host. */
  readonly changes?: 'machine' | 'host';
  /** From when on it may be called. Default: once the connection is open. */
  readonly from?: 'start' | 'authenticated';
  /** @throws RemoteError, XdrFault */
  answer(call: Call): void;
  /** For the fault `wrong state`, where an answer has content: answers as if it were done. */
  pretend?(call: Call): void;
}

export type ProcedureTable = Readonly<Record<number, Procedure>>;

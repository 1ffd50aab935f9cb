import type { XdrCodec } from './xdr.js';

/** The programs of the protocol that are spoken here. Source: libvirt 9.0.0, remote_protocol.x, qemu_protocol.x, virkeepaliveprotocol.x. */
export const PROGRAMS = { remote: 0x2000_8086, qemu: 0x2000_8087, keepalive: 0x6b65_6570 } as const;
export type ProgramName = keyof typeof PROGRAMS;

/** Which way a stream goes after the reply of its procedure. */
export type StreamDirection = 'upload' | 'download' | 'two-way';

/** One remote procedure: its number and how its arguments and its reply stand on the wire. Plain data; the tables are in `procedures/`. */
export interface Procedure<Arguments, Reply> {
  /** As in remote_protocol.x without its prefix, lower case: `domain_get_state`. For errors, logs and transcripts. */
  readonly name: string;
  readonly program: ProgramName;
  readonly number: number;
  readonly arguments: XdrCodec<Arguments>;
  readonly reply: XdrCodec<Reply>;
  /** Present when a stream follows the reply. */
  readonly stream?: StreamDirection;
  /** True when arguments or reply may carry a secret: transcripts then show the label and no bytes. */
  readonly secret?: boolean;
}

/** A message that the daemon sends by itself. */
export interface EventMessage<Payload> {
  readonly name: string;
  readonly number: number;
  readonly payload: XdrCodec<Payload>;
}

/** What a procedure has besides its number and types. */
export type ProcedureTraits = Pick<Procedure<never, unknown>, 'stream' | 'secret'>;

/** A procedure of the remote program. */
export function remoteProcedure<Arguments, Reply>(
  name: string,
  number: number,
  args: XdrCodec<Arguments>,
  reply: XdrCodec<Reply>,
  traits: ProcedureTraits = {},
): Procedure<Arguments, Reply> {
  return { name, program: 'remote', number, arguments: args, reply, ...traits };
}

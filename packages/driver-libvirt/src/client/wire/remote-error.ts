import { type Domain, domain, type Network, network } from './structs.js';
import { int32, optional, string, struct, type XdrCodec } from './xdr.js';

/** What a daemon sends instead of a reply. Source: libvirt 9.0.0, src/remote/remote_protocol.x, remote_error. */
export interface RemoteError {
  /** virErrorNumber; see libvirt-error.ts for names. */
  readonly code: number;
  /** virErrorDomain: the part of libvirt that failed. */
  readonly domain: number;
  /** For people, already put together. */
  readonly message: string | null;
  /** 1 warning, 2 error. */
  readonly level: number;
  readonly domainObject: Domain | null;
  /** The pattern of the message. */
  readonly string1: string | null;
  readonly string2: string | null;
  readonly string3: string | null;
  /** For a system error, errno. */
  readonly integer1: number;
  readonly integer2: number;
  readonly networkObject: Network | null;
}

export const remoteError: XdrCodec<RemoteError> = struct({
  code: int32,
  domain: int32,
  message: optional(string),
  level: int32,
  domainObject: optional(domain),
  string1: optional(string),
  string2: optional(string),
  string3: optional(string),
  integer1: int32,
  integer2: int32,
  networkObject: optional(network),
});

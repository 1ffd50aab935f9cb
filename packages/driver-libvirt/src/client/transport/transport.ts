import type { Duplex } from 'node:stream';
import type { Clock, Logger } from '@ferric/core';
import type { LibvirtUri } from '../uri.js';

/** A way to the daemon that is open: bytes both ways. Whoever opened it destroys the stream. */
export interface OpenedTransport {
  /** Fails with a FerricError where the way itself knows why it ended: what a program at the far end of SSH had to say. */
  readonly stream: Duplex;
  /** `unix /run/libvirt/libvirt-sock`, `tcp 192.0.2.1:16509`, `ssh root@192.0.2.1:22`. */
  readonly peer: string;
  /** True when nobody on the way can read or change the bytes (unix, TLS, SSH). */
  readonly secure: boolean;
  /** True where the daemon must get each message in a write of its own. Default false. */
  readonly oneMessagePerWrite?: boolean;
}

export interface TransportContext {
  readonly signal: AbortSignal;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly ssh: SshSettings;
  /** Where `.ssh` and `.pki/libvirt` are. Default: the home of the user of this process. */
  readonly homeDirectory?: string;
}

export interface SshSettings {
  /** Private key; default: `keyfile` of the URI, then the agent of SSH_AUTH_SOCK when `agent` says so, then the default keys. */
  readonly keyFile?: string;
  /** Socket of an SSH agent. A library reads no environment: whoever wants the agent passes it. */
  readonly agent?: string;
  /** Default: `known_hosts` of the URI, else the user's own file. */
  readonly knownHostsFile?: string;
}

/** Opens one transport. The bytes that follow are RPC (for TLS, the daemon's first byte has been taken). Heeds the signal. */
export type OpenTransport = (uri: LibvirtUri, context: TransportContext) => Promise<OpenedTransport>;

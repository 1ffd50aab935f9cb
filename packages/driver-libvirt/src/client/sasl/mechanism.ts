import type { Secret } from '@ferric/core';

export interface SaslCredentials {
  readonly username: string;
  readonly password: Secret;
}

/** One authentication in progress: pure, the caller carries the bytes. Undefined means "no data", which is not the same as empty data. */
export interface SaslExchange {
  /** What goes with the name of the mechanism. */
  start(): Uint8Array | undefined;
  /**
   * The answer to what the server sent.
   * @throws PROTOCOL_FAULT for data that the mechanism does not allow; AUTH_FAILED when the server cannot prove that it knows the password;
   * UNSUPPORTED when it asks for what is not spoken here; INVALID_OPTIONS for credentials that this server has no way to take.
   */
  step(serverData: Uint8Array | undefined): Uint8Array | undefined;
  /**
   * Checks the data that came with the server's "complete". @throws as {@link SaslExchange.step}.
   * @returns the layer that protects everything from here on; undefined when there is none.
   */
  complete(serverData: Uint8Array | undefined): SecurityLayer | undefined;
}

/** Protects a connection after authentication: works on the byte stream, below the framing of messages. */
export interface SecurityLayer {
  /** Seals bytes for sending, in as many units as needed. Every result must be sent, in order. */
  wrap(bytes: Uint8Array): Buffer;
  /**
   * Takes bytes as they arrive, however they are cut, and gives what is complete. Bounded by the largest unit.
   * @throws PROTOCOL_FAULT for a unit that is too large, out of order or forged: the connection cannot go on.
   */
  unwrap(bytes: Uint8Array): Buffer;
}

export interface SaslMechanism {
  /** As servers list it: `SCRAM-SHA-256`. */
  readonly name: string;
  /** Best first when several are offered. */
  readonly strength: number;
  /** True: shows the password to whoever listens, so only inside TLS or SSH or on a unix socket. */
  readonly plaintext: boolean;
  /** True: protects the connection by itself after authentication. */
  readonly protects: boolean;
  /** True: out of date; the log warns when it is used. */
  readonly weak: boolean;
  /** @throws INVALID_OPTIONS for credentials that cannot be used; UNSUPPORTED when the mechanism must not run on this connection. */
  begin(credentials: SaslCredentials, context: SaslContext): SaslExchange;
}

export interface SaslContext {
  /** Host name or address of the server, for `digest-uri`. */
  readonly host: string;
  /** Whether something below protects the connection already: then no layer is asked for. */
  readonly secure: boolean;
  /** A fresh nonce in printable ASCII, without commas and quotes; tests give a fixed one. */
  readonly nonce: () => string;
}

import { errorCode, FerricError, MAXIMUM_TIMEOUT_MS, silentLogger } from '@ferric/core';
import { login } from './login.js';
import { createRpcConnection, type OwnedRpcConnection, type RpcConnectionSettings } from './rpc/connection.js';
import type { SaslCredentials } from './sasl/mechanism.js';
import type { OpenedTransport } from './transport/transport.js';
import type { LibvirtUri } from './uri.js';
import { connectionProcedures } from './wire/procedures/connection.js';

export interface SessionSettings extends RpcConnectionSettings {
  readonly credentials?: SaslCredentials;
}

/** How far the opening has come, for whoever has to say what it was that took too long. */
export interface SessionProgress {
  step: string;
}

/** A connection that is ready for calls: authenticated, and open on its hypervisor. */
export interface Session {
  readonly connection: OwnedRpcConnection;
  /** Says good-bye and closes. Calls under way fail as ABORTED at once. Never rejects; takes at most three seconds. */
  close(): Promise<void>;
}

/**
 * The one feature that may be asked before the hypervisor is open; asking it makes the daemon send pings of its own.
 * Source: libvirt 9.0.0, src/libvirt_internal.h, VIR_DRV_FEATURE_PROGRAM_KEEPALIVE.
 */
const FEATURE_KEEPALIVE = 10;

const GOODBYE_TIMEOUT_MS = 2_000;

/**
 * Makes an open transport ready for calls. Owns the transport from here on: it is destroyed when this fails.
 * @param signal ends it; nothing else limits the time
 * @throws AUTH_FAILED, UNSUPPORTED, UNREACHABLE, PROTOCOL_FAULT, what the daemon answers to `connect_open`, and the abort reason.
 */
export async function openSession(
  transport: OpenedTransport,
  uri: LibvirtUri,
  settings: SessionSettings,
  signal: AbortSignal,
  progress: SessionProgress,
): Promise<Session> {
  const connection = createRpcConnection(transport, { ...settings, address: uri.address });
  const options = { signal, timeoutMs: MAXIMUM_TIMEOUT_MS };
  try {
    progress.step = 'authenticating';
    await login(connection, { uri, credentials: settings.credentials, secure: transport.secure, logger: settings.logger ?? silentLogger, options });
    progress.step = 'asking for keepalive';
    const pings = settings.keepAlive !== false && (await knowsPings(connection, options));
    progress.step = 'opening the hypervisor';
    // Only once: a second one breaks the connection.
    await connection.call(connectionProcedures.open, { name: uri.remoteName, flags: 0 }, options);
    connection.maintain({
      pings,
      probe: (timeoutMs) => connection.call(connectionProcedures.getLibVersion, undefined, { timeoutMs, urgent: true }),
    });
  } catch (error) {
    await connection[Symbol.asyncDispose]();
    throw error;
  }
  let closing: Promise<void> | undefined;
  return { connection, close: async () => (closing ??= closeSession(connection, uri.address)) };
}

async function knowsPings(connection: OwnedRpcConnection, options: { readonly signal: AbortSignal; readonly timeoutMs: number }): Promise<boolean> {
  try {
    return (await connection.call(connectionProcedures.supportsFeature, { feature: FEATURE_KEEPALIVE }, options)) !== 0;
  } catch (error) {
    if (errorCode(error) === 'UNSUPPORTED') return false;
    throw error;
  }
}

async function closeSession(connection: OwnedRpcConnection, address: string): Promise<void> {
  connection.abandonAll(new FerricError('ABORTED', `The client of ${address} was closed`, { details: { address } }));
  try {
    // Without it the daemon logs an error, and that is all: a daemon that does not answer does not hold up the end.
    await connection.call(connectionProcedures.close, undefined, { timeoutMs: GOODBYE_TIMEOUT_MS, urgent: true });
  } catch {
    // Closed all the same.
  }
  await connection[Symbol.asyncDispose]();
}

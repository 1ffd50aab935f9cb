import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type Clock, errorCode, FerricError, toFerricError, withDeadline } from '@ferric/core';
import type { TlsConnector } from '@ferric/core/tls';
import type { CheckedSettings } from '../settings.js';

/** Opens one connection to the device. @throws UNREACHABLE, and for TLS what its connector throws; anything when the signal is aborted */
export type OpenSocket = (signal: AbortSignal) => Promise<Socket>;

export interface OpeningSettings extends Pick<CheckedSettings, 'host' | 'port' | 'protocol' | 'connectTimeoutMs'> {
  readonly address: string;
  readonly clock: Clock;
}

/** @param tls decides about certificates and versions; for protocol https */
export function createOpenSocket(settings: OpeningSettings, tls: TlsConnector): OpenSocket {
  const { host, port, protocol, connectTimeoutMs, address, clock } = settings;
  if (protocol === 'http') {
    const deadline = { what: `TCP connection to ${address}`, defaultTimeoutMs: connectTimeoutMs, clock };
    return async (signal) => settle(address, withDeadline({ signal }, deadline, async (limit) => openTcp(host, port, limit.signal)));
  }
  return async (signal) => settle(address, tls.connect({ host, port }, { signal, timeoutMs: connectTimeoutMs }));
}

async function openTcp(host: string, port: number, signal: AbortSignal): Promise<Socket> {
  const socket = connect({ host, port, noDelay: true });
  // A socket that nobody listens to must not end the process.
  socket.on('error', () => undefined);
  try {
    await once(socket, 'connect', { signal });
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

async function settle(address: string, opening: Promise<Socket>): Promise<Socket> {
  try {
    return await opening;
  } catch (error) {
    // No answer in time is what unreachable means; TIMEOUT is for a device that was reached.
    if (errorCode(error) === 'TIMEOUT') throw unreachable(address, 'it did not answer in time', error);
    throw FerricError.is(error) ? error : socketFailure(address, error);
  }
}

interface Failure {
  readonly words: string;
  readonly hint?: string;
}

const LOOK = 'Check the address, the network, and that the machine has power; without a route to it nothing else helps.';

/** What the system says about a connection that did not come about. */
const FAILURES: Readonly<Record<string, Failure>> = {
  ECONNREFUSED: {
    words: 'nobody listens there',
    hint: 'Check address and port, and that AMT is provisioned with network access. AMT 16.1 and later speak TLS only: protocol https, port 16993.',
  },
  ECONNRESET: { words: 'the other side closed it at once' },
  ENOTFOUND: { words: 'the name is not known' },
  EAI_AGAIN: { words: 'no name server answered' },
  EHOSTUNREACH: { words: 'there is no way to that host' },
  ENETUNREACH: { words: 'there is no way to that network' },
  ETIMEDOUT: { words: 'it did not answer in time' },
};

/** UNREACHABLE for a connection that the system could not make. */
export function socketFailure(address: string, error: unknown): FerricError {
  const code = systemCode(error);
  const failure = code === undefined ? undefined : FAILURES[code];
  if (failure === undefined && code === undefined) return toFerricError(error);
  return unreachable(address, failure?.words ?? String(code), error, failure?.hint, code);
}

function unreachable(address: string, words: string, cause?: unknown, hint: string = LOOK, code?: string): FerricError {
  return new FerricError('UNREACHABLE', `No connection to the device at ${address}: ${words}`, {
    ...(cause === undefined ? {} : { cause }),
    details: { address, ...(code === undefined ? {} : { systemCode: code }) },
    hint,
  });
}

/** The code that the system gave an error: `ECONNREFUSED`. */
export function systemCode(error: unknown): string | undefined {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  if (typeof code === 'string') return code;
  // Node.js tries all addresses of a name and tells of all failures at once.
  return error instanceof AggregateError ? systemCode(error.errors[0]) : undefined;
}

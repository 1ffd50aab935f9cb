import type { TLSSocket } from 'node:tls';
import type { CallOptions } from '../time/call-options.js';
import type { TlsConnector } from './tls-connector.js';

/** Where an HTTP client wants to go: the part of undici's `buildConnector.Options` that matters here. */
export interface ConnectTarget {
  readonly hostname: string;
  /** Empty for the default of HTTPS, 443. */
  readonly port: string;
}

/** The form in which undici takes a connector of one's own: option `connect` of its `Client`. */
export type ConnectFunction = (target: ConnectTarget, done: (...result: [Error, null] | [null, TLSSocket]) => void) => void;

/**
 * The connector as an HTTP client of undici takes it. Its requests then fail with the errors of {@link TlsConnector.connect}, unchanged.
 * @param options for each connection; the signal should abort when the client is closed, for undici does not end a connection that is being made
 */
export function toConnectFunction(connector: TlsConnector, options: CallOptions = {}): ConnectFunction {
  return (target, done) => void answer(target, done);

  async function answer({ hostname, port }: ConnectTarget, done: Parameters<ConnectFunction>[1]): Promise<void> {
    let socket: TLSSocket;
    try {
      socket = await connector.connect({ host: hostname, port: port === '' ? 443 : Number(port) }, options);
    } catch (error) {
      done(error instanceof Error ? error : new Error('The connection was given up', { cause: error }), null);
      return;
    }
    done(null, socket);
  }
}

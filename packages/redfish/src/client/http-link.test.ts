import { connect, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { FerricError } from '@ferric/core';
import type { TlsConnector } from '@ferric/core/tls';
import { describe, expect, test } from 'vitest';
import { failure } from '../../test/support/failure.js';
import { startService } from '../../test/support/scripted-service.js';
import { createHttpLink, wasReset } from './http-link.js';

const POST = { method: 'POST', path: '/x', headers: {}, body: '{}' } as const;
const { signal } = new AbortController();
const systemError = (syscall: string, code: string): Error => Object.assign(new Error(`${syscall} ${code}`), { syscall, code });

/** Without TLS, so that the connection can be made to fail in a chosen way. */
function connectorTo(open: () => Promise<Socket>): TlsConnector {
  return { connect: async () => (await open()) as TLSSocket, profileOf: () => undefined };
}

describe('a connection that fails once the request is there', () => {
  test.each([
    ['read', 'ETIMEDOUT'], ['read', 'EHOSTUNREACH'], ['read', 'ENETUNREACH'], ['read', 'ECONNREFUSED'], ['write', 'ETIMEDOUT'], ['read', 'ECONNRESET'], ['write', 'EPIPE'],
  ])('%s %s: the request may have got through', async (syscall, code) => {
    await using service = await startService(() => ({ instead: 'silence' }));
    let socket: Socket | undefined;
    const open = async (): Promise<Socket> => (socket = connect(Number(new URL(service.url).port), '127.0.0.1'));
    await using link = createHttpLink({ origin: 'https://127.0.0.1:1', address: 'a:443', connector: connectorTo(open) });
    const call = failure(link.exchange(POST, signal));
    await expect.poll(() => service.steps).toEqual(['POST /x']);
    socket?.destroy(systemError(syscall, code));
    expect(await call).toMatchObject({ code: 'UNREACHABLE', details: { address: 'a:443', step: 'POST /x', systemCode: code, sent: true } });
  });
});

describe('a connection that does not come about', () => {
  const failing = (error: Error) => {
    const open = async (): Promise<never> => {
      throw error;
    };
    return createHttpLink({ origin: 'https://127.0.0.1:1', address: 'a:443', connector: connectorTo(open) });
  };

  test.each([
    ['connect', 'ETIMEDOUT', 'it did not answer'], ['connect', 'EHOSTUNREACH', 'there is no way to that host'], ['getaddrinfo', 'ENOTFOUND', 'the name is not known'],
    ['connect', 'EADDRNOTAVAIL', 'connect EADDRNOTAVAIL'],
  ])('%s %s: nothing was sent', async (syscall, code, says) => {
    await using link = failing(systemError(syscall, code));
    const error = await failure(link.exchange(POST, signal));
    expect(error).toMatchObject({ code: 'UNREACHABLE', message: `No connection to the controller at a:443: ${says}`, details: { systemCode: code, sent: false } });
    expect(wasReset(error)).toBe(false);
  });

  test('to none of several addresses: nothing was sent', async () => {
    const error = Object.assign(new AggregateError([systemError('connect', 'ETIMEDOUT'), systemError('connect', 'ENETUNREACH')]), { code: 'ETIMEDOUT' });
    await using link = failing(error);
    expect(await failure(link.exchange(POST, signal))).toMatchObject({ code: 'UNREACHABLE', details: { systemCode: 'ETIMEDOUT', sent: false } });
  });

  test('the words of the TLS connector stay what they are', async () => {
    const error = new FerricError('TIMEOUT', 'too long', { details: { sent: false } });
    await using link = failing(error);
    expect(await failure(link.exchange(POST, signal))).toBe(error);
  });
});

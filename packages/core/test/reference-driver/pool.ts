import type { Socket } from 'node:net';
import type { Mutation } from './subject.js';

/** What a pool may do wrong. */
export interface PoolParts {
  /** Whether a later device gets a connection of the pool. Default true. */
  readonly reuses?: boolean;
  /** Whether the pool is closed when the driver is disposed. Default true. */
  readonly closes?: boolean;
}

/** The reference driver with a pool: what a device leaves open stays for later devices of the controller until the driver is disposed. */
export function withPool({ reuses = true, closes = true }: PoolParts = {}): Mutation {
  const pool = new Set<Socket>();
  return {
    parts: {
      discard(socket, reason) {
        if (reason === 'closed' && !socket.destroyed) pool.add(socket);
        else socket.destroy();
      },
      reuse(endpoint) {
        const found = [...pool].find((socket) => reuses && !socket.destroyed && `${socket.remoteAddress}:${socket.remotePort}` === endpoint);
        if (found !== undefined) pool.delete(found);
        return found;
      },
    },
    driver: (driver) => ({
      ...driver,
      async [Symbol.asyncDispose]() {
        await driver[Symbol.asyncDispose]();
        if (closes) for (const socket of pool) socket.destroy();
        pool.clear();
      },
    }),
  };
}

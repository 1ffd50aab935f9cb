import type { Socket } from 'node:net';
import { inspect } from 'node:util';
import { FerricError } from '@ferric/core';
import { expect } from 'vitest';
import { fromHex } from './golden.js';
import type { RawUnit } from './raw-unit.js';
import { createDxpClient, type DxpClient, type DxpClientSettings } from '../src/client/dxp-client.js';

/** A list of four relays, of which the first and the last are on. */
export const FOUR_RELAYS = '01000001';
export const FOUR_STATES = ['on', 'off', 'off', 'on'];

/** A client of a unit that does what the test says. */
export const open = (unit: Pick<RawUnit, 'address' | 'port'>, more: Partial<DxpClientSettings> = {}): DxpClient =>
  createDxpClient({ address: unit.address, port: unit.port, username: 'admin', password: 'admin', ...more });

/** What a call fails with. */
export async function rejection(promise: Promise<unknown>): Promise<FerricError> {
  return promise.then(
    (value) => expect.fail(`resolved with ${inspect(value)}`),
    (error: unknown) => (FerricError.is(error) ? error : expect.fail(`no FerricError, but ${inspect(error)}`)),
  );
}

/** Answers of a unit. */
export const hangUp = (socket: Socket): void => void socket.end();
export const say = (digits: string): ((socket: Socket) => void) => (socket) => void socket.write(fromHex(digits));

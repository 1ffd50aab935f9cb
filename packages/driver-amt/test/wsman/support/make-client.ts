import { createWsman, type WsmanClient, type WsmanSettings } from '../../../src/client/wsman/index.js';
import { PASSWORD, USERNAME } from './digest-device.js';

/** A client of a device on this machine, that does not wake it. */
export function makeClient(device: { readonly port: number }, settings: Partial<WsmanSettings> = {}): WsmanClient {
  return createWsman({ host: '127.0.0.1', port: device.port, protocol: 'http', username: USERNAME, password: PASSWORD, awakeIntervalMs: 0, ...settings });
}

/** What a promise rejects with; fails when it does not. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('It did not reject');
}

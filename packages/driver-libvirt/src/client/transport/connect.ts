import { abortable, throwIfAborted } from '@ferric/core';
import { connect, type NetConnectOpts, type Socket } from 'node:net';

const ignore = (): void => undefined;

/**
 * Waits for a step of the opening. When it fails, or the signal aborts first, what was opened so far is released.
 * @throws what the step throws, or the abort reason.
 */
export async function orRelease<T>(signal: AbortSignal, step: Promise<T>, release: () => void): Promise<T> {
  try {
    const value = await abortable(signal, step);
    throwIfAborted(signal);
    return value;
  } catch (error) {
    release();
    throw error;
  }
}

/** A connected socket. It never fails unheard: its last error can be read from `errored`. @throws the system's error, the abort reason. */
export async function connectSocket(target: NetConnectOpts, signal: AbortSignal): Promise<Socket> {
  throwIfAborted(signal);
  const socket = connect(target);
  const connected = new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  socket.on('error', ignore);
  await orRelease(signal, connected, () => socket.destroy());
  return socket;
}

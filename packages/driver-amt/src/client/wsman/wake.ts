import { connect as connectTcp, type Socket } from 'node:net';
import { abortReason, type Clock, delay, FerricError, holdingProcess, throwIfAborted } from '@ferric/core';
import { socketFailure, systemCode } from './transport/connect.js';

/**
 * Time for each attempt to reach a management engine that may sleep. The first packets wake it and are lost; it then needs some seconds.
 * Source: Intel AMT Implementation and Reference Guide, page "Change Idle Timeout".
 */
const ATTEMPTS_MS: readonly number[] = [1000, 2000, 4000, 4000, 4000];

export interface WakerSettings {
  readonly host: string;
  readonly port: number;
  readonly address: string;
  /** Silence after which the engine may sleep. Milliseconds; 0 never wakes. */
  readonly awakeIntervalMs: number;
  readonly clock: Clock;
}

/** Wakes a management engine before it is asked after a long silence. */
export interface Waker {
  /** Returns once the engine is awake, as far as that can be told. @throws UNREACHABLE after five attempts without an answer; the abort reason */
  wake(signal: AbortSignal): Promise<void>;
  /** The engine has answered, so it is awake. */
  answered(): void;
  /** Connections that were tried for no other purpose than to wake it. */
  readonly wakeAttempts: number;
}

/** Begins a TCP connection; Node.js's own by default. */
export type BeginConnection = (target: { readonly host: string; readonly port: number }) => Pick<Socket, 'on' | 'destroy'>;

export function createWaker(settings: WakerSettings, connect: BeginConnection = connectTcp): Waker {
  const { address, awakeIntervalMs, clock } = settings;
  let answeredAt = Number.NEGATIVE_INFINITY;
  let wakeAttempts = 0;
  return {
    async wake(signal) {
      if (awakeIntervalMs === 0 || clock.monotonicMs() - answeredAt < awakeIntervalMs) return;
      const isReached = await holdingProcess(async () => {
        for (const timeoutMs of ATTEMPTS_MS) {
          wakeAttempts += 1;
          if (await isAwake(settings, connect, timeoutMs, signal)) return true;
        }
        return false;
      });
      if (isReached) return;
      throw new FerricError('UNREACHABLE', `The device at ${address} did not answer ${ATTEMPTS_MS.length} attempts to connect`, {
        details: { address, attempts: ATTEMPTS_MS.length },
        hint: 'It is switched off, asleep without a way to wake it (see its power package), or not at this address.',
      });
    },
    answered() {
      answeredAt = clock.monotonicMs();
    },
    get wakeAttempts() {
      return wakeAttempts;
    },
  };
}

/** Failures that come from this machine or its name server: the engine was not even asked. */
const NOT_ASKED: ReadonlySet<string> = new Set(['ENOTFOUND', 'EAI_AGAIN', 'ENETUNREACH', 'EACCES', 'EADDRNOTAVAIL', 'EINVAL']);

/** Failures by which the network says that nobody answered: the engine may still be getting up. */
const SILENT: ReadonlySet<string> = new Set(['EHOSTUNREACH', 'EHOSTDOWN', 'ETIMEDOUT']);

/** One attempt, which takes its whole time unless the engine answers, be it by refusing. */
async function isAwake({ host, port, address, clock }: WakerSettings, connect: BeginConnection, timeoutMs: number, signal: AbortSignal): Promise<boolean> {
  throwIfAborted(signal);
  const ended = Promise.withResolvers<boolean>();
  const begunAt = clock.monotonicMs();
  const socket = connect({ host, port });
  const giveUp = (): void => ended.reject(abortReason(signal));
  using _timer = clock.after(timeoutMs, () => ended.resolve(false));
  socket.on('connect', () => ended.resolve(true));
  socket.on('error', (error) => {
    const code = systemCode(error) ?? '';
    if (NOT_ASKED.has(code)) ended.reject(socketFailure(address, error));
    else ended.resolve(!SILENT.has(code));
  });
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    if (await ended.promise) return true;
  } finally {
    signal.removeEventListener('abort', giveUp);
    socket.destroy();
  }
  const leftMs = timeoutMs - (clock.monotonicMs() - begunAt);
  if (leftMs > 0) await delay(leftMs, { signal, clock });
  return false;
}

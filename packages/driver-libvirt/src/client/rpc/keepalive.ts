import type { Clock, Timer } from '@ferric/core';

/** Source: libvirt 9.0.0, src/rpc/virkeepaliveprotocol.x: both are messages without a serial and without a payload. */
export const KEEPALIVE_PROCEDURES = { ping: 1, pong: 2 } as const;

export interface KeepAliveSettings {
  readonly clock: Clock;
  /** Silence after which a ping goes out, and the time its answer has. Milliseconds. */
  readonly intervalMs: number;
  /** Pings without a sign of life after which the connection counts as dead. */
  readonly count: number;
  readonly ping: () => void;
  /** False while this side does not read: the silence then says nothing. */
  readonly listening: () => boolean;
  readonly dead: (silentMs: number) => void;
}

/** Asks a silent daemon whether it is there. */
export interface KeepAlive extends Disposable {
  /** Anything that arrives is a sign of life. */
  heard(): void;
}

export function createKeepAlive(settings: KeepAliveSettings): KeepAlive {
  const { clock, intervalMs } = settings;
  let heardAt = clock.monotonicMs();
  let unanswered = 0;
  let timer: Timer;

  const wait = (ms: number): void => {
    timer = clock.after(ms, check);
  };

  // Pings are counted, not milliseconds: a process that was stopped for a minute must not take its own sleep for the daemon's.
  const check = (): void => {
    const now = clock.monotonicMs();
    if (!settings.listening()) heard();
    const quietMs = unanswered === 0 ? now - heardAt : intervalMs;
    if (quietMs < intervalMs) {
      wait(intervalMs - quietMs);
      return;
    }
    if (unanswered >= settings.count) {
      settings.dead(now - heardAt);
      return;
    }
    unanswered += 1;
    settings.ping();
    wait(intervalMs);
  };

  const heard = (): void => {
    heardAt = clock.monotonicMs();
    unanswered = 0;
  };

  wait(intervalMs);
  return { heard, [Symbol.dispose]: () => timer[Symbol.dispose]() };
}

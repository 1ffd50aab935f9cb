import type { Socket } from 'node:net';
import type { Clock } from '@ferric/core';

/** When the management engine is on. `with the machine`: only while that runs. `sleeps`: it sleeps when the machine does not run and nobody asks. */
export type EngineMode = 'always' | 'with the machine' | 'sleeps';

/** The management engine as the network meets it. What comes while it sleeps wakes it, and is lost. */
export interface Engine extends Disposable {
  mode: EngineMode;
  /** How long it takes to wake up. Milliseconds. */
  wakeMs: number;
  /** What becomes of connections while it sleeps or wakes up: closed at once, or left without a sign of life. */
  loses: 'closing' | 'silence';
  /** Silence after which it may sleep. Milliseconds. */
  idleMs(): number;
  /** Puts it to sleep now, whatever its mode and the machine's state. */
  sleep(): void;
  readonly isAsleep: boolean;
  /** How often it woke up. */
  readonly wakes: number;
  /** Connections that came while it was not awake. */
  readonly lost: number;
  /** Lets a connection in, or loses it. */
  admit(socket: Socket): boolean;
  /** A request came: it stays awake. */
  heard(): void;
}

export interface EngineSettings {
  readonly mode: EngineMode;
  readonly clock: Clock;
  /** The machine runs. */
  readonly isRunning: () => boolean;
  readonly idleMs: () => number;
}

const WAKE_MS = 500;

export function createEngine({ mode, clock, isRunning, idleMs }: EngineSettings): Engine {
  const held = new Set<Socket>();
  let lastHeardAt = clock.monotonicMs();
  let isPutToSleep = false;
  let awakeAt: number | undefined;
  let wakes = 0;
  let lost = 0;

  /** Asleep, and nothing has come to wake it. */
  const isAsleep = (): boolean => {
    if (awakeAt !== undefined) return false;
    if (isPutToSleep) return true;
    if (isRunning() || engine.mode === 'always') return false;
    return engine.mode === 'with the machine' || clock.monotonicMs() - lastHeardAt >= idleMs();
  };

  const lose = (socket: Socket): void => {
    lost += 1;
    if (engine.loses === 'closing') return void socket.destroy();
    held.add(socket);
    socket.once('close', () => held.delete(socket));
    socket.resume();
  };

  const engine: Engine = {
    mode,
    wakeMs: WAKE_MS,
    loses: 'closing',
    idleMs,
    sleep() {
      isPutToSleep = true;
      awakeAt = undefined;
    },
    get isAsleep() {
      return isAsleep();
    },
    get wakes() {
      return wakes;
    },
    get lost() {
      return lost;
    },
    admit(socket) {
      const now = clock.monotonicMs();
      const isOff = engine.mode === 'with the machine' && !isRunning();
      if (!isOff && isAsleep()) awakeAt = now + engine.wakeMs;
      if (isOff || (awakeAt !== undefined && now < awakeAt)) {
        lose(socket);
        return false;
      }
      if (awakeAt !== undefined) {
        awakeAt = undefined;
        isPutToSleep = false;
        wakes += 1;
      }
      lastHeardAt = now;
      return true;
    },
    heard() {
      lastHeardAt = clock.monotonicMs();
    },
    [Symbol.dispose]() {
      for (const socket of held) socket.destroy();
    },
  };
  return engine;
}

import { queueFull } from './connection-errors.js';
import type { PendingCall } from './pending-call.js';

export interface CallLineSettings {
  /** Calls under way at one time. */
  readonly places: number;
  readonly queueLimit: number;
  /** False while the stream has enough to do. */
  readonly ready: () => boolean;
  readonly send: (call: PendingCall) => void;
}

/** Lets calls out in their order, as many at a time as there are places. */
export interface CallLine {
  readonly taken: number;
  readonly waiting: number;
  /** Sends the call now or when its turn comes. @throws BUSY when too many wait already. */
  enter(call: PendingCall): void;
  /** The call does not need its place, or its turn, any more. */
  leave(call: PendingCall): void;
  /** Sends what can be sent now. */
  proceed(): void;
  /** Empties the queue. */
  clear(): readonly PendingCall[];
}

export function createCallLine(settings: CallLineSettings): CallLine {
  // A Set keeps the order of arrival, and whoever gives up leaves it from the middle.
  const queue = new Set<PendingCall>();
  let taken = 0;

  const send = (call: PendingCall): void => {
    taken += 1;
    call.holdsPlace = true;
    settings.send(call);
  };

  const proceed = (): void => {
    for (const call of queue) {
      if (taken >= settings.places || !settings.ready()) return;
      queue.delete(call);
      send(call);
    }
  };

  return {
    get taken() {
      return taken;
    },
    get waiting() {
      return queue.size;
    },
    enter(call) {
      if (call.urgent || (queue.size === 0 && taken < settings.places && settings.ready())) {
        send(call);
        return;
      }
      if (queue.size >= settings.queueLimit) throw queueFull(call.facts, settings.queueLimit);
      queue.add(call);
    },
    leave(call) {
      queue.delete(call);
      if (!call.holdsPlace) return;
      call.holdsPlace = false;
      taken -= 1;
      proceed();
    },
    proceed,
    clear() {
      const calls = [...queue];
      queue.clear();
      return calls;
    },
  };
}

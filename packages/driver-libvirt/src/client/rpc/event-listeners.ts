import type { Logger } from '@ferric/core';
import type { EventMessage } from '../wire/procedure.js';
import { XdrReader } from '../wire/xdr.js';

interface Listener {
  readonly event: EventMessage<unknown>;
  readonly callback: (payload: unknown) => void;
}

/** Who wants to know of which events on one connection. */
export interface EventListeners {
  add<Payload>(event: EventMessage<Payload>, callback: (payload: Payload) => void): Disposable;
  /** Tells all who want to know; nobody may, then it is not even decoded. @throws PROTOCOL_FAULT when it cannot be read. */
  deliver(number: number, payload: Buffer): void;
  /** Name of an event to which somebody listens. */
  nameOf(number: number): string | undefined;
  clear(): void;
}

export function createEventListeners(logger: Logger): EventListeners {
  const listeners = new Map<number, Set<Listener>>();

  const tell = (listener: Listener, value: unknown): void => {
    try {
      listener.callback(value);
    } catch (error) {
      // A mistake of one listener must not end the connection of all others.
      logger.error({ error, event: listener.event.name }, 'A listener to libvirt events threw');
    }
  };

  return {
    add<Payload>(event: EventMessage<Payload>, callback: (payload: Payload) => void) {
      const listener = { event, callback } as unknown as Listener;
      const same = listeners.get(event.number) ?? new Set();
      same.add(listener);
      listeners.set(event.number, same);
      return {
        [Symbol.dispose]() {
          same.delete(listener);
          if (same.size === 0 && listeners.get(event.number) === same) listeners.delete(event.number);
        },
      };
    },
    deliver(number, payload) {
      const [first, ...others] = listeners.get(number) ?? [];
      if (first === undefined) return;
      const reader = new XdrReader(payload);
      const value = first.event.payload.read(reader);
      reader.finish();
      tell(first, value);
      for (const listener of others) {
        // Those told before may have stopped this one.
        if (listeners.get(number)?.has(listener) === true) tell(listener, value);
      }
    },
      nameOf: (number) => [...(listeners.get(number) ?? [])][0]?.event.name,
    clear: () => listeners.clear(),
  };
}

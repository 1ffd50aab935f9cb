import { type Clock, type FerricError, type Logger, toFerricError } from '@ferric/core';
import type { EventKindFacts } from './event-kinds.js';
import type { EventGap, LibvirtEvent } from './events.js';
import type { OwnedRpcConnection } from './rpc/connection.js';
import { connectionProcedures } from './wire/procedures/connection.js';

const RECONNECTED: EventGap = { kind: 'gap', reason: 'reconnected' };

/** Pause before a registration that failed for the moment is tried again on the same connection. */
const RETRY_MS = 1_000;

/** One reader of a feed. */
export interface EventListener {
  /** Lower case; undefined: all domains. */
  readonly domainUuid: string | undefined;
  readonly push: (event: LibvirtEvent | EventGap) => void;
  /** No events will come any more. It then leaves. */
  readonly fail: (error: FerricError) => void;
}

export interface EventFeedSettings {
  readonly kind: EventKindFacts;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Registration {
  readonly connection: OwnedRpcConnection;
  readonly subscription: Disposable;
  /** Undefined until the daemon has answered. */
  callbackId: number | undefined;
  /** Listeners know that events come again. */
  announced: boolean;
}

/** All listeners to one kind of event: registers once on each connection, as long as there are any. */
export class EventFeed {
  readonly #settings: EventFeedSettings;
  /** With whether the listener was reached by a registration before: then a new one means that it has missed something. */
  readonly #listeners = new Map<EventListener, boolean>();
  #connection: OwnedRpcConnection | undefined;
  #registration: Registration | undefined;
  #busy = false;
  #changed = false;
  #wake: () => void = () => undefined;

  constructor(settings: EventFeedSettings) {
    this.#settings = settings;
  }

  add(listener: EventListener): void {
    this.#listeners.set(listener, this.#registration?.announced === true);
    void this.#proceed();
  }

  remove(listener: EventListener): void {
    this.#listeners.delete(listener);
    this.#wake();
    void this.#proceed();
  }

  /** There is a new connection. */
  attach(connection: OwnedRpcConnection): void {
    this.#connection = connection;
    void this.#proceed();
  }

  /** One change after the other, until what the daemon does is what is wanted. */
  async #proceed(): Promise<void> {
    this.#changed = true;
    if (this.#busy) return;
    this.#busy = true;
    while (this.#changed) {
      this.#changed = false;
      if (await this.#step()) this.#changed = true;
    }
    this.#busy = false;
  }

  /** False when there is nothing to change. */
  async #step(): Promise<boolean> {
    const connection = this.#connection?.failure === undefined ? this.#connection : undefined;
    if (this.#registration !== undefined && this.#registration.connection !== connection) this.#forget();
    if (connection === undefined || (this.#registration !== undefined) === this.#listeners.size > 0) return false;
    if (this.#registration === undefined) await this.#register(connection);
    else await this.#deregister(this.#registration);
    return true;
  }

  async #register(connection: OwnedRpcConnection): Promise<void> {
    // Before the call: events may arrive before its reply.
    const subscription = this.#settings.kind.listen(connection, (callbackId, event) => this.#deliver(registration, callbackId, event));
    const registration: Registration = { connection, subscription, callbackId: undefined, announced: false };
    this.#registration = registration;
    try {
      const args = { eventId: this.#settings.kind.eventId, domain: null };
      registration.callbackId = await connection.call(connectionProcedures.domainEventCallbackRegisterAny, args, { urgent: true });
      this.#announce(registration);
    } catch (error) {
      this.#forget();
      if (connection.failure === undefined) await this.#registrationFailed(connection, toFerricError(error, 'Asking for events failed'));
    }
  }

  async #registrationFailed(connection: OwnedRpcConnection, error: FerricError): Promise<void> {
    if (!error.retryable) {
      for (const listener of this.#listeners.keys()) listener.fail(error);
      return;
    }
    this.#settings.logger.warn({ error }, 'Asking for libvirt events failed and is tried again');
    const waiting = Promise.withResolvers<void>();
    this.#wake = waiting.resolve;
    using _timer = this.#settings.clock.after(RETRY_MS, waiting.resolve);
    void connection.ended.then(() => waiting.resolve());
    await waiting.promise;
  }

  async #deregister({ connection, callbackId }: Registration): Promise<void> {
    this.#forget();
    if (callbackId === undefined) return;
    try {
      await connection.call(connectionProcedures.domainEventCallbackDeregisterAny, { callbackId }, { urgent: true });
    } catch (error) {
      // The events go on and nobody hears them; the next connection starts without.
      this.#settings.logger.debug({ error }, 'Libvirt events could not be stopped');
    }
  }

  #forget(): void {
    this.#registration?.subscription[Symbol.dispose]();
    this.#registration = undefined;
  }

  #announce(registration: Registration): void {
    if (registration.announced) return;
    registration.announced = true;
    for (const [listener, reached] of this.#listeners) {
      if (reached) listener.push(RECONNECTED);
      this.#listeners.set(listener, true);
    }
  }

  #deliver(registration: Registration, callbackId: number, event: LibvirtEvent): void {
    // Of a registration that was given up, on the same connection.
    if (registration.callbackId !== undefined && registration.callbackId !== callbackId) return;
    this.#announce(registration);
    for (const listener of this.#listeners.keys()) {
      if (listener.domainUuid === undefined || listener.domainUuid === event.domain.uuid) listener.push(event);
    }
  }
}

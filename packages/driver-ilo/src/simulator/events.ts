import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { Clock, JsonObject, PowerChange, Timer } from '@ferric/core';

/** Somebody who wants to be told of events. */
export interface Subscription {
  readonly id: string;
  readonly destination: string;
  readonly eventTypes: readonly string[];
  readonly context: string;
  readonly protocol: string;
  /** Sent with each event, and shown to nobody. */
  readonly headers: Readonly<Record<string, string>>;
}

export const EVENT_TYPES: readonly string[] = ['StatusChange', 'ResourceUpdated', 'ResourceAdded', 'ResourceRemoved', 'Alert'];

/** How often, and in what distance, an event is sent to somebody who does not take it. Source: HPE iLO 5 RESTful API, EventService. */
export const DELIVERY = { retries: 3, pauseSeconds: 30 } as const;

/** How many may be told of events. */
const MOST_SUBSCRIPTIONS = 10;
/** Events on their way; when there are more, the newest are lost. */
const MOST_ON_THEIR_WAY = 64;
/** Time for one POST. Milliseconds. */
const POST_MS = 5000;

/** What is told of each change of power. Source: HPE iLO RESTful API, registry iLOEvents. */
const POWER_EVENTS: Readonly<Record<PowerChange, { readonly key: string; readonly says: string }>> = {
  on: { key: 'ServerPoweredOn', says: 'The server was powered on.' },
  off: { key: 'ServerPoweredOff', says: 'The server was powered off.' },
  reset: { key: 'ServerResetDetected', says: 'The server was reset.' },
};

/** The event service: who is told, and the telling. */
export class Events implements Disposable {
  readonly #clock: Clock;
  readonly #timers = new Set<Timer>();
  readonly #closing = new AbortController();
  #subscriptions: readonly Subscription[] = [];
  #onTheirWay = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get subscriptions(): readonly Subscription[] {
    return this.#subscriptions;
  }

  get isFull(): boolean {
    return this.#subscriptions.length >= MOST_SUBSCRIPTIONS;
  }

  subscribe(wanted: Omit<Subscription, 'id'>): Subscription {
    const subscription = { ...wanted, id: String(1 + Math.max(0, ...this.#subscriptions.map(({ id }) => Number(id)))) };
    this.#subscriptions = [...this.#subscriptions, subscription];
    return subscription;
  }

  unsubscribe(id: string): void {
    this.#subscriptions = this.#subscriptions.filter((each) => each.id !== id);
  }

  /** Tells of a change of power. */
  power(change: PowerChange, systemPath: string): void {
    const { key, says } = POWER_EVENTS[change];
    this.raise({ EventType: 'Alert', EventId: key, Severity: 'OK', Message: says, MessageArgs: [], MessageId: `iLOEvents.2.1.${key}`, OriginOfCondition: { '@odata.id': systemPath } });
  }

  /** Sends an event to all who subscribed to its kind. */
  raise(event: JsonObject): void {
    const whole = { EventTimestamp: this.#clock.now().toISOString().replace(/\.\d+/, ''), ...event };
    for (const subscription of this.#subscriptions) {
      if (!subscription.eventTypes.includes(String(event['EventType'])) || this.#onTheirWay >= MOST_ON_THEIR_WAY) continue;
      this.#onTheirWay += 1;
      const body = JSON.stringify({ '@odata.type': '#Event.v1_0_0.Event', Name: 'Events', Context: subscription.context, Events: [whole] });
      this.#send(subscription, body, DELIVERY.retries);
    }
  }

  #send(subscription: Subscription, body: string, retries: number): void {
    void post(subscription, body, this.#closing.signal).then((isTaken) => {
      const isOver = isTaken || retries === 0 || this.#closing.signal.aborted || !this.#subscriptions.includes(subscription);
      if (isOver) this.#onTheirWay -= 1;
      else this.#later(DELIVERY.pauseSeconds * 1000, () => this.#send(subscription, body, retries - 1));
    });
  }

  #later(ms: number, act: () => void): void {
    const timer = this.#clock.after(ms, () => {
      this.#timers.delete(timer);
      act();
    });
    this.#timers.add(timer);
  }

  [Symbol.dispose](): void {
    this.#closing.abort();
    for (const timer of this.#timers) timer[Symbol.dispose]();
    this.#timers.clear();
  }
}

/** @returns whether it was taken; never rejects */
async function post({ destination, headers }: Subscription, body: string, signal: AbortSignal): Promise<boolean> {
  const url = URL.parse(destination);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) return false;
  const options = { method: 'POST', agent: false, timeout: POST_MS, signal, headers: { ...headers, 'Content-Type': 'application/json', 'Content-Length': String(Buffer.byteLength(body)) } };
  return new Promise((resolve) => {
    // An iLO takes the certificate of whoever it sends events to as it is.
    const request = url.protocol === 'https:' ? requestHttps(url, { ...options, rejectUnauthorized: false }) : requestHttp(url, options);
    request.on('timeout', () => void request.destroy());
    request.on('error', () => resolve(false));
    request.on('close', () => resolve(false));
    request.on('socket', (socket) => void socket.unref());
    request.on('response', (response) => {
      response.resume();
      resolve((response.statusCode ?? 500) < 300);
    });
    request.end(body);
  });
}

import type { Host } from '../host/host.js';
import type { Guest } from '../domain/guest.js';
import type { DeliverEvent } from '../domain/event-hub.js';
import type { ScramServer } from './scram-server.js';

/** What a client has of its connection: calls reach it through this. */
export interface SessionLink {
  /** Whether nobody can listen in: a unix socket. */
  readonly isPrivate: boolean;
  readonly deliverEvent: DeliverEvent;
  startKeepAlive(): void;
  hasRoomForStream(): boolean;
  /** Ends the connection once the answer is out. */
  endAfterAnswer(): void;
}

/** A connection goes from new to open; a second attempt breaks it for good, as in libvirtd. */
export type Opening =
  | { readonly state: 'new' }
  | { readonly state: 'open'; readonly uri: string; readonly isReadOnly: boolean }
  | { readonly state: 'broken' };

/** One client of the daemon, from authentication to its end. */
export class Session implements Disposable {
  readonly host: Host;
  readonly link: SessionLink;
  readonly callbacks = new Set<number>();
  opening: Opening = { state: 'new' };
  isAuthenticated: boolean;
  /** The attempt to log in that is under way. */
  login: { mechanism: 'not chosen' } | { mechanism: ScramServer } | undefined;

  /** Machines that do not outlive this client. */
  readonly #mortal = new Set<Guest>();

  constructor(host: Host, link: SessionLink) {
    this.host = host;
    this.link = link;
    this.isAuthenticated = host.verifier === undefined;
  }

  destroyAtEnd(guest: Guest): void {
    this.#mortal.add(guest);
    guest.onEnd(() => this.#mortal.delete(guest));
  }

  [Symbol.dispose](): void {
    for (const guest of this.#mortal) guest.destroy();
    for (const id of this.callbacks) this.host.events.deregister(id);
    this.callbacks.clear();
  }
}

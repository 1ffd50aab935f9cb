import { ERROR, ERROR_DOMAIN, RemoteError } from '../wire/remote-error.js';
import { type DomainReference, writeDomain } from '../wire/structs.js';
import { XdrWriter } from '../wire/xdr.js';
import { EVENT, EVENT_ID_LIMIT } from './states.js';

/** The message that tells of each event. Source: libvirt 9.0.0, src/remote/remote_protocol.x, REMOTE_PROC_DOMAIN_EVENT_CALLBACK_*. */
const MESSAGE_OF_EVENT: ReadonlyMap<number, number> = new Map([
  [EVENT.lifecycle, 318], [EVENT.reboot, 319], [EVENT.watchdog, 321], [EVENT.ioError, 322], [EVENT.controlError, 325], [EVENT.metadataChange, 379],
]);

/** Most callbacks at one time, of all clients. */
const MOST_CALLBACKS = 65_536;

/** Takes one event to one client. */
export type DeliverEvent = (procedure: number, payload: Buffer) => void;

interface Callback {
  readonly eventId: number;
  /** Only events of this domain; null: of all. */
  readonly uuid: string | null;
  readonly deliver: DeliverEvent;
}

/** Who wants to know what. Numbers of callbacks are given once, for all clients of the daemon. */
export class EventHub {
  readonly #callbacks = new Map<number, Callback>();
  #next = 0;

  /** @throws RemoteError 1 for an event that libvirt 9.0.0 does not know. */
  register(callback: Callback): number {
    const { eventId } = callback;
    if (eventId < 0 || eventId >= EVENT_ID_LIMIT) throw new RemoteError(ERROR.internal, ERROR_DOMAIN.rpc, `unsupported event ID ${eventId}`);
    if (this.#callbacks.size >= MOST_CALLBACKS) throw new RemoteError(ERROR.internal, ERROR_DOMAIN.rpc, 'too many event callbacks');
    const id = this.#next;
    this.#next += 1;
    this.#callbacks.set(id, callback);
    return id;
  }

  deregister(id: number): void {
    this.#callbacks.delete(id);
  }

  /** @param write what the event tells besides the domain. */
  emit(eventId: number, domain: DomainReference, write: (writer: XdrWriter) => void = () => undefined): void {
    const procedure = MESSAGE_OF_EVENT.get(eventId);
    if (procedure === undefined) return;
    for (const [id, callback] of this.#callbacks) {
      if (callback.eventId !== eventId || (callback.uuid !== null && callback.uuid !== domain.uuid)) continue;
      const writer = new XdrWriter().int(id);
      writeDomain(writer, domain);
      write(writer);
      callback.deliver(procedure, writer.bytes());
    }
  }
}

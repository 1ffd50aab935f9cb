import type { Clock } from '@ferric/core';
import { ERROR, ERROR_DOMAIN, RemoteError } from '../wire/remote-error.js';
import type { DomainReference } from '../wire/structs.js';
import { cloneElement } from '../xml/element.js';
import type { DomainDefinition } from './definition.js';
import type { EventHub } from './event-hub.js';
import { Guest, type GuestBehaviour, type GuestSurroundings } from './guest.js';
import { EVENT, LIFECYCLE } from './states.js';

/** Most domains of one hypervisor. Source: libvirt 9.0.0, src/remote/remote_protocol.x, REMOTE_DOMAIN_LIST_MAX. */
export const MOST_DOMAINS = 16_384;

const notFound = (how: string): RemoteError => new RemoteError(ERROR.noDomain, ERROR_DOMAIN.qemu, `no domain with matching ${how}`);

/** The domains of one hypervisor. */
export class Domains {
  readonly #guests = new Map<string, Guest>();
  readonly #names = new Map<string, Guest>();
  readonly #behaviour: GuestBehaviour;
  readonly #surroundings: GuestSurroundings;
  readonly #events: EventHub;
  #lastId = 0;

  constructor(events: EventHub, clock: Clock, behaviour: GuestBehaviour) {
    this.#events = events;
    this.#behaviour = behaviour;
    this.#surroundings = {
      clock,
      nextId: () => (this.#lastId += 1),
      lifecycle: (domain, [event, detail]) => events.emit(EVENT.lifecycle, domain, (writer) => void writer.int(event).int(detail)),
      rebooted: (domain) => events.emit(EVENT.reboot, domain),
      gone: (guest) => this.#forget(guest),
    };
  }

  list(): Guest[] {
    return [...this.#guests.values()];
  }

  find(nameOrUuid: string): Guest | undefined {
    return this.#guests.get(nameOrUuid) ?? this.#names.get(nameOrUuid);
  }

  findByUuid(uuid: string): Guest | undefined {
    return this.#guests.get(uuid);
  }

  /** @throws RemoteError 42 */
  byReference({ uuid, name }: DomainReference): Guest {
    const guest = this.#guests.get(uuid);
    if (guest === undefined) throw notFound(`uuid '${uuid}' (${name})`);
    return guest;
  }

  byUuid(uuid: string): Guest {
    const guest = this.#guests.get(uuid);
    if (guest === undefined) throw notFound(`uuid '${uuid}'`);
    return guest;
  }

  byName(name: string): Guest {
    const guest = this.#names.get(name);
    if (guest === undefined) throw notFound(`name '${name}'`);
    return guest;
  }

  byId(id: number): Guest {
    const guest = this.list().find((each) => each.isActive && each.id === id);
    if (guest === undefined) throw notFound(`id ${id}`);
    return guest;
  }

  /** Adds a domain, or changes what an existing one will be at its next start. @throws RemoteError 9 */
  define(definition: DomainDefinition): Guest {
    const known = this.#sameOrThrow(definition);
    const wasPersistent = known?.definition !== undefined;
    const guest = known ?? this.#add(definition);
    guest.definition = definition.element;
    this.#tell(guest, wasPersistent ? LIFECYCLE.updated : LIFECYCLE.added);
    return guest;
  }

  /** Starts a machine from this definition only for now. @throws RemoteError 9, 55 */
  createTransient(definition: DomainDefinition, options: { readonly paused: boolean }): Guest {
    const known = this.#sameOrThrow(definition);
    if (known?.isActive === true) throw new RemoteError(ERROR.operationInvalid, ERROR_DOMAIN.domain, `domain '${known.name}' is already active`);
    const guest = known ?? this.#add(definition);
    if (known === undefined) guest.definition = undefined;
    guest.start({ from: cloneElement(definition.element), paused: options.paused });
    return guest;
  }

  undefine(guest: Guest): void {
    guest.definition = undefined;
    guest.autostart = false;
    this.#tell(guest, LIFECYCLE.undefined);
    if (!guest.isActive) this.#forget(guest);
  }

  #sameOrThrow({ name, uuid }: DomainDefinition): Guest | undefined {
    const byUuid = this.#guests.get(uuid);
    const byName = this.#names.get(name);
    const failed = (text: string): RemoteError => new RemoteError(ERROR.operationFailed, ERROR_DOMAIN.domain, text);
    if (byUuid !== undefined && byUuid.name !== name) throw failed(`domain '${byUuid.name}' is already defined with uuid ${uuid}`);
    if (byName !== undefined && byName.uuid !== uuid) throw failed(`domain '${name}' already exists with uuid ${byName.uuid}`);
    return byUuid;
  }

  #add(definition: DomainDefinition): Guest {
    if (this.#guests.size >= MOST_DOMAINS) {
      throw new RemoteError(ERROR.operationFailed, ERROR_DOMAIN.domain, `this simulator holds ${MOST_DOMAINS} domains`);
    }
    const guest = new Guest(definition, this.#behaviour, this.#surroundings);
    this.#guests.set(guest.uuid, guest);
    this.#names.set(guest.name, guest);
    return guest;
  }

  #forget(guest: Guest): void {
    guest.discard();
    this.#guests.delete(guest.uuid);
    this.#names.delete(guest.name);
  }

  #tell(guest: Guest, [event, detail]: readonly [number, number]): void {
    this.#events.emit(EVENT.lifecycle, guest.reference, (writer) => void writer.int(event).int(detail));
  }
}

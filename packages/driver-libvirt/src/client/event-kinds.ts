import type { Domain, DomainMetadataKind } from './domains.js';
import type { LibvirtEvent, LibvirtEventKind, LibvirtEvents } from './events.js';
import type { RpcConnection } from './rpc/rpc-connection.js';
import { DOMAIN_EVENT_IDS, eventMessages } from './wire/event-messages.js';
import type { EventMessage } from './wire/procedure.js';

type LifecycleWord = LibvirtEvents['lifecycle']['event'];

/** Source: libvirt 9.0.0, include/libvirt/libvirt-domain.h, virDomainEventType and the types of its details; the index is the number on the wire. */
const LIFECYCLE: readonly { readonly event: LifecycleWord; readonly details: readonly string[] }[] = [
  { event: 'defined', details: ['added', 'updated', 'renamed', 'from snapshot'] },
  { event: 'undefined', details: ['removed', 'renamed'] },
  { event: 'started', details: ['booted', 'migrated', 'restored', 'from snapshot', 'woken up'] },
  {
    event: 'suspended',
    details: ['paused', 'migrated', 'I/O error', 'watchdog', 'restored', 'from snapshot', 'API error', 'post-copy', 'post-copy failed'],
  },
  { event: 'resumed', details: ['unpaused', 'migrated', 'from snapshot', 'post-copy', 'post-copy failed'] },
  { event: 'stopped', details: ['shut down', 'destroyed', 'crashed', 'migrated', 'saved', 'failed', 'from snapshot'] },
  { event: 'shutdown', details: ['finished', 'asked by the guest', 'asked by the host'] },
  { event: 'suspended by guest', details: ['to memory', 'to disk'] },
  { event: 'crashed', details: ['panicked', 'crash loaded'] },
];

/** Source: libvirt-domain.h, virDomainMetadataType. */
const METADATA_KINDS: readonly DomainMetadataKind[] = ['description', 'title', 'element'];

interface DomainEventPayload {
  readonly callbackId: number;
  readonly domain: Domain;
}

/** How one kind of event is asked for and read. */
export interface EventKindFacts {
  /** What `connect_domain_event_callback_register_any` takes. */
  readonly eventId: number;
  /** Calls back for each event of this kind with the registration that it belongs to. Those for which this version has no word are left out. */
  listen(connection: RpcConnection, callback: (callbackId: number, event: LibvirtEvent) => void): Disposable;
}

function eventKind<Payload extends DomainEventPayload>(
  eventId: number,
  message: EventMessage<Payload>,
  read: (payload: Payload) => LibvirtEvent | undefined,
): EventKindFacts {
  return {
    eventId,
    listen: (connection, callback) =>
      connection.onEvent(message, (payload) => {
        const event = read(payload);
        if (event !== undefined) callback(payload.callbackId, event);
      }),
  };
}

/** Every kind of event that is known here. */
export const EVENT_KINDS: Readonly<Record<LibvirtEventKind, EventKindFacts>> = {
  lifecycle: eventKind(DOMAIN_EVENT_IDS.lifecycle, eventMessages.lifecycle, ({ domain, event, detail }) => {
    const words = LIFECYCLE[event];
    return words && { kind: 'lifecycle', domain, event: words.event, detail: words.details[detail] ?? `detail ${detail}` };
  }),
  reboot: eventKind(DOMAIN_EVENT_IDS.reboot, eventMessages.reboot, ({ domain }) => ({ kind: 'reboot', domain })),
  watchdog: eventKind(DOMAIN_EVENT_IDS.watchdog, eventMessages.watchdog, ({ domain, action }) => ({ kind: 'watchdog', domain, action })),
  'control-error': eventKind(DOMAIN_EVENT_IDS.controlError, eventMessages.controlError, ({ domain }) => ({ kind: 'control-error', domain })),
  metadata: eventKind(DOMAIN_EVENT_IDS.metadataChange, eventMessages.metadataChange, ({ domain, type, uri }) => {
    const about = METADATA_KINDS[type];
    return about && { kind: 'metadata', domain, about, uri };
  }),
};

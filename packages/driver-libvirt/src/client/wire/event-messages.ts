import type { EventMessage } from './procedure.js';
import { type Domain, domain } from './structs.js';
import { int32, optional, string, struct, type XdrCodec } from './xdr.js';

interface DomainEvent {
  /** What the registration answered. */
  readonly callbackId: number;
  readonly domain: Domain;
}

function event<Payload>(name: string, number: number, payload: XdrCodec<Payload>): EventMessage<Payload> {
  return { name, number, payload };
}

const domainEvent: XdrCodec<DomainEvent> = struct({ callbackId: int32, domain });

/** What a daemon sends by itself. Source: libvirt 9.0.0, src/remote/remote_protocol.x, the `_msg` structs and the numbers at its end. */
export const eventMessages = {
  lifecycle: event('domain_event_callback_lifecycle', 318, struct({ callbackId: int32, domain, event: int32, detail: int32 })),
  reboot: event('domain_event_callback_reboot', 319, domainEvent),
  watchdog: event('domain_event_callback_watchdog', 321, struct({ callbackId: int32, domain, action: int32 })),
  controlError: event('domain_event_callback_control_error', 325, domainEvent),
  connectionClosed: event('connect_event_connection_closed', 362, struct({ reason: int32 })),
  metadataChange: event('domain_event_callback_metadata_change', 379, struct({ callbackId: int32, domain, type: int32, uri: optional(string) })),
};

/** Numbers for `connect_domain_event_callback_register_any`. Source: include/libvirt/libvirt-domain.h, virDomainEventID. */
export const DOMAIN_EVENT_IDS = { lifecycle: 0, reboot: 1, watchdog: 3, controlError: 7, metadataChange: 23 } as const;

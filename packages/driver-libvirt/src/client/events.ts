import type { Domain, DomainMetadataKind } from './domains.js';

/** What events of each kind tell. Source: libvirt 9.0.0, include/libvirt/libvirt-domain.h, virDomainEventID and the types of its callbacks. */
export interface LibvirtEvents {
  readonly lifecycle: {
    readonly domain: Domain;
    readonly event: 'defined' | 'undefined' | 'started' | 'suspended' | 'resumed' | 'stopped' | 'shutdown' | 'suspended by guest' | 'crashed';
    /** In words: `added`, `booted`, `destroyed`, `asked by the guest`; `detail 9` where this version knows no word. */
    readonly detail: string;
  };
  readonly reboot: { readonly domain: Domain };
  readonly watchdog: { readonly domain: Domain; readonly action: number };
  readonly 'control-error': { readonly domain: Domain };
  readonly metadata: { readonly domain: Domain; readonly about: DomainMetadataKind; readonly uri: string | null };
}
export type LibvirtEventKind = keyof LibvirtEvents;

/** Events before this point were lost: look at the state of everything again. */
export interface EventGap {
  readonly kind: 'gap';
  /** `overflow`: the reader was too slow. `reconnected`: the connection was lost for a while. */
  readonly reason: 'overflow' | 'reconnected';
}

export type LibvirtEvent = { readonly [Kind in LibvirtEventKind]: { readonly kind: Kind } & LibvirtEvents[Kind] }[LibvirtEventKind];

export interface EventOptions {
  readonly signal?: AbortSignal | undefined;
  /** Only events of this domain. Default: of all. */
  readonly domainUuid?: string;
  /** Events kept for a reader that is slow; older ones are dropped and a gap is reported. Default 1000. */
  readonly limit?: number;
}

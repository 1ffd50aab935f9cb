import { ERROR, ERROR_DOMAIN, RemoteError } from '../wire/remote-error.js';
import type { XmlElement } from '../xml/element.js';
import type { Guest } from './guest.js';

/** What a change is for. Source: libvirt 9.0.0, include/libvirt/libvirt-domain.h, virDomainModificationImpact. */
export const AFFECT = { live: 1, config: 2 } as const;

/** The two forms of a domain that a change may be for. */
export interface Scope {
  readonly live: XmlElement | undefined;
  readonly config: XmlElement | undefined;
}

export function requireRunning(guest: Guest, errorDomain: number = ERROR_DOMAIN.domain): void {
  if (!guest.isActive) throw new RemoteError(ERROR.operationInvalid, errorDomain, 'domain is not running');
}

/**
 * What these flags mean for this domain: no flag stands for the machine if one runs, else for the definition.
 * @throws RemoteError 55 when the machine is meant and does not run, or the definition and there is none.
 */
export function scopeOf(guest: Guest, flags: number): Scope {
  const none = (flags & (AFFECT.live | AFFECT.config)) === 0;
  const wantsLive = (flags & AFFECT.live) !== 0 || (none && guest.isActive);
  const wantsConfig = (flags & AFFECT.config) !== 0 || (none && !guest.isActive);
  if (wantsLive) requireRunning(guest);
  if (wantsConfig && guest.definition === undefined) {
    throw new RemoteError(ERROR.operationInvalid, ERROR_DOMAIN.domain, 'transient domains do not have any persistent config');
  }
  return { live: wantsLive ? guest.live : undefined, config: wantsConfig ? guest.definition : undefined };
}

import type { ADDRESS_FAMILIES, AMT_GeneralSettings, POWER_SOURCES, PRIVACY_LEVELS } from '../classes/amt-settings.js';
import type { InstanceOf } from '../classes/class-table.js';
import { present } from '../classes/present.js';
import type { Named } from '../classes/value-readers.js';

/** Settings of the management engine as a whole. */
export interface GeneralSettings {
  readonly hostName?: string;
  readonly domainName?: string;
  /** The full name that the operating system told. */
  readonly hostOsName?: string;
  /** The realm of digest authentication: `Digest:` and 32 hex digits. */
  readonly digestRealm?: string;
  /** How long the management engine stays awake after a request while the machine is asleep or off. Milliseconds; AMT counts minutes. */
  readonly idleWakeTimeoutMs?: number;
  readonly powerSource?: Named<typeof POWER_SOURCES>;
  readonly privacyLevel?: Named<typeof PRIVACY_LEVELS>;
  readonly preferredAddressFamily?: Named<typeof ADDRESS_FAMILIES>;
  readonly networkEnabled?: boolean;
  readonly networkInterfaceEnabled?: boolean;
  /** True: ICMP echo requests are answered. */
  readonly pingAnswered?: boolean;
  /** True: ASF presence pings on UDP 623 are answered. */
  readonly rmcpPingAnswered?: boolean;
  /** True: the interfaces from before WS-Management are closed. */
  readonly wsmanOnly?: boolean;
  /** True: name and domain are those of the machine. */
  readonly sharedName?: boolean;
  readonly thunderboltDockEnabled?: boolean;
}

const MINUTE_MS = 60_000;

export function toGeneralSettings(instance: InstanceOf<typeof AMT_GeneralSettings>): GeneralSettings {
  const { IdleWakeTimeout } = instance;
  return present({
    hostName: instance.HostName,
    domainName: instance.DomainName,
    hostOsName: instance.HostOSFQDN,
    digestRealm: instance.DigestRealm,
    idleWakeTimeoutMs: IdleWakeTimeout === undefined ? undefined : IdleWakeTimeout * MINUTE_MS,
    powerSource: instance.PowerSource,
    privacyLevel: instance.PrivacyLevel,
    preferredAddressFamily: instance.PreferredAddressFamily,
    networkEnabled: instance.AMTNetworkEnabled,
    networkInterfaceEnabled: instance.NetworkInterfaceEnabled,
    pingAnswered: instance.PingResponseEnabled,
    rmcpPingAnswered: instance.RmcpPingResponseEnabled,
    wsmanOnly: instance.WsmanOnlyMode,
    sharedName: instance.SharedFQDN,
    thunderboltDockEnabled: instance.ThunderboltDockEnabled,
  });
}

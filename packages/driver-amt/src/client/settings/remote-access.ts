import type {
  AMT_RedirectionService, AMT_TLSSettingData, CIM_KVMRedirectionSAP, IPS_KVMRedirectionSettingData, REDIRECTION_STATES,
} from '../classes/amt-settings.js';
import type { InstanceOf } from '../classes/class-table.js';
import { present } from '../classes/present.js';
import type { ENABLED_STATES } from '../classes/value-names.js';
import type { Named } from '../classes/value-readers.js';

/** TLS at one of the two interfaces. */
export interface TlsInterfaceSettings {
  readonly enabled: boolean;
  /** True: a client must show a certificate. */
  readonly mutual?: boolean;
  /** True: connections without TLS are accepted too. */
  readonly plainAccepted?: boolean;
  /** False: this firmware cannot accept connections without TLS at all. Left out by firmware before that. */
  readonly plainSupported?: boolean;
  /** Names that a client's certificate may have. */
  readonly trustedNames?: readonly string[];
}

export interface AmtTlsSettings {
  /** What comes over the network. */
  readonly network?: TlsInterfaceSettings;
  /** What comes from software on the machine itself. */
  readonly local?: TlsInterfaceSettings;
}

/** Source: Intel AMT Implementation and Reference Guide, class reference of AMT_TLSSettingData, InstanceID. */
const TLS_INTERFACES = { network: 'Intel(r) AMT 802.3 TLS Settings', local: 'Intel(r) AMT LMS TLS Settings' } as const;

export function toTlsSettings(instances: readonly InstanceOf<typeof AMT_TLSSettingData>[]): AmtTlsSettings {
  const settingsOf = (id: string): TlsInterfaceSettings | undefined => {
    const instance = instances.find(({ InstanceID }) => InstanceID === id);
    return instance === undefined ? undefined : toTlsInterface(instance);
  };
  return present({ network: settingsOf(TLS_INTERFACES.network), local: settingsOf(TLS_INTERFACES.local) });
}

function toTlsInterface(instance: InstanceOf<typeof AMT_TLSSettingData>): TlsInterfaceSettings {
  return present({
    enabled: instance.Enabled,
    mutual: instance.MutualAuthentication,
    plainAccepted: instance.AcceptNonSecureConnections,
    plainSupported: instance.NonSecureConnectionsSupported,
    trustedNames: instance.TrustedCN,
  });
}

/** Serial over LAN and redirected drives. */
export interface RedirectionSettings {
  readonly state: Named<typeof REDIRECTION_STATES>;
  readonly sol: boolean;
  readonly ideRedirection: boolean;
  /** False: nothing listens, whatever the state says. */
  readonly listening?: boolean;
}

export function toRedirectionSettings(instance: InstanceOf<typeof AMT_RedirectionService>): RedirectionSettings {
  const { EnabledState: state, ListenerEnabled: listening } = instance;
  return present({
    state,
    sol: state === 'sol' || state === 'ide-r and sol',
    ideRedirection: state === 'ide-r' || state === 'ide-r and sol',
    listening,
  });
}

/** The remote screen. */
export interface KvmSettings {
  readonly state: Named<typeof ENABLED_STATES>;
  readonly enabled: boolean;
  /** False: switched off in the firmware's own menu, which nobody can change from afar. */
  readonly allowedByFirmware?: boolean;
  /** True: plain VNC on port 5900 is open. */
  readonly vncPortEnabled?: boolean;
  /** True: the user must agree to each session. */
  readonly consentRequired?: boolean;
  /** Milliseconds. */
  readonly consentTimeoutMs?: number;
  /** A session without traffic ends after this time. Milliseconds; AMT counts minutes. */
  readonly sessionTimeoutMs?: number;
  /** Which screen is shown first. */
  readonly defaultScreen?: number;
}

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;

/** @param settings left out when the device does not have the class */
export function toKvmSettings(
  { EnabledState: state }: InstanceOf<typeof CIM_KVMRedirectionSAP>,
  settings: InstanceOf<typeof IPS_KVMRedirectionSettingData> = {},
): KvmSettings {
  const { OptInPolicyTimeout, SessionTimeout } = settings;
  return present({
    state,
    // Offline: allowed, and nobody connected.
    enabled: state === 'enabled' || state === 'enabled but offline',
    allowedByFirmware: settings.EnabledByMEBx,
    vncPortEnabled: settings.Is5900PortEnabled,
    consentRequired: settings.OptInPolicy,
    consentTimeoutMs: OptInPolicyTimeout === undefined ? undefined : OptInPolicyTimeout * SECOND_MS,
    sessionTimeoutMs: SessionTimeout === undefined ? undefined : SessionTimeout * MINUTE_MS,
    defaultScreen: settings.DefaultScreen,
  });
}

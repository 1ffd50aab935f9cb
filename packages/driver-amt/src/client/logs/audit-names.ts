/**
 * Words of the audit log: applications by number, and the events of each. Source: Intel AMT Implementation and Reference Guide, "Audit Log Events" and
 * its pages per application.
 */
interface AuditApplication {
  readonly name: string;
  readonly events: Readonly<Record<number, string>>;
}

export const AUDIT_APPLICATIONS: Readonly<Record<number, AuditApplication>> = {
  16: {
    name: 'security administration',
    events: {
      0: 'provisioning started', 1: 'provisioning completed', 2: 'user added', 3: 'user changed', 4: 'user removed', 5: 'access with wrong credentials',
      6: 'user enabled or disabled', 7: 'TLS state changed', 8: 'TLS server certificate set', 9: 'TLS server certificate removed',
      10: 'trusted root certificate added', 11: 'trusted root certificate removed', 12: 'TLS pre-shared key set', 13: 'Kerberos settings changed',
      14: 'Kerberos key changed', 15: 'flash wear counters reset', 16: 'power package changed', 17: 'realm authentication mode set',
      18: 'client control changed to admin control', 19: 'unprovisioning started',
    },
  },
  17: {
    name: 'remote control',
    events: {
      0: 'power on', 1: 'power off', 2: 'power cycle', 3: 'reset', 4: 'boot options set', 5: 'graceful power off', 6: 'graceful reset', 7: 'standby',
      8: 'hibernate', 9: 'diagnostic interrupt',
    },
  },
  18: {
    name: 'redirection',
    events: {
      0: 'IDE-R session opened', 1: 'IDE-R session closed', 2: 'IDE-R enabled', 3: 'IDE-R disabled', 4: 'serial over LAN session opened',
      5: 'serial over LAN session closed', 6: 'serial over LAN enabled', 7: 'serial over LAN disabled', 8: 'KVM session started',
      9: 'KVM session ended', 10: 'KVM enabled', 11: 'KVM disabled', 12: 'VNC password wrong three times',
    },
  },
  19: { name: 'firmware update', events: { 0: 'firmware updated', 1: 'firmware update failed' } },
  20: {
    name: 'audit log',
    events: { 0: 'log cleared', 1: 'policy changed', 2: 'log disabled', 3: 'log enabled', 4: 'log exported', 5: 'log recovered' },
  },
  21: { name: 'network time', events: { 0: 'clock set' } },
  22: {
    name: 'network administration',
    events: { 0: 'TCP/IP settings set', 1: 'host name set', 2: 'domain name set', 3: 'VLAN set', 4: 'link policy set', 5: 'IPv6 settings set' },
  },
  23: {
    name: 'storage administration',
    events: { 0: 'global storage attributes set', 1: 'enterprise access list changed', 2: 'factory access list changed', 3: 'storage written' },
  },
  24: { name: 'event manager', events: { 0: 'alert subscribed', 1: 'alert unsubscribed', 2: 'event log cleared', 3: 'event log frozen' } },
  25: {
    name: 'system defense',
    events: {
      0: 'filter added', 1: 'filter removed', 2: 'policy added', 3: 'policy removed', 4: 'default policy set', 5: 'heuristics option set',
      6: 'heuristics state cleared',
    },
  },
  26: { name: 'agent presence', events: { 0: 'watchdog added', 1: 'watchdog removed', 2: 'watchdog action set' } },
  27: {
    name: 'wireless',
    events: {
      0: 'profile added', 1: 'profile removed', 2: 'profile updated', 3: 'profile synchronisation changed', 4: 'link preference changed',
      5: 'profile sharing with UEFI changed',
    },
  },
  28: {
    name: 'endpoint access control',
    events: { 0: 'posture signer set', 1: 'enabled', 2: 'disabled', 3: 'posture state updated', 4: 'options set' },
  },
  29: {
    name: 'KVM',
    events: { 0: 'consent enabled', 1: 'consent disabled', 2: 'password changed', 3: 'consent given', 4: 'consent failed' },
  },
  30: { name: 'user consent', events: { 0: 'policy changed', 1: 'code sent', 2: 'start blocked' } },
  32: { name: 'screen blanking', events: {} },
  33: { name: 'watchdog', events: { 1: 'reset options changed', 2: 'action pairing changed' } },
};

/** How the initiator was known. Source: as above, "Audit Log Record Format". */
export const AUDIT_INITIATOR_TYPES = { 0: 'digest user', 1: 'kerberos user', 2: 'local', 3: 'kvm default port' } as const;

/** The form of the address. Source: as above. */
export const AUDIT_LOCATION_TYPES = { 0: 'ipv4', 1: 'ipv6', 2: 'none' } as const;

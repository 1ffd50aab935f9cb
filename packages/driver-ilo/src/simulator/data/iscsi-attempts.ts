import type { JsonObject } from '@ferric/core';

/** What the two kinds of initiators have in common in an attempt that nobody set up. As recorded; see the folders of test/fixtures. */
const COMMON = {
  StructuredBootString: null,
  UEFIDevicePath: null,
  iSCSIAuthenticationMethod: 'None',
  iSCSIChapSecret: null,
  iSCSIChapType: 'OneWay',
  iSCSIChapUsername: null,
  iSCSIInitiatorGateway: '0.0.0.0',
  iSCSIInitiatorInfoViaDHCP: true,
  iSCSIInitiatorIpAddress: '0.0.0.0',
  iSCSIInitiatorNetmask: '0.0.0.0',
  iSCSIIpAddressType: 'IPv4',
  iSCSINicSource: null,
  iSCSITargetInfoViaDHCP: true,
  iSCSITargetIpAddress: '0.0.0.0',
};

type Attempts = readonly [words: { readonly list: string; readonly enabled: string }, initiatorName: string, attempt: JsonObject];

/** Words, initiator and empty attempt by generation. */
export const ISCSI_ATTEMPTS: Readonly<Record<'gen9' | 'gen10', Attempts>> = {
  gen9: [
    { list: 'iSCSIBootSources', enabled: 'iSCSIBootEnable' },
    'iqn.1986-03.com.hp:uefi-i36',
    {
      ...COMMON, iSCSIBootAttemptInstance: 0, iSCSIBootAttemptName: '', iSCSIBootEnable: 'Disabled', iSCSIBootLUN: '0', iSCSIConnectRetry: 0,
      iSCSIConnectTimeoutMS: 100, iSCSITargetName: null, iSCSITargetTcpPort: 0,
    },
  ],
  gen10: [
    { list: 'iSCSISources', enabled: 'iSCSIConnection' },
    'iqn.2015-02.com.hpe:uefi-u30',
    {
      ...COMMON, iSCSIAttemptInstance: 0, iSCSIAttemptName: '', iSCSIConnection: 'Disabled', iSCSILUN: '0', iSCSIConnectRetry: 3,
      iSCSIConnectTimeoutMS: 20_000, iSCSITargetName: '', iSCSITargetTcpPort: 3260,
    },
  ],
};

import type { JsonObject } from '@ferric/core';
import type { SecureBootKeys } from '../machine/secure-boot.js';
import { refuse } from '../outcome.js';
import { asText, type Resource, type RestContext } from '../rest/resource.js';

const KEYS: Readonly<Record<string, SecureBootKeys>> = { ResetAllKeysToDefault: 'factory', DeleteAllKeys: 'none', DeletePK: 'no platform key' };

function readSecureBoot({ machine: { secureBoot } }: RestContext): JsonObject | undefined {
  if (secureBoot === undefined) return undefined;
  // As recorded: no slash at the end of these paths, although the iLO wants one.
  return {
    '@odata.context': '/redfish/v1/$metadata#Systems/1/SecureBoot',
    '@odata.id': '/redfish/v1/Systems/1/SecureBoot',
    '@odata.type': '#SecureBoot.v1_0_0.SecureBoot',
    Id: 'SecureBoot',
    Name: 'UEFI Secure Boot',
    Actions: {
      '#SecureBoot.ResetKeys': {
        target: '/redfish/v1/Systems/1/SecureBoot/Actions/SecureBoot.ResetKeys',
        'ResetKeysType@Redfish.AllowableValues': Object.keys(KEYS),
      },
      Oem: {},
    },
    SecureBootCurrentBoot: secureBoot.isOn ? 'Enabled' : 'Disabled',
    SecureBootEnable: secureBoot.isWanted,
    SecureBootMode: secureBoot.keys === 'factory' ? 'UserMode' : 'SetupMode',
  };
}

const isSupported = ({ machine }: RestContext): boolean => machine.secureBoot !== undefined;

export const SECURE_BOOT_RESOURCES: readonly Resource[] = [
  {
    path: 'Systems/1/SecureBoot',
    exists: isSupported,
    read: readSecureBoot,
    writable: ['SecureBootEnable'],
    patch({ machine, caller }, body) {
      const wanted = body['SecureBootEnable'];
      if (typeof wanted !== 'boolean') return refuse('value not allowed', String(wanted), 'SecureBootEnable');
      return caller.perform('set secure boot', () => {
        if (machine.bios.mode !== 'uefi') return refuse('not in uefi mode');
        if (machine.power.isInPost) return refuse('during post', 'SecureBootEnable');
        if (machine.secureBoot !== undefined) machine.secureBoot.isWanted = wanted;
        return undefined;
      });
    },
  },
  {
    path: 'Systems/1/SecureBoot/Actions/SecureBoot.ResetKeys',
    exists: isSupported,
    post({ machine, caller }, body) {
      const type = asText(body['ResetKeysType']);
      const keys = KEYS[type ?? ''];
      if (keys === undefined) return refuse('value not allowed', String(type), 'ResetKeysType');
      return caller.perform('set secure boot keys', () => {
        if (machine.bios.mode !== 'uefi') return refuse('not in uefi mode');
        machine.secureBoot?.changeKeys(keys);
        return undefined;
      });
    },
  },
];

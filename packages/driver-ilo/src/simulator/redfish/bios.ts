import type { JsonObject, JsonValue } from '@ferric/core';
import type { BiosAttributes, BiosMessage } from '../machine/bios.js';
import type { BootSource } from '../machine/boot-sources.js';
import type { Machine } from '../machine/machine.js';
import { refuse } from '../outcome.js';
import { messageId, SYSTEM_RESET_REQUIRED } from '../rest/messages.js';
import { asList, asObject, asText, type Resource, type RestAnswer, type RestContext } from '../rest/resource.js';
import { link, oem, resource } from './build.js';

// The iLO writes the paths of these in lower case, as recorded.
const BIOS = 'systems/1/bios';

/** How the last changes were taken up. */
function settings(context: RestContext, path: string, result?: { readonly messages: readonly BiosMessage[]; readonly at: Date | undefined }): JsonObject {
  const messages = result?.messages ?? [{ key: 'Success', about: [] }];
  return {
    '@odata.type': '#Settings.v1_0_0.Settings',
    ETag: '',
    Messages: messages.map(({ key, about }) => ({
      MessageId: messageId({ registry: 'Base', key }, context.machine.identity.facts.iloNumber),
      ...(about.length === 0 ? {} : { MessageArgs: [...about], RelatedProperties: [`#/Attributes/${about.at(-1) ?? ''}`] }),
    })),
    SettingsObject: link(context, path),
    Time: result?.at?.toISOString() ?? '',
  };
}

export const registryOf = ({ machine: { identity } }: RestContext): string => `BiosAttributeRegistry${identity.facts.romFamily}.v1_1_00`;

function readBios(context: RestContext): JsonObject {
  const { bios } = context.machine;
  return resource(context, BIOS, 'Bios', {
    '@Redfish.Settings': settings(context, `${BIOS}/settings`, { messages: bios.messages, at: bios.appliedAt }),
    Name: 'BIOS Current Settings',
    AttributeRegistry: registryOf(context),
    Attributes: bios.current,
    Actions: {
      '#Bios.ChangePassword': { target: context.href(`${BIOS}/settings/Actions/Bios.ChangePasswords`) },
      '#Bios.ResetBios': { target: context.href(`${BIOS}/settings/Actions/Bios.ResetBios`) },
    },
    Oem: oem(context, 'HpeBiosExt', {
      Links: {
        BaseConfigs: link(context, `${BIOS}/baseconfigs`),
        Boot: link(context, `${BIOS}/boot`),
        Mappings: link(context, `${BIOS}/mappings`),
        TlsConfig: link(context, `${BIOS}/tlsconfig`),
        iScsi: link(context, `${BIOS}/iscsi`),
      },
      SettingsObject: { UnmodifiedETag: '' },
    }),
  });
}

/** Notes new attributes; PATCH, PUT and POST do the same. */
function changeBios({ machine, caller }: RestContext, body: JsonObject): RestAnswer {
  const attributes = body['Attributes'];
  if (attributes === undefined) return refuse('missing property', 'Attributes');
  const outcome = caller.perform('set bios', () => {
    if (machine.power.isInPost) return refuse('during post', 'Attributes');
    machine.bios.change(asObject(attributes) as BiosAttributes);
    return undefined;
  });
  return outcome ?? { status: 200, messages: [SYSTEM_RESET_REQUIRED] };
}

function showSource(source: BootSource): JsonObject {
  return {
    BootOptionNumber: source.number,
    BootString: source.text,
    CorrelatableID: source.correlatableId,
    StructuredBootString: source.name,
    UEFIDevicePath: source.devicePath,
  };
}

function readBoot(context: RestContext, path: string, order: readonly string[]): JsonObject {
  const { boot } = context.machine;
  return resource(context, path, 'HpeServerBootSettings', {
    ...(path.endsWith('settings') ? {} : { '@Redfish.Settings': settings(context, `${BIOS}/boot/settings`) }),
    Name: 'Boot Order Current Settings',
    BootSources: boot.sources.map(showSource),
    DefaultBootOrder: ['Floppy', 'Cd', 'Usb', 'EmbeddedStorage', 'PcieSlotStorage', 'EmbeddedFlexLOM', 'PcieSlotNic', 'UefiShell'],
    DesiredBootDevices: [],
    PersistentBootConfigOrder: [...order],
  });
}

/** Only a machine in UEFI mode has an order that can be read. */
const isUefi = ({ machine }: RestContext): boolean => machine.bios.mode === 'uefi';

/** Source: recorded; HPE ilorest, IscsiConfigCommand.py, reads them where the present settings are. */
const nicSources = ({ machine }: RestContext): string[] => machine.hardware.networkPorts.map(({ number }) => `NicBoot${number}`);

function readMappings(context: RestContext): JsonObject {
  return resource(context, `${BIOS}/mappings`, 'HpeBiosMapping', {
    Name: 'BIOS mappings',
    BiosPciSettingsMappings: [
      { Associations: ['EmbSata1Aspm', 'EmbSata1PCIeOptionROM'], CorrelatableID: 'PciRoot(0x0)/Pci(0x17,0x0)', Instance: 1, Subinstances: [] },
      {
        Associations: ['EmbNicEnable', { PreBootNetwork: 'EmbNic' }],
        CorrelatableID: 'PciRoot(0x0)/Pci(0x1C,0x4)/Pci(0x0,0x0)',
        Instance: 2,
        Subinstances: context.machine.hardware.networkPorts.map(({ number, uefiDevicePath }) => ({
          Associations: [`NicBoot${number}`],
          CorrelatableID: uefiDevicePath,
          Subinstance: number,
        })),
      },
    ],
  });
}

function showCertificates({ trustedCertificates }: Machine): JsonObject[] {
  return trustedCertificates.trusted.map(({ fingerprint, subject, issuer, serialNumber, validFrom, validTo }) => ({
    FingerPrint: fingerprint,
    Subject: subject,
    Issuer: issuer,
    SerialNumber: serialNumber,
    ValidNotBefore: validFrom,
    ValidNotAfter: validTo,
  }));
}

function changeCertificates({ machine, caller }: RestContext, body: JsonObject): RestAnswer {
  const texts = (name: string, property: string): readonly string[] => asList(body[name]).map((each: JsonValue) => asText(asObject(each)[property]) ?? '');
  const outcome = caller.perform('set trusted certificates', () => {
    machine.trustedCertificates.remove(texts('DeleteCertificates', 'FingerPrint'));
    const isRead = machine.trustedCertificates.add(texts('NewCertificates', 'X509Certificate'));
    return isRead ? undefined : refuse('value not allowed', '', 'X509Certificate');
  });
  return outcome ?? { status: 200, messages: [SYSTEM_RESET_REQUIRED] };
}

/** The BIOS with what hangs below it. */
export const BIOS_RESOURCES: readonly Resource[] = [
  { path: BIOS, read: readBios },
  {
    path: `${BIOS}/settings`,
    read: (context) =>
      resource(context, `${BIOS}/settings`, 'Bios', { Name: 'BIOS Pending Settings', AttributeRegistry: registryOf(context), Attributes: context.machine.bios.pending }),
    writable: ['Attributes'],
    patch: changeBios,
    put: changeBios,
    post: changeBios,
  },
  {
    path: `${BIOS}/settings/Actions/Bios.ResetBios`,
    post({ machine, caller }, body) {
      if (body['ResetType'] !== undefined && body['ResetType'] !== 'default') return refuse('value not allowed', String(body['ResetType']), 'ResetType');
      const outcome = caller.perform('set bios', () => {
        machine.bios.change(machine.bios.defaults);
        return undefined;
      });
      return outcome ?? { status: 200, messages: [SYSTEM_RESET_REQUIRED] };
    },
  },
  {
    path: `${BIOS}/settings/Actions/Bios.ChangePasswords`,
    post: ({ machine, caller }, body) =>
      caller.perform('set bios password', () => {
        if ((asText(body['OldPassword']) ?? '') !== (machine.bios.adminPassword ?? '')) return refuse('value not allowed', '', 'OldPassword');
        const password = asText(body['NewPassword']) ?? '';
        machine.bios.adminPassword = password === '' ? undefined : password;
        return undefined;
      }),
  },
  {
    path: `${BIOS}/baseconfigs`,
    read: (context) =>
      resource(context, `${BIOS}/baseconfigs`, 'HpeBaseConfigs', {
        Name: 'BIOS Default Settings',
        BaseConfigs: [{ default: context.machine.bios.defaults }],
        Capabilities: { BaseConfig: true, BaseConfigs: false },
      }),
  },
  { path: `${BIOS}/boot`, exists: isUefi, read: (context) => readBoot(context, `${BIOS}/boot`, context.machine.boot.order) },
  {
    path: `${BIOS}/boot/settings`,
    exists: isUefi,
    read: (context) => readBoot(context, `${BIOS}/boot/settings`, context.machine.boot.pendingOrder),
    writable: ['PersistentBootConfigOrder', 'DesiredBootDevices'],
    patch({ machine, caller }, body) {
      const names = asList(body['PersistentBootConfigOrder']).map(String);
      const unknown = names.find((name) => !machine.boot.order.includes(name));
      if (unknown !== undefined) return refuse('value not allowed', unknown, 'PersistentBootConfigOrder');
      const outcome = caller.perform('set boot order', () => {
        machine.boot.reorder(names);
        return undefined;
      });
      return outcome ?? { status: 200, messages: [SYSTEM_RESET_REQUIRED] };
    },
  },
  { path: `${BIOS}/mappings`, read: readMappings },
  {
    path: `${BIOS}/iscsi`,
    read: (context) =>
      resource(context, `${BIOS}/iscsi`, 'HpeiSCSISoftwareInitiator', {
        '@Redfish.Settings': settings(context, `${BIOS}/iscsi/settings`),
        Name: 'iSCSI Software Initiator Current Settings',
        iSCSINicSources: nicSources(context),
        ...context.machine.iscsi.current,
      }),
  },
  {
    path: `${BIOS}/iscsi/settings`,
    read: (context) =>
      resource(context, `${BIOS}/iscsi/settings`, 'HpeiSCSISoftwareInitiator', {
        Name: 'iSCSI Software Initiator Pending Settings',
        iSCSINicSources: nicSources(context),
        ...context.machine.iscsi.pending,
      }),
    writable: ['iSCSIInitiatorName', 'iSCSISources'],
    patch({ machine, caller }, body) {
      const outcome = caller.perform('set iscsi', () => {
        machine.iscsi.write(body);
        return undefined;
      });
      return outcome ?? { status: 200, messages: [SYSTEM_RESET_REQUIRED] };
    },
  },
  {
    path: `${BIOS}/tlsconfig`,
    read: (context) =>
      resource(context, `${BIOS}/tlsconfig`, 'HpeTlsConfig', {
        '@Redfish.Settings': settings(context, `${BIOS}/tlsconfig/settings`),
        Name: 'TLS Current Settings',
        Certificates: showCertificates(context.machine),
        Ciphers: '',
        DeleteCertificates: [],
        HostnameCheck: 'Disabled',
        NewCertificates: [],
        ProtocolVersion: 'AUTO',
        VerifyMode: 'PEER',
      }),
  },
  {
    path: `${BIOS}/tlsconfig/settings`,
    read: (context) =>
      resource(context, `${BIOS}/tlsconfig/settings`, 'HpeTlsConfig', { Name: 'TLS Pending Settings', NewCertificates: [], DeleteCertificates: [] }),
    writable: ['NewCertificates', 'DeleteCertificates'],
    patch: changeCertificates,
    put: changeCertificates,
  },
];

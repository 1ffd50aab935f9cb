import { createHash } from 'node:crypto';
import type { JsonObject } from '@ferric/core';
import type { BiosAttributes, BiosMessage } from '../machine/bios.js';
import { refuse } from '../outcome.js';
import { asList, asText, type Resource, type RestAnswer, type RestContext } from '../rest/resource.js';
import { SYSTEM_RESET_REQUIRED } from '../rest/messages.js';
import { href, resource } from './build.js';
import { hasBios } from './systems.js';

// The iLO writes the paths of these in its own mixture of cases, as recorded.
const BIOS = 'systems/1/bios';

export const registryOf = ({ machine: { identity } }: RestContext): string => `HpBiosAttributeRegistry${identity.facts.romFamily}.1.1.00`;

/** How the last changes were taken up; these messages have a colon before their key, as recorded. */
function result(messages: readonly BiosMessage[], at: Date | undefined): JsonObject {
  return {
    ETag: '5E0136E3',
    Messages: messages.map(({ key, about }) => ({ MessageArgs: [...about], MessageID: `Base.1.0:${key}` })),
    Time: at?.toISOString() ?? '',
  };
}

const DONE = [{ key: 'Success', about: [] }];

/** A password of the BIOS has to come along as its digest. */
function mayChange({ machine, headers }: RestContext): boolean {
  const { adminPassword } = machine.bios;
  if (adminPassword === undefined) return true;
  return headers['x-hprestfulapi-authtoken'] === createHash('sha256').update(adminPassword).digest('hex').toUpperCase();
}

/** Passwords are never shown. Recorded; written by HPE ilorest, SetPasswordCommand.py. */
const PASSWORDS = { AdminPassword: null, OldAdminPassword: null };

function changePassword({ machine, caller }: RestContext, body: JsonObject): RestAnswer {
  return caller.perform('set bios password', () => {
    if ((asText(body['OldAdminPassword']) ?? '') !== (machine.bios.adminPassword ?? '')) return refuse('value not allowed', '', 'OldAdminPassword');
    const password = asText(body['AdminPassword']) ?? '';
    machine.bios.adminPassword = password === '' ? undefined : password;
    return undefined;
  });
}

function changeBios(context: RestContext, body: JsonObject): RestAnswer {
  const { machine, caller } = context;
  if (typeof body['AdminPassword'] === 'string') return changePassword(context, body);
  const outcome = caller.perform('set bios', () => {
    if (!mayChange(context)) return refuse('no privilege', 'BIOS administrator');
    if (machine.power.isInPost) return refuse('during post', Object.keys(body)[0] ?? '');
    // Source: HPE ilorest, BiosDefaultsCommand.py.
    machine.bios.change(body['BaseConfig'] === 'default' ? machine.bios.defaults : (body as BiosAttributes));
    return undefined;
  });
  return outcome ?? { status: 200, messages: [SYSTEM_RESET_REQUIRED] };
}

function readBoot(context: RestContext, path: string, order: readonly string[]): JsonObject {
  const { boot } = context.machine;
  return resource(
    context,
    path,
    'HpServerBootSettings.1.3.0',
    {
      AttributeRegistry: registryOf(context),
      BootSources: boot.sources.map((source) => ({
        BootOptionNumber: source.number,
        BootString: source.text,
        CorrelatableID: source.correlatableId,
        StructuredBootString: source.name,
        UEFIDevicePath: source.devicePath,
      })),
      DefaultBootOrder: ['Floppy', 'Cd', 'Usb', 'EmbeddedStorage', 'PcieSlotStorage', 'EmbeddedFlexLOM', 'PcieSlotNic', 'UefiShell'],
      DesiredBootDevices: [],
      Name: 'Boot Order Current Settings',
      PersistentBootConfigOrder: [...order],
      SettingsResult: result(DONE, undefined),
    },
    { Settings: href(context, `${BIOS}/Boot/Settings`) },
  );
}

const nicSources = ({ machine }: RestContext): string[] => machine.hardware.networkPorts.map(({ number }) => `NicBoot${number}`);

const isUefi = (context: RestContext): boolean => hasBios(context) && context.machine.bios.mode === 'uefi';

/** The BIOS of Gen9 with what hangs below it. Source: HPE iLO 4 RESTful API, "Working with BIOS". */
export const BIOS_RESOURCES: readonly Resource[] = [
  {
    path: BIOS,
    exists: hasBios,
    read(context) {
      const { bios } = context.machine;
      return resource(
        context,
        BIOS,
        'HpBios.1.2.0',
        {
          ...bios.current,
          ...PASSWORDS,
          AttributeRegistry: registryOf(context),
          Description: 'This is the Platform/BIOS Configuration (RBSU) Current Settings',
          Modified: bios.appliedAt?.toISOString() ?? '2017-02-17T00:00:00+00:00',
          Name: 'BIOS Current Settings',
          SettingsResult: result(bios.messages, bios.appliedAt),
        },
        {
          BaseConfigs: href(context, `${BIOS}/BaseConfigs`),
          Boot: href(context, `${BIOS}/Boot`),
          Mappings: href(context, `${BIOS}/Mappings`),
          Settings: href(context, `${BIOS}/Settings`),
          iScsi: href(context, `${BIOS}/iScsi`),
        },
      );
    },
  },
  {
    path: `${BIOS}/Settings`,
    exists: hasBios,
    read: (context) =>
      resource(context, `${BIOS}/Settings`, 'HpBios.1.2.0', { ...context.machine.bios.pending, ...PASSWORDS, AttributeRegistry: registryOf(context), Name: 'BIOS Pending Settings' }),
    writable: ['*'],
    patch: changeBios,
    put: changeBios,
  },
  {
    path: `${BIOS}/BaseConfigs`,
    exists: hasBios,
    read: (context) =>
      resource(context, `${BIOS}/BaseConfigs`, 'HpBaseConfigs.0.10.0', {
        BaseConfigs: [{ default: context.machine.bios.defaults }],
        Capabilities: { BaseConfig: true, BaseConfigs: false },
        Name: 'BIOS Default Settings',
      }),
  },
  { path: `${BIOS}/Boot`, exists: isUefi, read: (context) => readBoot(context, `${BIOS}/Boot`, context.machine.boot.order) },
  {
    path: `${BIOS}/Boot/Settings`,
    exists: isUefi,
    read: (context) => readBoot(context, `${BIOS}/Boot/Settings`, context.machine.boot.pendingOrder),
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
  {
    path: `${BIOS}/Mappings`,
    exists: hasBios,
    read: (context) =>
      resource(context, `${BIOS}/Mappings`, 'HpBiosMapping.1.2.0', {
        BiosPciSettingsMappings: [
          { Associations: ['EmbSata1Enable'], CorrelatableID: 'PciRoot(0x0)/Pci(0x1F,0x2)', Instance: 1, Subinstances: [] },
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
        Name: 'Bios Setting Mapping to Devices',
      }),
  },
  {
    path: `${BIOS}/iScsi`,
    exists: hasBios,
    read: (context) =>
      resource(
        context,
        `${BIOS}/iScsi`,
        'HpiSCSISoftwareInitiator.1.0.0',
        { Name: 'iSCSI Software Initiator Current Settings', SettingsResult: result(DONE, undefined), iSCSINicSources: nicSources(context), ...context.machine.iscsi.current },
        { BaseConfigs: href(context, `${BIOS}/iScsi/BaseConfigs`), Mappings: href(context, `${BIOS}/Mappings`), Settings: href(context, `${BIOS}/iScsi/Settings`) },
      ),
  },
  {
    path: `${BIOS}/iScsi/BaseConfigs`,
    exists: hasBios,
    read: (context) =>
      resource(context, `${BIOS}/iScsi/BaseConfigs`, 'HpBaseConfigs.0.10.0', {
        BaseConfigs: [{ default: context.machine.iscsi.defaults }],
        Capabilities: { BaseConfig: false, BaseConfigs: false },
        Name: 'iSCSI Software Initiator Default Settings',
      }),
  },
  {
    path: `${BIOS}/iScsi/Settings`,
    exists: hasBios,
    read: (context) =>
      resource(context, `${BIOS}/iScsi/Settings`, 'HpiSCSISoftwareInitiator.1.0.0', {
        Name: 'iSCSI Software Initiator Pending Settings',
        iSCSINicSources: nicSources(context),
        ...context.machine.iscsi.pending,
      }),
    writable: ['iSCSIInitiatorName', 'iSCSIBootSources'],
    patch({ machine, caller }, body) {
      const outcome = caller.perform('set iscsi', () => {
        machine.iscsi.write(body);
        return undefined;
      });
      return outcome ?? { status: 200, messages: [SYSTEM_RESET_REQUIRED] };
    },
  },
];

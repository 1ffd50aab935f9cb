import type { JsonObject } from '@ferric/core';
import { isAtLeast } from '../generations.js';
import { changeOverride, overrideTargets } from '../rest/boot-override.js';
import { powerOperation } from '../rest/power-operation.js';
import { asText, type Resource, type RestContext } from '../rest/resource.js';
import { collection, link, oem, OK, resource } from './build.js';

const RESET_TYPES = ['On', 'ForceOff', 'ForceRestart', 'Nmi', 'PushPowerButton'];

/** Newer firmware can also ask the operating system. */
function resetTypes(context: RestContext): readonly string[] {
  const { identity } = context.machine;
  const isNew = identity.facts.iloNumber === 6 || isAtLeast(identity.firmwareVersion, '1.40');
  return isNew ? [...RESET_TYPES, 'GracefulShutdown', 'GracefulRestart'] : RESET_TYPES;
}

function readSystem(context: RestContext): JsonObject {
  const { machine } = context;
  const { identity, power, hardware } = machine;
  const memoryGib = hardware.memory.reduce((sum, { sizeMib }) => sum + sizeMib, 0) / 1024;
  return resource(context, 'Systems/1', 'ComputerSystem', {
    Name: 'Computer System',
    Actions: {
      '#ComputerSystem.Reset': {
        'ResetType@Redfish.AllowableValues': [...resetTypes(context)],
        target: context.href('Systems/1/Actions/ComputerSystem.Reset'),
      },
    },
    AssetTag: machine.assetTag,
    Bios: link(context, 'systems/1/bios'),
    BiosVersion: `${identity.facts.romFamily} ${identity.facts.romVersion} (${identity.facts.romDate})`,
    Boot: bootOf(context),
    ...(hasOldEthernet(context) ? {} : { EthernetInterfaces: link(context, 'Systems/1/EthernetInterfaces') }),
    HostName: machine.serverName,
    IndicatorLED: machine.identifyLight === 'On' ? 'Lit' : 'Off',
    Links: { Chassis: [link(context, 'Chassis/1')], ManagedBy: [link(context, 'Managers/1')] },
    LogServices: link(context, 'Systems/1/LogServices'),
    Manufacturer: 'HPE',
    Memory: link(context, 'Systems/1/Memory'),
    MemorySummary: { Status: { HealthRollup: 'OK' }, TotalSystemMemoryGiB: memoryGib },
    Model: identity.productName,
    Oem: oemOf(context),
    PowerState: power.state,
    ProcessorSummary: { Count: hardware.processors.length, Model: identity.facts.processorModel, Status: { HealthRollup: 'OK' } },
    Processors: link(context, 'Systems/1/Processors'),
    SKU: identity.facts.partNumber,
    ...(machine.secureBoot === undefined ? {} : { SecureBoot: { '@odata.id': '/redfish/v1/Systems/1/SecureBoot' } }),
    SerialNumber: identity.serialNumber,
    Status: { ...OK, State: power.isOn ? 'Starting' : 'Disabled', ...(power.postState === 'FinishedPost' ? { State: 'Enabled' } : {}) },
    Storage: link(context, 'Systems/1/Storage'),
    SystemType: 'Physical',
    TrustedModules: [{ Status: { State: 'Absent' } }],
    UUID: identity.uuid,
  });
}

function bootOf({ machine }: RestContext): JsonObject {
  const { override, orderedSources } = machine.boot;
  return {
    BootSourceOverrideEnabled: override.enabled,
    BootSourceOverrideMode: machine.bios.mode === 'uefi' ? 'UEFI' : 'Legacy',
    BootSourceOverrideTarget: override.target,
    'BootSourceOverrideTarget@Redfish.AllowableValues': [...overrideTargets(machine)],
    UefiTargetBootSourceOverride: override.uefiTarget,
    'UefiTargetBootSourceOverride@Redfish.AllowableValues': orderedSources.map(({ devicePath }) => devicePath),
  };
}

/** Early iLO 5 has the network ports among the vendor's links. */
const hasOldEthernet = ({ machine: { identity } }: RestContext): boolean => identity.facts.iloNumber === 5 && !isAtLeast(identity.firmwareVersion, '1.15');

/** From this version on the links to PCI devices are a list. */
const hasPciList = ({ machine: { identity } }: RestContext): boolean => identity.facts.iloNumber === 6 || isAtLeast(identity.firmwareVersion, '2.72');

function oemOf(context: RestContext): JsonObject {
  const { machine } = context;
  const { facts } = machine.identity;
  const rom = { Date: facts.romDate, Family: facts.romFamily, VersionString: `${facts.romFamily} ${facts.romVersion} (${facts.romDate})` };
  const pciDevices = link(context, 'Systems/1/PCIDevices');
  const hasSmartStorage = facts.iloNumber === 5;
  return oem(context, 'HpeComputerSystemExt', {
    Actions: {
      '#HpeComputerSystemExt.PowerButton': {
        'PushType@Redfish.AllowableValues': ['Press', 'PressAndHold'],
        target: context.href('Systems/1/Actions/Oem/Hpe/HpeComputerSystemExt.PowerButton'),
      },
      '#HpeComputerSystemExt.SystemReset': {
        'ResetType@Redfish.AllowableValues': ['ColdBoot'],
        target: context.href('Systems/1/Actions/Oem/Hpe/HpeComputerSystemExt.SystemReset'),
      },
      '#HpeComputerSystemExt.SecureSystemErase': { target: context.href('Systems/1/Actions/Oem/Hpe/HpeComputerSystemExt.SecureSystemErase') },
    },
    AggregateHealthStatus: { BiosOrHardwareHealth: { Status: { Health: 'OK' } }, Fans: { Status: { Health: 'OK' } }, Memory: { Status: { Health: 'OK' } } },
    Bios: { Backup: rom, Current: rom, UefiClass: { bios: 0, both: 2, uefi: 3 }[machine.identity.bootModes] },
    Links: {
      ...(hasOldEthernet(context) ? { EthernetInterfaces: link(context, 'Systems/1/EthernetInterfaces') } : {}),
      NetworkAdapters: link(context, 'Systems/1/BaseNetworkAdapters'),
      PCIDevices: hasPciList(context) ? [pciDevices] : pciDevices,
      ...(hasSmartStorage ? { SmartStorage: link(context, 'Systems/1/SmartStorage') } : {}),
    },
    ...(hasSmartStorage ? { SmartStorageConfig: [link(context, 'systems/1/smartstorageconfig')] } : {}),
    PostState: context.postState(),
    PowerAutoOn: 'Restore',
    PowerRegulatorMode: 'Dynamic',
    // Source: HPE ilorest, OneButtonEraseCommand.py.
    SystemROMAndiLOEraseStatus: machine.eraseStatus,
    UserDataEraseStatus: machine.eraseStatus,
    VirtualProfile: 'Inactive',
  });
}

/** The system itself, and what it can be told to do. */
export const SYSTEM_RESOURCES: readonly Resource[] = [
  { path: 'Systems', read: (context) => collection(context, 'Systems', 'ComputerSystemCollection', ['Systems/1']) },
  {
    path: 'Systems/1',
    read: readSystem,
    writable: ['AssetTag', 'HostName', 'IndicatorLED', 'Boot.BootSourceOverrideEnabled', 'Boot.BootSourceOverrideTarget', 'Boot.UefiTargetBootSourceOverride'],
    patch(context, body) {
      const { machine, caller } = context;
      const light = asText(body['IndicatorLED']);
      if (light !== undefined) {
        return caller.perform('set identify light', () => {
          machine.identifyLight = light === 'Off' ? 'Off' : 'On';
          return undefined;
        });
      }
      if (body['Boot'] !== undefined) return changeOverride(context, body['Boot']);
      return caller.perform('set server name', () => {
        machine.assetTag = asText(body['AssetTag']) ?? machine.assetTag;
        machine.serverName = asText(body['HostName']) ?? machine.serverName;
        return undefined;
      });
    },
  },
  { path: 'Systems/1/Actions/ComputerSystem.Reset', post: (context, body) => powerOperation(context, 'reset', body['ResetType'], resetTypes(context)) },
  {
    path: 'Systems/1/Actions/Oem/Hpe/HpeComputerSystemExt.PowerButton',
    post: (context, body) => powerOperation(context, 'button', body['PushType'], ['Press', 'PressAndHold']),
  },
  {
    path: 'Systems/1/Actions/Oem/Hpe/HpeComputerSystemExt.SystemReset',
    post: (context, body) => powerOperation(context, 'reset', body['ResetType'], ['ColdBoot', 'AuxCycle']),
  },
  {
    path: 'Systems/1/Actions/Oem/Hpe/HpeComputerSystemExt.SecureSystemErase',
    post: ({ machine, caller }) =>
      caller.perform('erase machine', () => {
        machine.bios.change(machine.bios.defaults);
        for (const { uniqueIdentifier } of machine.storage.logicalDrives) machine.storage.remove(uniqueIdentifier);
        machine.storage.erase(machine.storage.drives.map(({ location }) => location));
        machine.storage.holdsSystem = false;
        machine.licence.kind = 'standard';
        machine.eraseStatus = 'CompletedWithSuccess';
        return undefined;
      }),
  },
];

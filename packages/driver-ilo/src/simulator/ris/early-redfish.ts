import type { JsonObject, JsonValue } from '@ferric/core';
import { overrideTargets } from '../rest/boot-override.js';
import { asList, asObject, type RestContext } from '../rest/resource.js';
import { RESET_TYPES } from './systems.js';

// iLO 4 answers below /redfish/v1 with the properties of both styles at once. Source: HPE iLO 4 RESTful API, "Redfish 1.0 conformance".

/**
 * Properties of the old style, which a client that sends OData-Version does not get. The lists of what can be booted from stay, which HPE ilorest,
 * BootOrderCommand.py, reads in both styles.
 */
const OLD: ReadonlySet<string> = new Set(['AvailableActions', 'FanName', 'HostCorrelation', 'Items', 'MacAddress', 'MemberType', 'Power', 'Total', 'Type', 'links']);

/** What Redfish adds, by the name of the type. */
const ADDED: Readonly<Record<string, (context: RestContext, body: JsonObject) => JsonObject>> = {
  ServiceRoot: (context, body) => ({
    ...Object.fromEntries(['AccountService', 'Chassis', 'Managers', 'Registries', 'SessionService', 'Systems'].map((name) => [name, link(context, name)])),
    JsonSchemas: link(context, 'Schemas'),
    Links: { Sessions: link(context, 'SessionService/Sessions') },
    RedfishVersion: '1.0.0',
    UUID: body['UUID'] ?? null,
  }),
  ComputerSystem: addToSystem,
  Manager: (context, body) => ({
    Actions: { '#Manager.Reset': { target: context.href('Managers/1/Actions/Manager.Reset') } },
    EthernetInterfaces: link(context, 'Managers/1/EthernetInterfaces'),
    FirmwareVersion: asObject(asObject(body['Firmware'])['Current'])['VersionString'] ?? null,
    LogServices: link(context, 'Managers/1/LogServices'),
    NetworkProtocol: link(context, 'Managers/1/NetworkService'),
    VirtualMedia: link(context, 'Managers/1/VirtualMedia'),
  }),
  VirtualMedia: addToMedia,
  Chassis: (context) => ({ Power: link(context, 'Chassis/1/Power'), Thermal: link(context, 'Chassis/1/Thermal') }),
  ThermalMetrics: (_context, body) => ({
    Fans: asList(body['Fans']).map((fan) => ({ ...asObject(fan), Name: asObject(fan)['FanName'] ?? '', Reading: asObject(fan)['CurrentReading'] ?? null })),
  }),
  AccountService: (context) => ({ Accounts: link(context, 'AccountService/Accounts') }),
  SessionService: (context) => ({ Sessions: link(context, 'SessionService/Sessions') }),
  LogService: (context, body) => ({ Entries: link(context, `${body['Id'] === 'IML' ? 'Systems' : 'Managers'}/1/LogServices/${String(body['Id'])}/Entries`) }),
};

/** Types that Redfish calls otherwise. */
const RENAMED: Readonly<Record<string, string>> = { ThermalMetrics: 'Thermal', PowerMetrics: 'Power', EthernetNetworkInterface: 'EthernetInterface' };

const link = (context: RestContext, path: string): JsonObject => ({ '@odata.id': context.href(path) });

function addToSystem(context: RestContext, body: JsonObject): JsonObject {
  const { machine } = context;
  const { hardware, power, identity, boot } = machine;
  const memory = asObject(body['Memory']);
  return {
    Actions: {
      '#ComputerSystem.Reset': { 'ResetType@Redfish.AllowableValues': [...RESET_TYPES], target: context.href('Systems/1/Actions/ComputerSystem.Reset') },
    },
    BiosVersion: `${identity.facts.romFamily} ${identity.facts.romVersion} (${identity.facts.romDate})`,
    Boot: {
      ...asObject(body['Boot']),
      'BootSourceOverrideTarget@Redfish.AllowableValues': [...overrideTargets(machine)],
      'UefiTargetBootSourceOverride@Redfish.AllowableValues': boot.orderedSources.map(({ name }) => name),
    },
    EthernetInterfaces: link(context, 'Systems/1/EthernetInterfaces'),
    LogServices: link(context, 'Systems/1/LogServices'),
    MemorySummary: { Status: { HealthRollUp: 'OK' }, TotalSystemMemoryGiB: memory['TotalSystemMemoryGB'] ?? 0 },
    PowerState: power.isOn ? 'On' : 'Off',
    ProcessorSummary: { Count: hardware.processors.length, Model: identity.facts.processorModel, Status: { HealthRollUp: 'OK' } },
    Processors: { ...asObject(body['Processors']), ...link(context, 'Systems/1/Processors') },
    Oem: {
      Hp: {
        ...asObject(asObject(body['Oem'])['Hp']),
        Actions: {
          '#HpComputerSystemExt.PowerButton': {
            'PushType@Redfish.AllowableValues': ['Press', 'PressAndHold'],
            target: context.href('Systems/1/Actions/Oem/Hp/ComputerSystemExt.PowerButton'),
          },
        },
      },
    },
  };
}

function addToMedia(context: RestContext, body: JsonObject): JsonObject {
  const path = `Managers/1/VirtualMedia/${String(body['Id'])}/Actions/Oem/Hp`;
  return {
    Oem: {
      Hp: {
        ...asObject(asObject(body['Oem'])['Hp']),
        Actions: {
          '#HpiLOVirtualMedia.EjectVirtualMedia': { target: context.href(`${path}/HpiLOVirtualMedia.EjectVirtualMedia`) },
          '#HpiLOVirtualMedia.InsertVirtualMedia': { target: context.href(`${path}/HpiLOVirtualMedia.InsertVirtualMedia`) },
        },
      },
    },
  };
}

/** Schemas and registries are files: they are the same for everybody. */
const isFile = (body: JsonObject): boolean => 'RegistryEntries' in body || '$schema' in body;

/** A resource of the old style with the properties of the new one beside them. */
export function toEarly(context: RestContext, path: string, body: JsonObject): JsonObject {
  const [oldName = '', ...version] = String(body['Type'] ?? '').split('.');
  if (oldName === '') return body;
  if (isFile(body)) return { '@odata.type': `#${oldName}.${version.join('.')}.${oldName}`, ...body };
  const members = asList(asObject(body['links'])['Member']);
  const name = oldName === 'Collection' ? `${collectionName(body)}Collection` : (RENAMED[oldName] ?? oldName);
  const self = asObject(asObject(body['links'])['self'])['href'] ?? context.href(path);
  const added = ADDED[oldName]?.(context, body) ?? {};
  const whole: JsonObject = {
    '@odata.context': `/redfish/v1/$metadata#${path}`,
    '@odata.id': self,
    '@odata.type': oldName === 'Collection' ? `#${name}.${name}` : `#${name}.${version.join('.')}.${name}`,
    Id: String(self).split('/').findLast((part) => part !== '') ?? '',
    ...body,
    ...added,
    ...(oldName === 'Collection' ? { Members: members.map(toLink), 'Members@odata.count': members.length } : {}),
  };
  return withLinks(whole);
}

/** `HpServerPciDevice` of a collection whose members are `HpServerPciDevice.1`. */
function collectionName(body: JsonObject): string {
  const name = String(body['MemberType'] ?? '').split('.')[0] ?? '';
  return RENAMED[name] ?? name;
}

const toLink = (value: JsonValue): JsonValue => (Array.isArray(value) ? (value as readonly JsonValue[]).map(toLink) : { '@odata.id': asObject(value)['href'] ?? '' });

/** Beside `links` stands `Links`, also inside the vendor's part. */
function withLinks(body: JsonObject): JsonObject {
  const entries = Object.entries(body).map(([name, value]): [string, JsonValue] => {
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return [name, isObject && (name === 'Oem' || name === 'Hp') ? withLinks(value as JsonObject) : value];
  });
  const old = asObject(body['links']);
  if (body['links'] === undefined) return Object.fromEntries(entries);
  const links = Object.fromEntries(Object.entries(old).filter(([name]) => name !== 'self' && name !== 'Member').map(([name, value]) => [name, toLink(value)]));
  return { ...Object.fromEntries(entries), Links: { ...links, ...asObject(body['Links']) } };
}

/** Without the properties of the old style. `Power` of a chassis is a link, of a system a word of old. */
export function strictly(value: JsonObject): JsonObject {
  if (isFile(value)) return value;
  const clean = (inner: JsonValue): JsonValue => {
    if (Array.isArray(inner)) return (inner as readonly JsonValue[]).map(clean);
    return typeof inner === 'object' && inner !== null ? strictly(inner as JsonObject) : inner;
  };
  const isKept = ([name, inner]: readonly [string, JsonValue]): boolean => !OLD.has(name) || '@odata.id' in asObject(inner);
  return Object.fromEntries(Object.entries(value).filter(isKept).map(([name, inner]) => [name, clean(inner)]));
}

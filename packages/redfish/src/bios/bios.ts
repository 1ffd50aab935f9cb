import { type CallOptions, FerricError, type JsonObject, type JsonValue } from '@ferric/core';
import { findAction, requireAction, runAction } from '../actions/actions.js';
import type { ChangeOptions, RedfishClient, RedfishReply, RequestBody } from '../client/client-types.js';
import { withinChange } from '../client/within.js';
import { isSuccess } from '../errors/message-meanings.js';
import { listOfMessages, type RedfishMessage } from '../errors/messages.js';
import { findLink, requireLink } from '../resource/links.js';
import { isObject, reader, valueOf } from '../resource/readers.js';
import type { Resource } from '../resource/resource.js';
import { settingsPath } from '../resource/writable.js';

/** A setting of the firmware; never an object. */
export type BiosValue = string | number | boolean | null;
export type BiosAttributes = Readonly<Record<string, BiosValue>>;

/** Whether attributes stand in an object of their own (Redfish) or among the properties of the resource (RIS). */
export type BiosForm = 'nested' | 'flat';

export interface BiosSettings {
  /** The resource with the values that count now. */
  readonly resource: Resource;
  readonly form: BiosForm;
  readonly attributes: BiosAttributes;
  /** Name of the registry that describes them. */
  readonly registry: string | undefined;
  /** Where changes go; they count after the next start of the system. Undefined when there is nothing that can be changed. */
  readonly settingsPath: string | undefined;
  /** What came of the last change; undefined before there was one. */
  readonly result: BiosResult | undefined;
}

export interface BiosResult {
  readonly outcome: 'success' | 'failure';
  readonly messages: readonly RedfishMessage[];
  /** When it was applied, as the controller writes it. */
  readonly time: string | undefined;
}

/** Properties of RIS that are no attributes. Source: HPE iLO 4 RESTful API, HpBios. */
const NO_ATTRIBUTES: ReadonlySet<string> = new Set([
  'AttributeRegistry', 'Description', 'Id', 'Modified', 'Name', 'SettingsResult', 'Type', 'links', 'Links', 'Oem', 'Actions', 'Attributes', 'Status',
]);

/** The firmware settings of a system. @throws UNSUPPORTED when it has none that can be read */
export async function readBios(client: RedfishClient, system: Resource, options?: CallOptions): Promise<BiosSettings> {
  return decodeBios(await client.read(requireLink(system, 'Bios', 'BIOS'), options));
}

/** What is set for the next start; the present values too where nothing else is set. @throws UNSUPPORTED */
export async function readPendingBios(client: RedfishClient, bios: BiosSettings, options?: CallOptions): Promise<BiosAttributes> {
  return attributesOf(await client.read(requireSettings(bios), options));
}

/** The values that a reset to the defaults would set, where the vendor publishes them. @throws UNSUPPORTED */
export async function readDefaultBios(client: RedfishClient, bios: BiosSettings, options?: CallOptions): Promise<BiosAttributes> {
  const { body, path } = await client.read(requireLink(bios.resource, 'BaseConfigs'), options);
  const found = [valueOf(body, 'default'), ...reader(body, path).children('BaseConfigs').map(({ object }) => valueOf(object, 'default'))].find(isObject);
  if (found === undefined) throw new FerricError('UNSUPPORTED', `${path} holds no default settings`, { details: { resource: path } });
  return valuesOf(found);
}

export function decodeBios(resource: Resource): BiosSettings {
  const { body, path } = resource;
  return {
    resource,
    form: isObject(valueOf(body, 'Attributes')) ? 'nested' : 'flat',
    attributes: attributesOf(resource),
    registry: reader(body, path).text('AttributeRegistry'),
    settingsPath: settingsPath(resource),
    result: resultOf(resource),
  };
}

/** Values that an attribute may have, where the resource itself says so; without it only the registry of the vendor knows. */
export function allowedBiosValues({ resource: { body, path } }: BiosSettings, name: string): readonly string[] {
  const attributes = valueOf(body, 'Attributes');
  return reader(isObject(attributes) ? attributes : body, path, 'Attributes.').texts(`${name}@Redfish.AllowableValues`);
}

export interface BiosChangeOptions extends ChangeOptions {
  /** True: also attributes that neither the present nor the pending settings have. Default false. */
  readonly allowUnknown?: boolean;
}

/**
 * Sets attributes for the next start of the system; {@link readBios} tells afterwards what came of it. Values may be `Secret`s, such as passwords.
 * @throws UNSUPPORTED, before anything is changed, naming the attributes that this system does not have
 */
export async function changeBios(client: RedfishClient, bios: BiosSettings, attributes: RequestBody, options: BiosChangeOptions = {}): Promise<RedfishReply> {
  const { allowUnknown = false, headers, ...outer } = options;
  return withinChange(client, outer, 'the firmware settings', async (call) => {
    const settings = await client.read(requireSettings(bios), call);
    if (!allowUnknown) requireKnown(attributes, { ...bios.attributes, ...attributesOf(settings) }, settings.path);
    const body = bios.form === 'nested' ? { Attributes: attributes } : attributes;
    return client.change(settings, body, { ...call, ...(headers === undefined ? {} : { headers }) });
  });
}

function requireKnown(attributes: RequestBody, known: BiosAttributes, resource: string): void {
  const unknown = Object.keys(attributes).filter((name) => !Object.hasOwn(known, name));
  if (unknown.length === 0) return;
  throw new FerricError('UNSUPPORTED', `The firmware has no setting ${unknown.join(', ')}`, { details: { resource, attributes: unknown } });
}

/**
 * Sets all attributes back to the vendor's defaults, with the next start of the system.
 * @param parameters some firmware wants them, such as `{ ResetType: 'default' }`
 * @throws UNSUPPORTED when there is no such action: then {@link readDefaultBios} and {@link changeBios} may do
 */
export async function resetBios(client: RedfishClient, bios: BiosSettings, parameters: JsonObject = {}, options?: CallOptions): Promise<RedfishReply> {
  return runAction(client, requireAction(bios.resource, 'ResetBios'), parameters, options);
}

/** True when {@link resetBios} can be used. */
export function canResetBios({ resource }: BiosSettings): boolean {
  return findAction(resource, 'ResetBios') !== undefined;
}

function requireSettings({ settingsPath: path, resource }: BiosSettings): string {
  if (path !== undefined) return path;
  throw new FerricError('UNSUPPORTED', `The firmware settings ${resource.path} cannot be changed here`, { details: { resource: resource.path } });
}

function attributesOf({ body }: Resource): BiosAttributes {
  const nested = valueOf(body, 'Attributes');
  if (isObject(nested)) return valuesOf(nested);
  return Object.fromEntries(Object.entries(valuesOf(body)).filter(([name]) => !NO_ATTRIBUTES.has(name)));
}

/** Without remarks such as `X@Redfish.AllowableValues`. */
function valuesOf(object: JsonObject): BiosAttributes {
  return Object.fromEntries(Object.entries(object).filter((entry): entry is [string, BiosValue] => !entry[0].includes('@') && isBiosValue(entry[1])));
}

function isBiosValue(value: JsonValue): value is BiosValue {
  return value === null || typeof value !== 'object';
}

/** `@Redfish.Settings` of Redfish, `SettingsResult` of RIS. */
function resultOf({ body, path }: Resource): BiosResult | undefined {
  const settings = [valueOf(body, '@Redfish.Settings'), valueOf(body, 'SettingsResult')].find(isObject);
  if (settings === undefined) return undefined;
  const messages = listOfMessages(valueOf(settings, 'Messages'));
  if (messages.length === 0) return undefined;
  // What failed stands beside a general success.
  const outcome = messages.every(({ key }) => isSuccess(key)) ? 'success' : 'failure';
  return { outcome, messages, time: reader(settings, path, 'Settings.').text('Time') };
}

/** Path of a further part of the settings that the vendor links: `Boot`, `Mappings`, `iScsi`, ... */
export function biosPart({ resource }: BiosSettings, name: string): string | undefined {
  return findLink(resource, name);
}

import { type CallOptions, FerricError, type JsonObject } from '@ferric/core';
import type { RedfishClient, RedfishReply, RequestBody } from '../client/client-types.js';
import { linkTarget } from '../resource/links.js';
import { oem, oemKey } from '../resource/oem.js';
import { isObject, reader, valueOf } from '../resource/readers.js';
import type { Resource } from '../resource/resource.js';

/** Something that can be done with a resource. */
export interface RedfishAction {
  /** Its last word: `Reset` of `#ComputerSystem.Reset`. */
  readonly name: string;
  /** Where it is sent with POST. */
  readonly path: string;
  /** What RIS wants in the body besides the parameters: the resource itself is sent to. */
  readonly fixed: JsonObject;
  /** Values that a parameter may have, where the resource says so. */
  readonly allowed: ReadonlyMap<string, readonly string[]>;
  /** Path of the resource that describes the parameters. */
  readonly infoPath: string | undefined;
}

/** Whose actions: of the standard, or what the vendor added. */
export type ActionOrigin = 'standard' | 'vendor';

/** An action in either style; undefined when the resource does not offer it. @param name its last word */
export function findAction(resource: Resource, name: string, origin: ActionOrigin = 'standard'): RedfishAction | undefined {
  const object = origin === 'standard' ? resource.body : oem(resource.body);
  return redfishAction(object, resource, name) ?? risAction(object, resource, name, origin);
}

/** @throws UNSUPPORTED when the resource does not offer it */
export function requireAction(resource: Resource, name: string, origin: ActionOrigin = 'standard'): RedfishAction {
  const action = findAction(resource, name, origin);
  if (action !== undefined) return action;
  throw new FerricError('UNSUPPORTED', `${resource.path} has no action ${name}: this controller or its firmware does not offer it`, {
    details: { resource: resource.path, action: name },
  });
}

/**
 * Runs an action once.
 * @param parameters those with a value that is known not to be allowed are refused before anything is sent
 * @throws UNSUPPORTED for such a value, whatever the controller says
 */
export async function runAction(client: RedfishClient, action: RedfishAction, parameters: RequestBody = {}, options?: CallOptions): Promise<RedfishReply> {
  for (const [name, value] of Object.entries(parameters)) {
    const allowed = action.allowed.get(name);
    if (allowed !== undefined && typeof value === 'string' && !allowed.includes(value)) throw notAllowed(action, name, value, allowed);
  }
  // Some services do not take an action without a body, even when there is nothing to say.
  return client.post(action.path, { ...action.fixed, ...parameters }, options);
}

/** One parameter of an action. Source: schema ActionInfo. */
export interface ActionParameter {
  readonly name: string;
  readonly required: boolean;
  readonly dataType: string | undefined;
  readonly allowed: readonly string[];
}

/** What the action's own description says about its parameters; empty when it has none. */
export async function readActionInfo(client: RedfishClient, action: RedfishAction, options?: CallOptions): Promise<readonly ActionParameter[]> {
  if (action.infoPath === undefined) return [];
  const { body, path } = await client.read(action.infoPath, options);
  return reader(body, path)
    .children('Parameters')
    .map((parameter) => ({
      name: parameter.requiredText('Name'),
      required: parameter.boolean('Required') ?? false,
      dataType: parameter.text('DataType'),
      allowed: parameter.texts('AllowableValues'),
    }));
}

const ALLOWED = '@Redfish.AllowableValues';

/** `Actions: {"#ComputerSystem.Reset": {"target": …, "ResetType@Redfish.AllowableValues": […]}}` */
function redfishAction(object: JsonObject, { path }: Resource, name: string): RedfishAction | undefined {
  const actions = valueOf(object, 'Actions');
  const entries = isObject(actions) ? Object.entries(actions) : [];
  const [key, content] = entries.find(([full]) => full.startsWith('#') && full.slice(full.lastIndexOf('.') + 1) === name) ?? [];
  if (key === undefined || !isObject(content)) return undefined;
  const target = linkTarget(valueOf(content, 'target'), path, `Actions.${key}.target`);
  if (target === undefined) return undefined;
  const fields = reader(content, path, `Actions.${key}.`);
  const allowed = Object.keys(content).filter((field) => field.endsWith(ALLOWED));
  return {
    name,
    path: target,
    fixed: {},
    allowed: new Map(allowed.map((field) => [field.slice(0, -ALLOWED.length), fields.texts(field)])),
    infoPath: linkTarget(valueOf(content, '@Redfish.ActionInfo'), path, `Actions.${key}.@Redfish.ActionInfo`),
  };
}

/** `AvailableActions: [{"Action": "Reset", "Capabilities": [{"PropertyName": "ResetType", "AllowableValues": […]}]}]`, of RIS. */
function risAction(object: JsonObject, resource: Resource, name: string, origin: ActionOrigin): RedfishAction | undefined {
  const found = reader(object, resource.path)
    .children('AvailableActions')
    .find((action) => action.text('Action') === name);
  if (found === undefined) return undefined;
  const allowed = new Map(found.children('Capabilities').flatMap((capability) => {
    const property = capability.text('PropertyName');
    return property === undefined ? [] : [[property, capability.texts('AllowableValues')] as const];
  }));
  const target = origin === 'standard' ? {} : { Target: allowed.get('Target')?.[0] ?? `/Oem/${oemKey(resource.body) ?? 'Hp'}` };
  return { name, path: resource.path, fixed: { Action: name, ...target }, allowed, infoPath: undefined };
}

function notAllowed(action: RedfishAction, parameter: string, value: string, allowed: readonly string[]): FerricError {
  return new FerricError('UNSUPPORTED', `The controller does not take ${value} as ${parameter} of ${action.name}`, {
    details: { action: action.name, path: action.path, parameter, received: value, allowed: [...allowed] },
    hint: `It takes ${allowed.join(', ')}.`,
  });
}

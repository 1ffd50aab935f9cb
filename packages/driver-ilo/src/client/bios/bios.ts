import { createHash } from 'node:crypto';
import { type BiosSetting, type CallOptions, invalidOptions, type JsonValue, type OptionIssue, printValue, Secret } from '@ferric/core';
import {
  allowedBiosValues, type BiosAttributes, type BiosResult, type BiosSettings, canResetBios, changeBios, readBios, readDefaultBios, readPendingBios,
  type RedfishMessage, resetBios,
} from '@ferric/redfish';
import type { IloBios, IloSettingsResult } from '../ilo-client.js';
import type { Perform, RestCall } from '../operations/perform.js';

type ApplyOptions = CallOptions & { readonly biosPassword?: Secret };

export function createBios(perform: Perform): IloBios {
  return {
    read: (options) => perform('bios', { rest: async (call) => settingsOf(await biosOf(call)) }, options),
    pending: (options) => perform('bios', { rest: async (call) => readPendingBios(call.client, await biosOf(call), call.options) }, options),
    async apply(settings, options: ApplyOptions = {}) {
      const { biosPassword, ...call } = options;
      checkSettings(settings);
      await perform('bios', { rest: (rest) => apply(rest, settings, biosPassword) }, call);
    },
    async factoryReset(options: ApplyOptions = {}) {
      const { biosPassword, ...call } = options;
      await perform('bios', { rest: (rest) => factoryReset(rest, biosPassword) }, call);
    },
    result: (options) => perform('bios', { rest: async (call) => resultOf((await biosOf(call)).result) }, options),
  };
}

async function biosOf({ client, options, system }: RestCall): Promise<BiosSettings> {
  return readBios(client, await system(), options);
}

const TYPES: Readonly<Record<string, BiosSetting['attributeType']>> = { string: 'String', number: 'Integer', boolean: 'Boolean' };

/** What kind of value it is shows in the value; which values there are, only where the resource itself says so. */
function settingsOf(bios: BiosSettings): readonly BiosSetting[] {
  return Object.entries(bios.attributes).map(([name, value]) => {
    const allowed = allowedBiosValues(bios, name);
    const type = allowed.length > 0 ? 'Enumeration' : TYPES[typeof value];
    return { name, value, ...(type === undefined ? {} : { attributeType: type }), ...(allowed.length > 0 ? { allowableValues: allowed } : {}) };
  });
}

function checkSettings(settings: unknown): void {
  const isObject = typeof settings === 'object' && settings !== null && !Array.isArray(settings);
  if (isObject && Object.keys(settings).length > 0) return;
  throw invalidOptions('BIOS settings', [{ field: 'settings', problem: 'invalid', expected: 'values by the names of settings', received: printValue(settings) }]);
}

async function apply(call: RestCall, settings: Readonly<Record<string, JsonValue>>, password: Secret | undefined): Promise<void> {
  const headers = authorization(call, password);
  await call.whenReady('BIOS settings', async () => {
    const bios = await biosOf(call);
    const pending = await readPendingBios(call.client, bios, call.options);
    const issues = Object.entries(settings).flatMap(([name, value]) => issuesOf(bios, { ...bios.attributes, ...pending }, name, value));
    if (issues.length > 0) throw invalidOptions('BIOS settings', issues);
    const changes = Object.fromEntries(Object.entries(settings).filter(([name, value]) => pending[name] !== value));
    if (Object.keys(changes).length > 0) await changeBios(call.client, bios, changes, { ...call.options, ...headers });
  });
}

/** Checked here, since the firmware itself tells only after the next start what it did not take. */
function issuesOf(bios: BiosSettings, known: BiosAttributes, name: string, value: JsonValue): readonly OptionIssue[] {
  const present = known[name];
  if (present === undefined) return [{ field: name, problem: 'unknown', expected: 'a setting that this server has' }];
  const allowed = allowedBiosValues(bios, name);
  const invalid = (expected: string): readonly OptionIssue[] => [{ field: name, problem: 'invalid', expected, received: printValue(value) }];
  if (allowed.length > 0 && !allowed.includes(String(value))) return invalid(`one of ${allowed.join(', ')}`);
  // Null stands for any kind: a value that the controller does not show, such as a password.
  if (present === null || (typeof value === typeof present && value !== null)) return [];
  return invalid(`a ${typeof present}, as ${printValue(present)}`);
}

/** By the vendor's action where there is one, else all defaults one by one. Source: HPE iLO RESTful API, "Reset BIOS". */
async function factoryReset(call: RestCall, password: Secret | undefined): Promise<void> {
  const headers = authorization(call, password);
  await call.whenReady('BIOS settings', async () => {
    const bios = await biosOf(call);
    // That action takes no password.
    if (canResetBios(bios) && password === undefined) {
      await resetBios(call.client, bios, { ResetType: 'default' }, call.options);
      return;
    }
    const defaults = await readDefaultBios(call.client, bios, call.options);
    // What a server does not have is in the defaults of its family nevertheless, and would be refused.
    const own = Object.fromEntries(Object.entries(defaults).filter(([name]) => Object.hasOwn(bios.attributes, name)));
    await changeBios(call.client, bios, own, { ...call.options, ...headers });
  });
}

/**
 * The password of the BIOS administrator as iLO 4 wants it: its digest in a header. Sources: HPE iLO 4 RESTful API, "BIOS administrator password";
 * HPE iLO 5 RESTful API, "Adapting from iLO 4", for its end.
 * @throws INVALID_OPTIONS where it would be without effect
 */
function authorization({ identity }: RestCall, password: Secret | undefined): { readonly headers?: Readonly<Record<string, Secret>> } {
  if (password === undefined) return {};
  if (identity.ilo !== 4) {
    const expected = `left out: ${identity.name} asks for no password of the BIOS, but for the privilege to configure it`;
    throw invalidOptions('BIOS settings', [{ field: 'biosPassword', problem: 'invalid', expected }]);
  }
  return { headers: { 'x-hprestfulapi-authtoken': new Secret(createHash('sha256').update(password.reveal()).digest('hex').toUpperCase()) } };
}

function resultOf(result: BiosResult | undefined): IloSettingsResult {
  if (result === undefined) return { outcome: 'none', messages: [] };
  return { outcome: result.outcome, messages: result.messages.map(wordsOf) };
}

/** `PropertyValueNotInList: Maybe, Sriov` */
export function wordsOf({ key, text, args, properties }: RedfishMessage): string {
  const about = [...new Set([...args, ...properties.map((pointer) => pointer.split('/').at(-1) ?? pointer)])];
  const words = text ?? key;
  return about.length === 0 ? words : `${words}: ${about.join(', ')}`;
}

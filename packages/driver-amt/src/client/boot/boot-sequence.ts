import { errorCode, FerricError, type CallOptions, type Clock } from '@ferric/core';
import { AMT_BootCapabilities, AMT_BootSettingData, CIM_BootSourceSetting } from '../classes/boot-classes.js';
import { callMethod, getInstance, listInstances } from '../classes/class-calls.js';
import type { MethodTable } from '../classes/return-value.js';
import { createConsentCalls } from '../consent/consent-calls.js';
import { createGenerationReader } from '../generation.js';
import type { Wsman, WsmanFields, WsmanReference } from '../wsman/wsman.js';
import { BOOT_DEVICE_FACTS, type NextBoot } from './boot-choices.js';
import { notTaken, planBootSettings, type WantedBootSettings } from './boot-settings.js';
import type { BootStep } from './boot-steps.js';
import { checkConsent } from './check-consent.js';
import { httpsBootParameters } from './uefi-parameters.js';

/** What a choice changed. */
export interface NextBootReport {
  /** Fields of AMT_BootSettingData that were written because they had another value. */
  readonly settingsChanged: readonly string[];
}

export interface BootSequence {
  choose(choice: NextBoot, options: CallOptions): { readonly steps: readonly BootStep[]; readonly report: () => NextBootReport };
  clear(options: CallOptions): readonly BootStep[];
}

/** Source: Intel AMT Implementation and Reference Guide, "Boot Control": its values differ from those of other methods. */
const BOOT_RETURNS: MethodTable['returns'] = {
  1: { code: 'UNSUPPORTED', words: 'not supported' },
  2: { code: 'REFUSED', words: 'unknown or unspecified error' },
  3: { code: 'BUSY', words: 'busy' },
  4: { code: 'UNSUPPORTED', words: 'invalid reference' },
  5: { code: 'REFUSED', words: 'invalid parameter' },
  6: { code: 'REFUSED', words: 'access denied', hint: 'The user in front of the machine may have to agree first, or this user of AMT lacks the right to control it.' },
};

const CHANGE_ORDER: MethodTable = { resource: 'CIM_BootConfigSetting', method: 'ChangeBootOrder', kind: 'cim', returns: BOOT_RETURNS };
const SET_ROLE: MethodTable = { resource: 'CIM_BootService', method: 'SetBootConfigRole', kind: 'cim', returns: BOOT_RETURNS };

/** The one boot configuration that AMT has. Source: Reference Guide, "Boot Configuration Details". */
const CONFIGURATION: WsmanReference = { resource: 'CIM_BootConfigSetting', selectors: { InstanceID: 'Intel(r) AMT: Boot Configuration 0' } };

/** Roles of it: for the next boot and no other, or for none. Source: Reference Guide, "Boot Control". */
const ROLE = { next: 1, none: 32_768 } as const;

/** Up to here, the parameter of ChangeBootOrder is spelled in lower case. Source: Reference Guide, "Boot Control". */
const LAST_LOWER_CASE_GENERATION = 5;

/** Answers by which a device says no, and is not away. */
const SAYS_NO: ReadonlySet<string> = new Set(['UNSUPPORTED', 'REFUSED', 'NOT_FOUND', 'CONFLICT']);

/**
 * The steps in the order in which they are safe: whether it is allowed, then the old source away (some firmware does not forget it, and none takes
 * flags beside a source), then the flags, then the role, then the new source.
 * Sources: Reference Guide, "Boot Control", "Remote Control and User Consent"; MeshCommander and the console of Open AMT take the same order.
 */
export function createBootSequence(wsman: Wsman, clock: Clock): BootSequence {
  const readGeneration = createGenerationReader(wsman, clock);
  const consent = createConsentCalls(wsman);

  const changeOrder = async (source: string | null, options: CallOptions): Promise<void> => {
    const input = source === null ? { fields: [] } : await orderOf(source, options);
    await callMethod(wsman, CHANGE_ORDER, input, options);
  };

  const orderOf = async (source: string, options: CallOptions): Promise<WsmanFields> => {
    const generation = await readGeneration(options);
    const name = generation !== undefined && generation <= LAST_LOWER_CASE_GENERATION ? 'source' : 'Source';
    return { fields: [{ name, value: { resource: CIM_BootSourceSetting.name, selectors: { InstanceID: source } } }] };
  };

  const setRole = async (role: number, options: CallOptions): Promise<void> => {
    const input: WsmanFields = { fields: [{ name: 'BootConfigSetting', value: CONFIGURATION }, { name: 'Role', value: role }] };
    await callMethod(wsman, SET_ROLE, input, options);
  };

  const writeSettings = async (wanted: WantedBootSettings, options: CallOptions): Promise<readonly string[]> => {
    const { changed, fields } = planBootSettings(await wsman.get(SETTINGS, options), wanted);
    if (changed.length === 0) return changed;
    const now = await wsman.put(SETTINGS, fields, options);
    const missing = notTaken(now, wanted);
    if (missing.length > 0) throw new FerricError('REFUSED', `The device took the boot settings, but not ${missing.join(', ')}`, { details: { fields: [...missing] } });
    return changed;
  };

  return {
    choose(choice, options) {
      const { source, flags } = BOOT_DEVICE_FACTS[choice.device];
      const wanted: WantedBootSettings = { flags, uefiParameters: choice.device === 'uefihttp' ? httpsBootParameters(choice.url) : undefined };
      let settingsChanged: readonly string[] = [];
      const steps: readonly BootStep[] = [
        { name: 'user consent', changes: false, run: () => checkConsent(consent, options) },
        ...(isEverywhere(choice) ? [] : [{ name: 'boot capabilities', changes: false, run: () => checkOffered(wsman, choice, options) }]),
        { name: 'clear the boot order', changes: true, run: () => changeOrder(null, options) },
        { name: 'boot settings', changes: true, run: async () => void (settingsChanged = await writeSettings(wanted, options)) },
        { name: 'boot configuration role', changes: true, run: () => setRole(ROLE.next, options) },
        { name: 'boot order', changes: true, run: () => changeOrder(source, options) },
      ];
      return { steps, report: () => ({ settingsChanged }) };
    },
    clear: (options) => [
      { name: 'clear the boot order', changes: true, run: () => changeOrder(null, options) },
      { name: 'boot settings', changes: true, run: async () => void (await writeSettings({ flags: {} }, options)) },
      // Without a source and without flags the role does nothing; firmware before 7.0 does not know this one.
      { name: 'boot configuration role', changes: true, run: () => unlessRefused(() => setRole(ROLE.none, options), options) },
    ],
  };
}

const SETTINGS = 'AMT_BootSettingData';

async function unlessRefused(work: () => Promise<void>, { signal }: CallOptions): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (signal?.aborted === true || !SAYS_NO.has(errorCode(error))) throw error;
  }
}

function isEverywhere({ device }: NextBoot): boolean {
  const { capabilities, optionalSource } = BOOT_DEVICE_FACTS[device];
  return capabilities.length === 0 && !optionalSource;
}

/** Looks whether the firmware has, and allows, what is not in every firmware. */
async function checkOffered(wsman: Wsman, { device }: NextBoot, options: CallOptions): Promise<void> {
  const { capabilities: needed, allowedBy, source, optionalSource } = BOOT_DEVICE_FACTS[device];
  if (needed.length > 0) {
    const has: Readonly<Record<string, unknown>> = await getInstance(wsman, AMT_BootCapabilities, options);
    if (!needed.some((name) => has[name] === true)) throw notOffered(device, `AMT_BootCapabilities does not list ${needed.join(' or ')}`);
  }
  if (optionalSource) {
    const sources = await listInstances(wsman, CIM_BootSourceSetting, options);
    if (!sources.some(({ InstanceID }) => InstanceID === source)) throw notOffered(device, `its boot sources do not include '${source}'`);
  }
  if (allowedBy === undefined) return;
  const settings: Readonly<Record<string, unknown>> = await getInstance(wsman, AMT_BootSettingData, options);
  if (settings[allowedBy] === false) throw forbidden(device, allowedBy);
}

function forbidden(device: NextBoot['device'], field: string): FerricError {
  return new FerricError('REFUSED', `The BIOS of this machine forbids to boot to ${device} on demand: AMT_BootSettingData says that ${field} is false`, {
    details: { device, field },
    hint: 'Allow it in the setup of the BIOS, where makers call it One-Click Recovery, HTTPS boot or remote boot; AMT itself cannot.',
  });
}

function notOffered(device: NextBoot['device'], reason: string): FerricError {
  return new FerricError('UNSUPPORTED', `The firmware of this machine cannot boot to ${device} on demand: ${reason}`, {
    details: { device },
    hint: 'What it can be told is a matter of its maker and of the generation of AMT.',
  });
}

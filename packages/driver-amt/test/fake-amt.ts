import { FerricError } from '@ferric/core';
import type { Wsman, WsmanElement, WsmanFields, WsmanValue } from '../src/client/wsman/wsman.js';

/** What becomes of one call. `returnValue`: the method answers so and does nothing. */
export type Fate = 'answered' | 'request lost' | 'answer lost' | 'ignored' | { readonly returnValue: number } | FerricError;

/** Content of an element: fields, repeated ones as a list. */
export type Content = Readonly<Record<string, string | number | boolean | readonly (string | number)[]>>;

/** An AMT device without a network: answers typed requests, and keeps the power of a machine and what it boots next. */
export interface FakeAmt {
  readonly wsman: Wsman;
  /** Every call in order: `get CIM_X`, `invoke RequestPowerStateChange 8`, `put AMT_BootSettingData`. */
  readonly calls: string[];
  /** The calls that would change something. */
  readonly changes: readonly string[];
  /** What becomes of the next calls, by the name of the class or the method. */
  readonly fates: Map<string, Fate[]>;
  /** Instances by class; a class that is not here does not exist. */
  readonly instances: Map<string, readonly Content[]>;
  /** CIM_AssociatedPowerManagementService.PowerState. */
  powerState: number;
  /** What it says it accepts; undefined: nothing. */
  accepted: readonly number[] | undefined;
  /** IPS_PowerManagementService.OSPowerSavingState; undefined: no such class. */
  osSaving: number | undefined;
  /** How many looks pass until a request shows. */
  looksUntilChange: number;
  /** States that a request leads through, one for each look. */
  transient: number[];
  /** What the machine started from, at each start. */
  readonly boots: string[];
  /** Called before each call, which waits for it. */
  before: (call: string) => void | Promise<void>;
}

export function element(name: string, content: Content, namespace = `http://test/${name}`): WsmanElement {
  const children = Object.entries(content).flatMap(([field, value]) =>
    (Array.isArray(value) ? value : [value]).map((each: unknown): WsmanElement => ({ name: field, namespace, attributes: {}, text: String(each), children: [] })),
  );
  return { name, namespace, attributes: {}, text: '', children };
}

/** Boot settings as AMT 16 gives them, with nothing set. */
export const PLAIN_SETTINGS: Content = {
  BIOSLastStatus: [0, 0], BIOSPause: false, BIOSSetup: false, BootMediaIndex: 0, BootguardStatus: 127, ConfigurationDataReset: false,
  ElementName: 'Intel(r) AMT Boot Configuration Settings', EnforceSecureBoot: true, FirmwareVerbosity: 0, ForcedProgressEvents: false, IDERBootDevice: 0,
  InstanceID: 'Intel(r) AMT:BootSettingData 0', LockKeyboard: false, LockPowerButton: false, LockResetButton: false, LockSleepButton: false,
  OptionsCleared: true, OwningEntity: 'Intel(r) AMT', PlatformErase: false, RPEEnabled: true, RSEPassword: '', ReflashBIOS: false,
  SecureBootControlEnabled: true, SecureErase: false, UEFIHTTPSBootEnabled: true, UEFILocalPBABootEnabled: true, UefiBootNumberOfParams: 0, UseIDER: false,
  UseSOL: false, UseSafeMode: false, UserPasswordBypass: false, WinREBootEnabled: true,
};

const SOURCE = 'Intel(r) AMT: ';
const STARTS: ReadonlySet<number> = new Set([2, 5, 10, 14]);
const STATE_AFTER: Readonly<Record<number, number>> = { 2: 2, 4: 4, 5: 2, 7: 7, 8: 8, 10: 2, 12: 8, 14: 2, 11: 2 };

export function createFakeAmt(): FakeAmt {
  const calls: string[] = [];
  const fates = new Map<string, Fate[]>();
  const boots: string[] = [];
  let pending: { state: number; looks: number } | undefined;
  let order: string | undefined;
  let armed = false;

  const instances = new Map<string, readonly Content[]>([
    ['AMT_BootSettingData', [PLAIN_SETTINGS]],
    ['AMT_BootCapabilities', [{ ElementName: 'Intel(r) AMT: Boot Capabilities', BIOSSetup: true, ForcePXEBoot: true, ForceUEFIHTTPSBoot: true, SOL: true }]],
    ['IPS_OptInService', [{ OptInRequired: 0, OptInState: 0, CanModifyOptInPolicy: 1 }]],
    ['CIM_SoftwareIdentity', [{ InstanceID: 'Flash', VersionString: '12.0.67' }, { InstanceID: 'AMT', VersionString: '12.0.67' }]],
    ['CIM_BootSourceSetting', ['Force Hard-drive Boot', 'Force PXE Boot', 'Force CD/DVD Boot'].map((name) => ({ InstanceID: SOURCE + name }))],
    ['CIM_PowerManagementCapabilities', [{ RequestedPowerStatesSupported: [2, 5, 8, 10, 11] }]],
  ]);

  const start = (): void => {
    const flags = Object.entries(instances.get('AMT_BootSettingData')?.[0] ?? {}).filter(([name, value]) => value === true && !(PLAIN_SETTINGS[name] === true));
    boots.push(armed ? [order?.replace(SOURCE, ''), ...flags.map(([name]) => name)].filter((part) => part !== undefined).join(' + ') || 'nothing' : 'firmware order');
    order = undefined;
    armed = false;
    instances.set('AMT_BootSettingData', [PLAIN_SETTINGS]);
  };

  const request = (value: number): void => {
    if (STARTS.has(value)) start();
    pending = { state: STATE_AFTER[value] ?? amt.powerState, looks: amt.looksUntilChange };
  };

  const settle = (): void => {
    if (pending === undefined) return;
    const through = amt.transient.shift();
    if (through !== undefined) {
      amt.powerState = through;
      return;
    }
    if (pending.looks > 0) {
      pending.looks -= 1;
      return;
    }
    amt.powerState = pending.state;
    pending = undefined;
  };

  /** Runs one call by its fate. */
  const meet = async <T>(call: string, key: string, act: () => T, unanswered?: (fate: Exclude<Fate, string | FerricError> | 'ignored') => T): Promise<T> => {
    await amt.before(call);
    calls.push(call);
    const fate = fates.get(key)?.shift() ?? 'answered';
    if (fate === 'request lost') throw new FerricError('UNREACHABLE', 'The connection broke', { details: { address: '192.0.2.10:16992' } });
    if (fate === 'answer lost') {
      act();
      throw new FerricError('TIMEOUT', 'No answer came', { details: { address: '192.0.2.10:16992', sent: true } });
    }
    if (FerricError.is(fate)) throw fate;
    if (fate === 'answered') return act();
    if (unanswered === undefined) throw new Error(`${key} has no ReturnValue`);
    return unanswered(fate);
  };

  const find = (resource: string): readonly Content[] => {
    if (resource === 'CIM_AssociatedPowerManagementService') {
      settle();
      return [{ ...(amt.accepted === undefined ? {} : { AvailableRequestedPowerStates: [...amt.accepted] }), PowerState: amt.powerState }];
    }
    if (resource === 'IPS_PowerManagementService' && amt.osSaving !== undefined) return [{ OSPowerSavingState: amt.osSaving }];
    const found = instances.get(resource);
    if (found === undefined) throw new FerricError('NOT_FOUND', `The device has no ${resource}`, { details: { resource } });
    return found;
  };

  const methods: Readonly<Record<string, (input: WsmanFields) => void>> = {
    RequestPowerStateChange: (input) => request(Number(fieldOf(input, 'PowerState'))),
    RequestOSPowerSavingStateChange: (input) => void (amt.osSaving = Number(fieldOf(input, 'OSPowerSavingState'))),
    ChangeBootOrder: (input) => void (order = selectorOf(input, 'Source') ?? selectorOf(input, 'source')),
    SetBootConfigRole: (input) => void (armed = fieldOf(input, 'Role') === 1),
  };

  const wsman: Wsman = {
    get: (resource) => meet(`get ${resource}`, resource, () => element(resource, find(resource)[0] ?? {})),
    enumerate: (resource) => meet(`enumerate ${resource}`, resource, () => find(resource).map((content) => element(resource, content))),
    put: (resource, instance) =>
      meet(`put ${resource}`, `put ${resource}`, () => {
        const sent = Object.fromEntries(instance.fields.map(({ name, value }) => [name, textOf(value)]));
        instances.set(resource, [{ ...find(resource)[0], ...Object.fromEntries(Object.entries(sent).map(([name, text]) => [name, typed(text)])) }]);
        return element(resource, find(resource)[0] ?? {});
      }),
    create: () => Promise.reject(new Error('nothing is created here')),
    delete: () => Promise.reject(new Error('nothing is deleted here')),
    invoke: (_resource, method, input = { fields: [] }) =>
      meet(
        `invoke ${method}${describe(input)}`,
        method,
        () => {
          const act = methods[method];
          if (act === undefined) throw new FerricError('NOT_FOUND', `The device has no method ${method}`);
          act(input);
          return element(`${method}_OUTPUT`, { ReturnValue: 0 });
        },
        (fate) => element(`${method}_OUTPUT`, { ReturnValue: fate === 'ignored' ? 0 : fate.returnValue }),
      ),
    [Symbol.asyncDispose]: async () => undefined,
  };

  const amt: FakeAmt = {
    wsman, calls, fates, instances, boots,
    get changes() {
      return calls.filter((call) => call.startsWith('invoke') || call.startsWith('put'));
    },
    powerState: 8,
    accepted: undefined,
    osSaving: undefined,
    looksUntilChange: 0,
    transient: [],
    before: () => undefined,
  };
  return amt;
}

/** ` 8`, ` Role=1`, ` Source=Force PXE Boot`: the arguments that tell calls apart. */
function describe(input: WsmanFields): string {
  return input.fields.flatMap(({ name, value }) => {
    if (name === 'ManagedElement' || name === 'BootConfigSetting') return [];
    const text = selectorOf(input, name)?.replace(SOURCE, '') ?? textOf(value);
    return [name === 'PowerState' ? ` ${text}` : ` ${name}=${text}`];
  }).join('');
}

function fieldOf(input: WsmanFields, name: string): unknown {
  return input.fields.find((field) => field.name === name)?.value;
}

function selectorOf(input: WsmanFields, name: string): string | undefined {
  const value = fieldOf(input, name);
  return typeof value === 'object' && value !== null && 'selectors' in value ? (value.selectors as Record<string, string>)['InstanceID'] : undefined;
}

function textOf(value: WsmanValue): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function typed(text: string): string | boolean {
  return text === 'true' || (text === 'false' ? false : text);
}

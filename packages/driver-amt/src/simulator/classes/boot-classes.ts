import {
  BOOT_SETTINGS_IDENTITY, bootCapabilities, bootSettings, bootSources, READ_ONLY_BOOT_SETTINGS,
} from '../data/boot-data.js';
import type { AmtMachine } from '../machine/amt-machine.js';
import { EXCLUDING_SETTINGS, ROLE } from '../machine/boot-unit.js';
import { SoapFault } from '../soap/soap-fault.js';
import { type Fields, reference } from '../soap/value.js';
import { type AmtClass, fixedClass, type Method, type MethodResult, picks, type PutRule, returns, SERVICE_KEYS } from './amt-class.js';

const CONFIG = { InstanceID: 'Intel(r) AMT: Boot Configuration 0' };
const SERVICE = {
  CreationClassName: 'CIM_BootService', Name: 'Intel(r) AMT Boot Service', SystemCreationClassName: 'CIM_ComputerSystem', SystemName: 'Intel(r) AMT',
};

/** ReturnValues. Source: DMTF CIM schema, CIM_BootConfigSetting.ChangeBootOrder and CIM_BootService.SetBootConfigRole. */
const RETURN = { done: 0, unsupported: 1, invalidReference: 4, invalidParameter: 5 } as const;

/** The consent of the person at the machine gates boot options from 7.0 on. Source: Intel AMT Implementation and Reference Guide, "User Consent". */
function checkConsent({ generation, consent }: AmtMachine): void {
  if (generation > 6 && !consent.isGiven()) throw new SoapFault('AccessDenied');
}

/** True when a setting is on that leaves no place for a boot source. */
function hasExcludingSetting(settings: ReadonlyMap<string, string>): boolean {
  return EXCLUDING_SETTINGS.some((name) => settings.get(name) === 'true');
}

/** Only the first source counts: FailThroughSupported is 2. */
function changeBootOrder(parameter: 'source' | 'Source'): Method {
  return {
    parameters: [parameter],
    changes: true,
    call(machine, input, caller): MethodResult {
      const { boot, generation } = machine;
      if (input.element(parameter) === undefined) {
        return returns(RETURN.done, () => {
          boot.source = undefined;
        });
      }
      checkConsent(machine);
      const found = bootSources(generation).find(({ instanceId }) => picks(input.reference(parameter), 'CIM_BootSourceSetting', { InstanceID: instanceId }));
      if (found === undefined) return returns(RETURN.invalidReference);
      if (hasExcludingSetting(boot.settings)) return returns(RETURN.invalidParameter);
      return returns(RETURN.done, () => {
        boot.source = found.instanceId;
        machine.audit('bootOptions', caller.username, caller.address);
      });
    },
  };
}

/** Up to 5 the parameter of ChangeBootOrder begins with a small letter. */
const bootConfig = (parameter: 'source' | 'Source', era: Pick<AmtClass, 'since' | 'until'>): AmtClass =>
  fixedClass('CIM_BootConfigSetting', ['InstanceID'], [{ ElementName: 'Intel(r) AMT: Boot Configuration', ...CONFIG }], {
    ...era, methods: { ChangeBootOrder: changeBootOrder(parameter) },
  });

const setBootConfigRole: Method = {
  parameters: ['BootConfigSetting', 'Role'],
  required: ['BootConfigSetting', 'Role'],
  changes: true,
  call(machine, input) {
    checkConsent(machine);
    const role = input.number('Role');
    if (!picks(input.reference('BootConfigSetting'), 'CIM_BootConfigSetting', CONFIG)) return returns(RETURN.invalidReference);
    const isKnown = role === ROLE.nextSingleUse || (role === ROLE.notNext && machine.generation > 6);
    if (!isKnown) return returns(RETURN.unsupported);
    return returns(RETURN.done, () => {
      machine.boot.role = role;
    });
  },
};

/** EnabledState of the boot service: 32768 to 32771 say what of one-click recovery and platform erase is allowed. */
const requestStateChange: Method = {
  parameters: ['RequestedState', 'TimeoutPeriod'],
  required: ['RequestedState'],
  changes: true,
  call({ settings }, input) {
    const state = input.number('RequestedState');
    if (state !== 2 && (state < 32_768 || state > 32_771)) return returns(RETURN.invalidParameter);
    return returns(RETURN.done, () => settings.write('CIM_BootService', '', { EnabledState: state }));
  },
};

function serviceFields({ settings }: AmtMachine): Fields {
  return settings.read('CIM_BootService', '', {
    CreationClassName: SERVICE.CreationClassName, ElementName: SERVICE.Name, EnabledState: 2, Name: SERVICE.Name, OperationalStatus: 0, RequestedState: 12,
    SystemCreationClassName: SERVICE.SystemCreationClassName, SystemName: SERVICE.SystemName,
  });
}

function currentSettings({ boot, generation }: AmtMachine): Fields {
  const atRest = bootSettings(generation);
  const changed = [...boot.settings].filter(([name]) => name in atRest);
  const cleared = 'OptionsCleared' in atRest ? { OptionsCleared: boot.optionsCleared } : {};
  // A password can be set and not be read.
  const hidden = 'RSEPassword' in atRest ? { RSEPassword: '' } : {};
  return { ...atRest, ...Object.fromEntries(changed), ...cleared, ...hidden };
}

const WRITABLE = Object.keys(bootSettings(16)).filter((name) => !READ_ONLY_BOOT_SETTINGS.has(name) && !BOOT_SETTINGS_IDENTITY.has(name));

const putSettings: PutRule = {
  writable: WRITABLE,
  hidden: ['UefiBootParametersArray'],
  refused: READ_ONLY_BOOT_SETTINGS,
  decide(machine, changes, caller) {
    checkConsent(machine);
    const { boot } = machine;
    const next = new Map([...boot.settings, ...Object.entries(changes).map(([name, value]) => [name, String(value)] as const)]);
    if (boot.source !== undefined && hasExcludingSetting(next)) throw new SoapFault('InvalidRepresentation', { detail: 'InvalidValues' });
    return () => {
      boot.settings = next;
      boot.optionsCleared = false;
      machine.audit('bootOptions', caller.username, caller.address);
    };
  },
};

/** IsNext. Source: DMTF CIM schema, CIM_ElementSettingData: 2 is not next, 3 is next for single use. */
function nextUse({ boot }: AmtMachine): Fields {
  return {
    IsCurrent: 0, IsDefault: 0, IsNext: boot.role === ROLE.nextSingleUse ? 3 : 2,
    ManagedElement: reference('CIM_ComputerSystem', { CreationClassName: 'CIM_ComputerSystem', Name: 'ManagedSystem' }),
    SettingData: reference('CIM_BootConfigSetting', CONFIG),
  };
}

export const BOOT_CLASSES: readonly AmtClass[] = [
  bootConfig('source', { until: 5 }),
  bootConfig('Source', { since: 6 }),
  {
    name: 'CIM_BootSourceSetting', keys: ['InstanceID'],
    instances: ({ generation }) => bootSources(generation).map(({ instanceId, structuredBootString }) => ({
      className: 'CIM_BootSourceSetting',
      fields: {
        ElementName: 'Intel(r) AMT: Boot Source', FailThroughSupported: 2, InstanceID: instanceId,
        ...(structuredBootString === undefined ? {} : { StructuredBootString: structuredBootString }),
      },
    })),
  },
  {
    name: 'CIM_BootService', keys: SERVICE_KEYS, dated: true,
    instances: (machine) => [{ className: 'CIM_BootService', fields: serviceFields(machine) }],
    methods: { SetBootConfigRole: setBootConfigRole, RequestStateChange: requestStateChange },
  },
  {
    name: 'AMT_BootSettingData', keys: ['InstanceID'],
    instances: (machine) => [{ className: 'AMT_BootSettingData', fields: currentSettings(machine) }],
    put: putSettings,
  },
  {
    name: 'AMT_BootCapabilities', keys: ['InstanceID'],
    instances: ({ generation }) => [{ className: 'AMT_BootCapabilities', fields: bootCapabilities(generation) }],
  },
  { name: 'CIM_ElementSettingData', keys: [], instances: (machine) => [{ className: 'CIM_ElementSettingData', fields: nextUse(machine) }] },
];


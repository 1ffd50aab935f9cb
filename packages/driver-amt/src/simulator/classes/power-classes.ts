import type { AmtMachine } from '../machine/amt-machine.js';
import { POWER_REQUEST, POWER_STATE } from '../machine/power-states.js';
import { type Fields, reference } from '../soap/value.js';
import { type AmtClass, fixedClass, type Instance, type Method, picks, returns, SERVICE_KEYS } from './amt-class.js';

const SERVICE = {
  CreationClassName: 'CIM_PowerManagementService', Name: 'Intel(r) AMT Power Management Service', SystemCreationClassName: 'CIM_ComputerSystem',
  SystemName: 'Intel(r) AMT',
};
const MANAGED_SYSTEM = { CreationClassName: 'CIM_ComputerSystem', Name: 'ManagedSystem' };

/** ReturnValues of standard methods. Source: DMTF CIM schema, CIM_PowerManagementService.RequestPowerStateChange. */
const INVALID_PARAMETER = 5;
const FAILED = 2;

const SERVICE_FIELDS: Fields = {
  ...SERVICE, ElementName: 'Intel(r) AMT Power Management Service', EnabledState: 5, RequestedState: 12,
};

/** Fields in the order of recorded answers: by their names. */
const ordered = (fields: Fields): Fields => Object.fromEntries(Object.entries(fields).toSorted(([one], [other]) => (one < other ? -1 : 1)));

function association(machine: AmtMachine): Instance {
  const { power, generation } = machine;
  return {
    className: 'CIM_AssociatedPowerManagementService',
    fields: {
      ...(generation >= 9 ? { AvailableRequestedPowerStates: power.available() } : {}),
      PowerState: power.state,
      ServiceProvided: reference('CIM_PowerManagementService', SERVICE),
      UserOfService: reference('CIM_ComputerSystem', MANAGED_SYSTEM),
    },
  };
}

const AUDITED = new Map<number, 'powerUp' | 'powerDown' | 'powerCycle' | 'reset'>([
  [POWER_REQUEST.on, 'powerUp'], [POWER_REQUEST.off, 'powerDown'], [POWER_REQUEST.softOff, 'powerDown'], [POWER_REQUEST.cycle, 'powerCycle'],
  [POWER_REQUEST.reset, 'reset'], [POWER_REQUEST.softReset, 'reset'],
]);

const requestPowerStateChange: Method = {
  parameters: ['PowerState', 'ManagedElement', 'Time', 'TimeoutPeriod'],
  required: ['PowerState', 'ManagedElement'],
  changes: true,
  call(machine, input, caller) {
    const request = input.number('PowerState');
    if (!picks(input.reference('ManagedElement'), 'CIM_ComputerSystem', MANAGED_SYSTEM)) return returns(INVALID_PARAMETER);
    const { returnValue, apply } = machine.power.decide(request);
    return returns(returnValue, () => {
      const what = returnValue === 0 ? AUDITED.get(request) : undefined;
      if (what !== undefined) machine.audit(what, caller.username, caller.address);
      apply();
    });
  },
};

/** OSPowerSavingState. Source: Intel AMT Implementation and Reference Guide, IPS_PowerManagementService. */
const SAVING = { unknown: 0, fullPower: 2, saving: 3 } as const;

function savingState({ power }: AmtMachine): number {
  if (power.state !== POWER_STATE.on) return SAVING.unknown;
  return power.inStandby ? SAVING.saving : SAVING.fullPower;
}

const requestSavingState: Method = {
  parameters: ['OSPowerSavingState', 'ManagedElement', 'Time', 'TimeoutPeriod'],
  required: ['OSPowerSavingState', 'ManagedElement'],
  changes: true,
  call({ power }, input) {
    const wanted = input.number('OSPowerSavingState');
    if (wanted !== SAVING.fullPower && wanted !== SAVING.saving) return returns(INVALID_PARAMETER);
    if (!picks(input.reference('ManagedElement'), 'CIM_ComputerSystem', MANAGED_SYSTEM)) return returns(INVALID_PARAMETER);
    const isPossible = power.state === POWER_STATE.on && (wanted === SAVING.fullPower || power.behaviour.hasConnectedStandby);
    if (!isPossible) return returns(FAILED);
    return returns(0, () => {
      power.inStandby = wanted === SAVING.saving;
    });
  },
};

function capabilities({ generation, power }: AmtMachine): Fields {
  const bySystem = generation >= 9 && power.behaviour.hasLocalService ? [12, 14] : [];
  const states = [5, 8, 2, 10, 11, ...bySystem];
  return {
    ElementName: 'Power Management Capabilities',
    InstanceID: 'Intel(r) AMT:PowerManagementCapabilities 0',
    OtherPowerChangeCapabilities: '',
    PowerChangeCapabilities: [2, 3, 4, 7, 8],
    PowerStatesSupported: states,
    RequestedPowerStatesSupported: states,
  };
}

const SYSTEMS: readonly Fields[] = [
  { CreationClassName: 'CIM_ComputerSystem', Dedicated: 0, ElementName: 'Managed System', EnabledState: 5, Name: 'ManagedSystem', RequestedState: 12 },
  { CreationClassName: 'CIM_ComputerSystem', Dedicated: 28, ElementName: 'Intel(r) AMT Subsystem', EnabledState: 5, Name: 'Intel(r) AMT', RequestedState: 12 },
];

export const POWER_CLASSES: readonly AmtClass[] = [
  { name: 'CIM_AssociatedPowerManagementService', keys: [], dated: true, instances: (machine) => [association(machine)] },
  { name: 'CIM_ServiceAvailableToElement', keys: [], dated: true, instances: (machine) => [association(machine)] },
  fixedClass('CIM_PowerManagementService', SERVICE_KEYS, [ordered(SERVICE_FIELDS)], {
    dated: true, methods: { RequestPowerStateChange: requestPowerStateChange },
  }),
  {
    name: 'CIM_PowerManagementCapabilities', keys: ['InstanceID'],
    instances: (machine) => [{ className: 'CIM_PowerManagementCapabilities', fields: capabilities(machine) }],
  },
  fixedClass('CIM_ComputerSystem', ['CreationClassName', 'Name'], SYSTEMS, { dated: true }),
  {
    name: 'IPS_PowerManagementService', keys: SERVICE_KEYS, since: 11, dated: true,
    instances: (machine) => [{
      className: 'IPS_PowerManagementService',
      fields: { ...ordered({ ...SERVICE_FIELDS, CreationClassName: 'IPS_PowerManagementService' }), OSPowerSavingState: savingState(machine) },
    }],
    methods: { RequestOSPowerSavingStateChange: requestSavingState },
  },
];

import type { AmtMachine } from '../machine/amt-machine.js';
import { CONSENT_FOR } from '../machine/consent-unit.js';
import { SoapFault } from '../soap/soap-fault.js';
import type { Fields } from '../soap/value.js';
import { type AmtClass, type Method, type PutRule, returns, SERVICE_KEYS } from './amt-class.js';

const NAME = 'Intel(r) AMT OptIn Service';

function optInService({ consent, controlMode }: AmtMachine): Fields {
  return {
    CanModifyOptInPolicy: controlMode === 'admin' ? 1 : 0, CreationClassName: 'IPS_OptInService', ElementName: NAME, Name: NAME,
    OptInCodeTimeout: consent.codeTimeout, OptInDisplayTimeout: consent.displayTimeout, OptInRequired: consent.required, OptInState: consent.state,
    SystemCreationClassName: 'CIM_ComputerSystem', SystemName: 'Intel(r) AMT',
  };
}

/** The machine decides at once: the code it shows is not known before, so that nothing is left to be done later. */
const startOptIn: Method = { parameters: [], changes: true, call: ({ consent }) => returns(consent.start()) };
const cancelOptIn: Method = { parameters: [], changes: true, call: ({ consent }) => returns(consent.cancel()) };

const sendOptInCode: Method = {
  parameters: ['OptInCode'],
  required: ['OptInCode'],
  changes: true,
  call(machine, input, caller) {
    const returnValue = machine.consent.send(input.text('OptInCode') ?? '');
    machine.audit('consentCode', caller.username, caller.address, Uint8Array.of(returnValue === 0 ? 0 : 1));
    return returns(returnValue);
  },
};

const ALLOWED: ReadonlySet<number> = new Set(Object.values(CONSENT_FOR));

/** The policy is the administrator's alone. Source: Intel AMT Implementation and Reference Guide, "Get User Consent Status". */
const putPolicy: PutRule = {
  writable: ['OptInCodeTimeout', 'OptInDisplayTimeout', 'OptInRequired'],
  decide({ consent, controlMode }, changes) {
    if (controlMode !== 'admin') throw new SoapFault('AccessDenied');
    const next = { required: consent.required, codeTimeout: consent.codeTimeout, displayTimeout: consent.displayTimeout };
    for (const [field, name] of [['OptInRequired', 'required'], ['OptInCodeTimeout', 'codeTimeout'], ['OptInDisplayTimeout', 'displayTimeout']] as const) {
      if (field in changes) next[name] = Number(changes[field]);
    }
    if (!ALLOWED.has(next.required) || !(next.codeTimeout > 0) || !(next.displayTimeout > 0)) {
      throw new SoapFault('InvalidRepresentation', { detail: 'InvalidValues' });
    }
    return () => void Object.assign(consent, next);
  },
};

export const CONSENT_CLASSES: readonly AmtClass[] = [
  {
    name: 'IPS_OptInService', keys: SERVICE_KEYS, since: 6, dated: true,
    instances: (machine) => [{ className: 'IPS_OptInService', fields: optInService(machine) }],
    methods: { StartOptIn: startOptIn, SendOptInCode: sendOptInCode, CancelOptIn: cancelOptIn },
    put: putPolicy,
  },
];

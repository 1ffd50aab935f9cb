import { FerricError, invalidOptions, printValue, Secret, type JsonObject, type JsonValue } from '@ferric/core';
import { booleanField, integerField, objectSchema, z } from '@ferric/core/zod';
import type { IloClient } from '../client/index.js';
import type { StepFacts } from './step-table.js';

const CALL_MS = 300_000;

/** What counts as a risk when nothing else is said. Source: Ironic, ironic/drivers/modules/ilo/management.py (security_parameters_update). */
const PARAMETER_FIELDS = z.object({ param: z.string('the name of a parameter').min(1, 'the name of a parameter'), ignore: booleanField().default(false), enable: booleanField().optional() });

const parameterSchema = objectSchema('Arguments of security_parameters_update', PARAMETER_FIELDS);

const IGNORE = { description: 'Whether the security dashboard leaves this out of the risks. Default: false.', required: false } as const;

const lengthSchema = objectSchema('Arguments of update_minimum_password_length', z.object({ password_length: integerField({ min: 0, max: 39 }).default(8), ignore: booleanField().optional() }));
const thresholdSchema = objectSchema('Arguments of update_auth_failure_logging_threshold', z.object({ logging_threshold: integerField({ min: 0, max: 5 }).default(1), ignore: booleanField().optional() }));

const LICENCE: StepFacts = {
  name: 'activate_license',
  timeoutMs: CALL_MS,
  arguments: { ilo_license_key: { description: 'The licence key of iLO Advanced.', required: true } },
  check: (args) => void readKey(args),
  async run({ call: { client, options }, args }) {
    await client.licence.activate(readKey(args), options);
    return 'done';
  },
};

const CERTIFICATES: StepFacts = {
  name: 'clear_ca_certificates',
  drivers: ['ilo5'],
  timeoutMs: CALL_MS,
  arguments: { fingerprints: { description: 'SHA-256 fingerprints of the certificates that the firmware trusts no more. Default: all.', required: false } },
  check: (args) => void readFingerprints(args),
  async run({ call: { client, options }, args }) {
    await client.certificates.remove(readFingerprints(args), options);
    return 'done';
  },
};

const DASHBOARD: readonly StepFacts[] = [
  {
    name: 'security_parameters_update',
    drivers: ['ilo5'],
    timeoutMs: CALL_MS,
    arguments: { security_parameters: { description: 'Which parameters of the security dashboard count as risks: a list of {param, ignore}.', required: true } },
    check: (args) => void readParameters(args),
    async run({ call: { client, options }, args }) {
      for (const { param, ignore } of readParameters(args)) await client.security.setIgnored(param, ignore, options);
      return 'done';
    },
  },
  {
    name: 'update_minimum_password_length',
    drivers: ['ilo5'],
    timeoutMs: CALL_MS,
    arguments: { password_length: { description: 'Least length of a password, 0 to 39. Default: 8.', required: false }, ignore: IGNORE },
    check: (args) => void lengthSchema.parse(args),
    async run({ call: { client, options }, args }) {
      const { password_length: length, ignore } = lengthSchema.parse(args);
      await client.security.setMinimumPasswordLength(length, options);
      await setIgnored(client, 'Minimum Password Length', ignore, options);
      return 'done';
    },
  },
  {
    name: 'update_auth_failure_logging_threshold',
    drivers: ['ilo5'],
    timeoutMs: CALL_MS,
    arguments: { logging_threshold: { description: 'After how many failed logins one is logged: 0 (never), 1, 2, 3 or 5. Default: 1.', required: false }, ignore: IGNORE },
    check: (args) => void thresholdSchema.parse(args),
    async run({ call: { client, options }, args }) {
      const { logging_threshold: failures, ignore } = thresholdSchema.parse(args);
      await client.security.setLoginFailureThreshold(failures, options);
      await setIgnored(client, 'Authentication Failure Logging', ignore, options);
      return 'done';
    },
  },
];

const SECURE_ERASE: StepFacts = {
  name: 'one_button_secure_erase',
  kinds: ['clean'],
  drivers: ['ilo5'],
  timeoutMs: CALL_MS,
  async run({ machine, call: { client, options, onlyOnce } }) {
    if (!(await client.secureErase.isOffered(options))) {
      throw new FerricError('UNSUPPORTED', `The iLO at ${machine.address} does not offer to erase the whole machine`, { details: { address: machine.address, step: 'one_button_secure_erase' } });
    }
    await onlyOnce(() => client.secureErase.start(options));
    // What was sent stays sent, whatever becomes of this one: another start would come in the middle of the erasure.
    await client.power.set('rebooting', options);
    // It erases everything for hours, the iLO with its address and password too, and reports to nobody.
    return 'wait';
  },
};

/** Steps that run only when they are asked for. */
export const securitySteps: readonly StepFacts[] = [LICENCE, CERTIFICATES, ...DASHBOARD, SECURE_ERASE];

async function setIgnored(client: IloClient, parameter: string, ignore: boolean | undefined, options: Parameters<IloClient['security']['read']>[0]): Promise<void> {
  if (ignore !== undefined) await client.security.setIgnored(parameter, ignore, options);
}

function readKey({ ilo_license_key: key = null }: JsonObject): Secret {
  if (typeof key === 'string' && key !== '') return new Secret(key);
  throw invalidOptions('Arguments of activate_license', [{ field: 'ilo_license_key', problem: key === null ? 'missing' : 'invalid', expected: 'a licence key' }]);
}

function readFingerprints({ fingerprints }: JsonObject): readonly string[] | undefined {
  if (fingerprints === undefined || fingerprints === null) return undefined;
  if (Array.isArray(fingerprints) && fingerprints.every((each: JsonValue) => typeof each === 'string')) return fingerprints as readonly string[];
  throw invalidOptions('Arguments of clear_ca_certificates', [{ field: 'fingerprints', problem: 'invalid', expected: 'a list of fingerprints', received: printValue(fingerprints) }]);
}

function readParameters({ security_parameters: parameters = null }: JsonObject): readonly z.output<typeof PARAMETER_FIELDS>[] {
  if (Array.isArray(parameters) && parameters.length > 0) return parameters.map((each: JsonValue) => parameterSchema.parse(each));
  throw invalidOptions('Arguments of security_parameters_update', [
    { field: 'security_parameters', problem: parameters === null ? 'missing' : 'invalid', expected: 'a list of {param, ignore}', received: printValue(parameters) },
  ]);
}

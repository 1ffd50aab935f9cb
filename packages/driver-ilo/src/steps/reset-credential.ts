import { errorCode, FerricError, invalidOptions, Secret, type JsonObject } from '@ferric/core';
import type { IloCall, IloMachine } from '../ilo-machine.js';
import type { StepFacts } from './step-table.js';

const CHANGE_MS = 300_000;

/** The argument, by the name that Ironic documents and by the one that it reads. */
const ARGUMENTS = ['ilo_password', 'change_password'] as const;

/**
 * Changes the password of the user that driver_info names. Until the iLO has taken the new one, driver_info holds both; afterwards the new one takes
 * the place of the old one. Whatever ends this in between, it can run again: a password that is in force already is only written down.
 * Source: Ironic, ironic/drivers/modules/ilo/management.py (reset_ilo_credential).
 */
export const resetIloCredential: StepFacts = {
  name: 'reset_ilo_credential',
  automatic: 'reset_ilo_credential',
  timeoutMs: CHANGE_MS,
  knowsOthers: true,
  arguments: { ilo_password: { description: 'New password of the user ilo_username. Default: ilo_change_password of driver_info; without it nothing is done.', required: false } },
  check: (args) => void readPassword(args),
  async run({ machine, call, args }) {
    const { info, logger, address, keepDriverInfo } = machine;
    const given = readPassword(args);
    const password = given ?? info.ilo_change_password;
    if (password === undefined) {
      logger.info({ address }, 'The password of the iLO stays: driver_info has no ilo_change_password');
      return 'done';
    }
    if (keepDriverInfo === undefined) throw nobodyRemembers(machine);
    if (given !== undefined) await keepDriverInfo({ ilo_change_password: given });
    await putInForce(machine, call, password);
    await keepDriverInfo({ ilo_password: password, ilo_change_password: null });
    return 'done';
  },
};

async function putInForce({ logger, address }: IloMachine, { client, lease, options }: IloCall, password: Secret): Promise<void> {
  try {
    // The old one is not tried again at once: an iLO answers ever slower after failed logins.
    if (lease.refusal !== undefined) throw lease.refusal;
    await client.accounts.changePassword(password, options);
  } catch (error) {
    if (errorCode(error) !== 'AUTH_FAILED') throw error;
    lease.failed(error);
    // The iLO may have taken the new one before whoever asked for it went down.
    const isInForce = await lease.withPassword(password, (other) => other.power.read(options)).then(() => true, (reason: unknown) => orRefused(reason));
    if (!isInForce) throw error;
    logger.info({ address }, 'The iLO has the new password already; it is only written down');
  }
  lease.passwordChanged(password);
}

/** False for a refused password; throws every other reason. */
function orRefused(reason: unknown): false {
  if (errorCode(reason) !== 'AUTH_FAILED') throw reason;
  return false;
}

function readPassword(args: JsonObject): Secret | undefined {
  const field = ARGUMENTS.find((name) => args[name] !== undefined && args[name] !== null);
  if (field === undefined) return undefined;
  const value = args[field];
  if (typeof value === 'string' && value !== '') return new Secret(value);
  throw invalidOptions('Arguments of reset_ilo_credential', [{ field, problem: 'invalid', expected: 'a text that is not empty' }]);
}

function nobodyRemembers({ address }: IloMachine): FerricError {
  return new FerricError('UNSUPPORTED', `The password of ${address} is not changed: nobody is there to remember the new one`, {
    details: { address, step: 'reset_ilo_credential' },
    hint: 'Open the device with keepDriverInfo, or change the password with client.accounts.changePassword.',
  });
}

import { FerricError, type Secret } from '@ferric/core';
import { startLineDevice } from '../reference-driver/line-simulator.js';
import { type Mutant, withPower } from './mutant.js';

const denied = (change: (endpoint: string, password: Secret) => FerricError): Mutant['mutation'] => ({ parts: { denied: change } });

/** The simulator with other driver_info, and no wrong one. */
const withSimulatorInfo = (change: (driverInfo: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>): Mutant['mutation'] => ({
  subject: {
    async startVirtualDevice(options) {
      const { wrongDriverInfo: _left, ...device } = await startLineDevice(options);
      return { ...device, driverInfo: change(device.driverInfo) };
    },
  },
});

export const SECRET_MUTANTS: readonly Mutant[] = [
  {
    name: 'prints the password in a message', rule: 'secrets-in-errors',
    says: /The error of power\.read with wrong credentials shows the secret of line_password/,
    mutation: denied((endpoint, password) => new FerricError('AUTH_FAILED', `${endpoint} refused ${password.reveal()}`)),
  },
  {
    name: 'keeps the password in a cause', rule: 'secrets-in-errors', says: /shows the secret of line_password/,
    mutation: denied((endpoint, password) => {
      const cause = new Error('denied', { cause: { sent: password.reveal() } });
      return new FerricError('AUTH_FAILED', `${endpoint} refused`, { cause });
    }),
  },
  {
    name: 'keeps the password in details, encoded', rule: 'secrets-in-errors', says: /shows the secret of line_password/,
    mutation: denied((endpoint, password) => {
      const header = `Basic ${Buffer.from(`operator:${password.reveal()}`).toString('base64')}`;
      return new FerricError('AUTH_FAILED', `${endpoint} refused`, { details: { header } });
    }),
  },
  {
    name: 'shows the password in the report of an outcome', rule: 'secrets-in-results',
    says: /The result of power\.set\(power on\) in good times shows the secret of line_password/,
    mutation: withPower((power, _device, _driver, info) => ({
      set: async (target, options) => ({ ...(await power.set(target, options)), report: { login: (info as { line_password: Secret }).line_password.reveal() } }),
    })),
  },
  {
    name: 'logs the password', rule: 'secrets-in-logs', says: /The debug line "device opened" shows the secret of line_password/,
    mutation: { parts: { logged: (logger, info) => logger.debug({ login: { user: info.line_username, password: info.line_password.reveal() } }, 'device opened') } },
  },
  {
    name: 'shows the password in the transcript', rule: 'secrets-in-transcript', says: /The frame "login" \(out\) shows the secret of line_password/,
    mutation: { parts: { shownLogin: (username, password) => `login ${username} ${password.reveal()}` } },
  },
  {
    name: 'shows the password in the transcript, as hexadecimal digits', rule: 'secrets-in-transcript',
    says: /The frame "login" \(out\) shows the secret of line_password/,
    mutation: { parts: { shownLogin: (username, password) => `login ${username} ${Buffer.from(password.reveal()).toString('hex')}` } },
  },
  {
    name: 'has a simulator whose password is too short to be searched for', rule: 'secrets-in-logs',
    says: /The simulator's line_password has 3 characters; give it 6 or more/,
    mutation: withSimulatorInfo((driverInfo) => ({ ...driverInfo, line_password: 'abc' })),
  },
  {
    name: 'has a simulator without a password', rule: 'secrets-in-logs', says: /has no value for line_password: nothing could be searched for/,
    mutation: {
      ...withSimulatorInfo(({ line_password: _left, ...driverInfo }) => driverInfo),
      driver(driver) {
        const parse = (input: unknown): unknown => driver.driverInfo.parse({ line_password: 'a default password', ...(input as object) });
        return { ...driver, driverInfo: { ...driver.driverInfo, parse } };
      },
    },
  },
  {
    name: 'keeps the password where printing finds it', rule: 'secrets-in-inspection',
    says: /Printing a device that is in use shows the secret of line_password/,
    mutation: {
      device(device, _driver, info) {
        const { line_password: password } = info as { line_password: Secret };
        return Object.assign(device, { settings: { login: Buffer.from(password.reveal()) } });
      },
    },
  },
];


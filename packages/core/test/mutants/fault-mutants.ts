import { type Device, FerricError, type FerricErrorCode, type PowerReading, withDeadline } from '@ferric/core';
import { type Mutant, withPower } from './mutant.js';

/** Reads, and yields this reading instead of failing. */
const readsOrSays = (reading: Partial<PowerReading>): Mutant['mutation'] =>
  withPower((power) => ({
    async read(options) {
      try {
        return await power.read(options);
      } catch {
        return { state: 'unknown', source: 'device', detail: 'no answer', at: new Date(), ...reading };
      }
    },
  }));

/** Fails with another code than the reference driver does. */
const withCode = (from: FerricErrorCode, to: FerricErrorCode): Mutant['mutation'] =>
  withPower((power) => ({
    read: (options) =>
      power.read(options).catch((error: unknown) => {
        throw FerricError.is(error) && error.code === from ? new FerricError(to, error.message, { cause: error, details: error.details }) : error;
      }),
  }));

/** Opens a device of its own for each call, past the gate. */
const impatient: Mutant['mutation'] = {
  parts: { run: (_gate, exchange, options) => exchange(options.signal ?? new AbortController().signal) },
  device: (device, driver, info) => {
    const opened: Device[] = [];
    return {
      ...device,
      power: {
        ...device.power,
        read(options) {
          const another = driver.open(info);
          opened.push(another);
          return another.power.read(options);
        },
      },
      async [Symbol.asyncDispose]() {
        for (const each of [device, ...opened]) await each[Symbol.asyncDispose]();
      },
    };
  },
};

export const FAULT_MUTANTS: readonly Mutant[] = [
  {
    name: 'throws a plain Error', rule: 'fault-refuse', says: /connect ECONNREFUSED.*which is no FerricError/,
    mutation: { parts: { unreachable: (_endpoint, cause) => (cause instanceof Error ? cause : new Error('closed')) } },
  },
  {
    name: 'does not say which controller is away', rule: 'fault-refuse', says: /details do not name the address/,
    mutation: { parts: { unreachable: (endpoint, cause) => new FerricError('UNREACHABLE', `${endpoint} is away`, { cause }) } },
  },
  {
    name: 'does not recover after a reset', rule: 'fault-reset', says: /the fault was cleared, but power\.read does not recover/,
    mutation: { parts: { forgetsFailed: false } },
  },
  { name: 'calls a closed connection unknown', rule: 'fault-close', says: /succeeded with .*unknown/, mutation: readsOrSays({}) },
  {
    name: 'takes no answer for power off', rule: 'fault-half-frame', says: /succeeded with .*power off/,
    mutation: readsOrSays({ state: 'power off' }),
  },
  {
    name: 'calls garbage a defect of Ferric', rule: 'fault-garbage',
    says: /failed with INTERNAL .*the code must be PROTOCOL_FAULT or UNREACHABLE or TIMEOUT/,
    mutation: withCode('PROTOCOL_FAULT', 'INTERNAL'),
  },
  {
    name: 'takes a full session table for wrong credentials', rule: 'fault-busy', says: /failed with AUTH_FAILED .*the code must be BUSY or TIMEOUT/,
    mutation: withCode('BUSY', 'AUTH_FAILED'),
  },
  {
    name: 'says done when the command failed', rule: 'fault-command-failure', says: /power\.set\(power on\) .* succeeded/,
    mutation: {
      parts: {
        change: (send) => send().catch(() => undefined),
        confirm: async (_read, wanted) => ({ state: wanted as 'power on', source: 'device', at: new Date() }),
      },
    },
  },
  {
    name: 'is less patient than it was told', rule: 'fault-slow', says: /failed with TIMEOUT .*it had 5000 ms/,
    mutation: { parts: { withDeadline: (options, settings, work) => withDeadline({ ...options, timeoutMs: 40 }, settings, work) } },
  },
  {
    name: 'repeats a change whose answer was lost', rule: 'lost-answer', says: /sent 2 commands that change the machine; 1 are usual/,
    mutation: { parts: { change: (send) => send().catch(() => send()) } },
  },
  {
    name: 'repeats the whole call when its answer is late', rule: 'lost-answer', says: /power\.set\(rebooting\) whose answer was lost/,
    mutation: withPower((power) => ({ set: (target, options) => power.set(target, { ...options, timeoutMs: 200 }).catch(() => power.set(target, options)) })),
  },
  { name: 'sends everything at once', rule: 'bounded-concurrency', says: /exchanges at the same time; 1 are allowed/, mutation: impatient },
  { name: 'tries a wrong password again', rule: 'wrong-credentials', says: /tried to log in 3 times/, mutation: { parts: { loginAttempts: 3 } } },
  {
    name: 'says that a wrong password may be tried again', rule: 'wrong-credentials', says: /calls itself retryable/,
    mutation: { parts: { denied: (endpoint) => new FerricError('AUTH_FAILED', 'denied', { retryable: true, details: { address: endpoint } }) } },
  },
  {
    name: 'calls a wrong password unreachable', rule: 'wrong-credentials', says: /failed with UNREACHABLE .*the code must be AUTH_FAILED/,
    mutation: withCode('AUTH_FAILED', 'UNREACHABLE'),
  },
];

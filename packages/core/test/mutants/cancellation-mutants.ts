import { FerricError, withDeadline } from '@ferric/core';
import { deaf, type Mutant, withPower } from './mutant.js';

export const CANCELLATION_MUTANTS: readonly Mutant[] = [
  {
    name: 'does not look whether its caller has left already', rule: 'abort-before-start', says: /power\.read succeeded/,
    mutation: { parts: { withDeadline: (options, settings, work) => withDeadline(options?.signal?.aborted === true ? deaf(options) : options, settings, work) } },
  },
  {
    name: 'sends a change for a caller who has left already', rule: 'abort-before-start', says: /reached out of the process/,
    mutation: withPower((power) => ({
      async set(target, options) {
        power.read().catch(() => undefined);
        return power.set(target, options);
      },
    })),
  },
  {
    name: 'swallows the abort', rule: 'abort-while-waiting', says: /did not settle/,
    mutation: { parts: { withDeadline: (options, settings, work) => withDeadline(deaf(options), settings, work) } },
  },
  {
    name: 'rejects with an error of its own instead of the reason', rule: 'abort-while-waiting',
    says: /rejected with ABORTED .* instead of the caller's reason/,
    mutation: {
      parts: {
        async withDeadline(options, settings, work) {
          try {
            return await withDeadline(options, settings, work);
          } catch (error) {
            throw options?.signal?.aborted === true ? new FerricError('ABORTED', 'The call was aborted', { cause: error }) : error;
          }
        },
      },
    },
  },
  {
    name: 'answers an abort with a guess', rule: 'abort-while-waiting', says: /succeeded with .*unknown.* although the device is silent/,
    mutation: withPower((power) => ({
      async read(options) {
        try {
          return await power.read(options);
        } catch (error) {
          if (options?.signal?.aborted !== true) throw error;
          return { state: 'unknown', source: 'device', detail: 'given up', at: new Date() };
        }
      },
    })),
  },
  {
    name: 'cannot be given up once it has read the state', rule: 'abort-at-every-frame',
    says: /power\.set\(power on\), given up after frame [45] when it waits for the answer, did not settle/,
    mutation: withPower((power) => ({
      async set(target, options) {
        await power.read(options);
        return power.set(target, deaf(options));
      },
    })),
  },
  {
    name: 'leaves the connection of a call that was given up open', rule: 'abort-leaves-nothing',
    says: /connections are open after calls were given up/,
    mutation: { parts: { discard: (socket, reason) => void (reason === 'given up' || socket.destroy()) } },
  },
  {
    name: 'does not work any more after a call was given up', rule: 'abort-leaves-nothing',
    says: /power\.read after a call was given up (failed|did not settle)/,
    mutation: { parts: { forgetsFailed: false }, subject: { callTimeMs: 1000 } },
  },
  {
    name: 'ignores the deadline', rule: 'deadline', says: /did not settle by its deadline/,
    mutation: { parts: { withDeadline: (options, settings, work) => withDeadline({ signal: options?.signal }, settings, work) } },
  },
  {
    name: 'ends a deadline with a code of its own', rule: 'deadline', says: /failed with PROTOCOL_FAULT .*the code must be TIMEOUT/,
    mutation: {
      parts: {
        async withDeadline(options, settings, work) {
          try {
            return await withDeadline(options, settings, work);
          } catch (cause) {
            throw FerricError.is(cause) && cause.code === 'TIMEOUT' ? new FerricError('PROTOCOL_FAULT', 'no answer', { cause }) : cause;
          }
        },
      },
    },
  },
  {
    name: 'does not say whose deadline it was', rule: 'deadline', says: /details do not name the address/,
    mutation: { parts: { withDeadline: (options, settings, work) => withDeadline(options, { ...settings, details: {} }, work) } },
  },
  {
    name: 'takes any deadline', rule: 'call-options', says: /power\.read with timeoutMs 0 succeeded/,
    mutation: { parts: { withDeadline: (options, settings, work) => withDeadline({ signal: options?.signal }, settings, work) } },
  },
];

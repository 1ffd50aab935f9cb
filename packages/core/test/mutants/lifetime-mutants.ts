import { createSocket } from 'node:dgram';
import { FerricError } from '@ferric/core';
import { withPool } from '../reference-driver/pool.js';
import { type Mutant, withDevice, withDriver, withPower } from './mutant.js';

export const LIFETIME_MUTANTS: readonly Mutant[] = [
  {
    name: 'cannot be disposed twice', rule: 'dispose-twice', says: /Disposing the device again, never used, failed/,
    mutation: withDevice((device) => {
      let disposed = false;
      return {
        async [Symbol.asyncDispose]() {
          if (disposed) throw new FerricError('CONFLICT', 'It is disposed already');
          disposed = true;
          await device[Symbol.asyncDispose]();
        },
      };
    }),
  },
  {
    name: 'lets calls wait on after disposal', rule: 'dispose-ends-calls', says: /power\.read under way while the device was disposed did not settle/,
    mutation: { parts: { closing: () => undefined, discard: () => undefined } },
  },
  {
    name: 'ends calls with a failure of the network when it is disposed', rule: 'dispose-ends-calls',
    says: /failed with UNREACHABLE .*the code must be ABORTED or CONFLICT/,
    mutation: { parts: { closing: (endpoint) => new FerricError('UNREACHABLE', `${endpoint} is gone`) } },
  },
  {
    name: 'connects again after disposal', rule: 'calls-after-dispose', says: /power\.read of a device that was disposed succeeded/,
    mutation: { parts: { closing: () => undefined } },
  },
  {
    name: 'leaks its socket on disposal', rule: 'nothing-left-open', says: /1 connections are open after the device was disposed/,
    mutation: { parts: { discard: (socket, reason) => void (reason === 'closed' || socket.destroy()) } },
  },
  {
    name: 'keeps more connections than it says', rule: 'nothing-left-open', says: /2 connections are open after the device was disposed; 1 may be/,
    mutation: { ...withPool({ reuses: false }), subject: { pooledConnections: 1 } },
  },
  {
    name: 'keeps its pool when it is disposed', rule: 'nothing-left-open', says: /1 connections are open after the driver was disposed/,
    mutation: { ...withPool({ closes: false }), subject: { pooledConnections: 1 } },
  },
  {
    name: 'leaves a timer that keeps the process alive', rule: 'nothing-left-open', says: /these keep the process alive: Timeout$/,
    mutation: {
      device(device) {
        const handle = setTimeout(() => undefined, 4000);
        // So that the tests end: a real leak would not.
        setTimeout(() => clearTimeout(handle), 3500).unref();
        return device;
      },
    },
  },
  {
    name: 'leaves a socket that nobody ever closes', rule: 'nothing-left-open', says: /these keep the process alive: UDPWRAP$/,
    mutation: withPower((power) => ({
      async read(options) {
        const socket = createSocket('udp4').bind(0, '127.0.0.1');
        setTimeout(() => socket.close(), 3500).unref();
        return power.read(options);
      },
    })),
  },
  {
    name: 'forgets its devices when the driver is disposed', rule: 'driver-closes-devices',
    says: /connections are open after the driver was disposed/,
    mutation: withDriver(() => ({ [Symbol.asyncDispose]: async () => undefined })),
  },
];

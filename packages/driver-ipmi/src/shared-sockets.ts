import { errorCode } from '@ferric/core';
import { createIpmiTransport, type IpmiTransport } from '@ferric/ipmi-raw-buffer';

/**
 * The sockets of one client: those that all share, and its own where another client listens to the same BMC on them. On one socket nobody
 * could tell whose answer it is, and only a look-up shows that two names mean one BMC. Disposing closes only its own.
 */
export function createSharedSockets(shared: IpmiTransport, createTransport: () => IpmiTransport = createIpmiTransport): IpmiTransport {
  let own: IpmiTransport | undefined;
  return {
    async connect(host, port, listener, options) {
      try {
        return await shared.connect(host, port, listener, options);
      } catch (error) {
        if (errorCode(error) !== 'CONFLICT') throw error;
        own ??= createTransport();
        return own.connect(host, port, listener, options);
      }
    },
    async [Symbol.asyncDispose]() {
      await own?.[Symbol.asyncDispose]();
    },
  };
}

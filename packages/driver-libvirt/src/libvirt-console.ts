import { FerricError, throwIfAborted, type CallOptions, type Console, type ConsoleSession } from '@ferric/core';
import type { RpcStream } from './client/rpc/rpc-connection.js';
import type { Machine, MachineCall } from './libvirt-machine.js';

/** Two exchanges, and the domain may have to be found first. Milliseconds. */
const OPEN_MS = 30_000;

/** Time for the guest to take what was written. Milliseconds. */
const WRITE_MS = 10_000;

/** Sessions of one device, which end with it. */
export interface Consoles extends AsyncDisposable {
  readonly console: Console;
}

/** The first serial console of one domain: for `<serial type='pty'/>` and `<console type='pty'/>`. One session at a time, as libvirt has it. */
export function createLibvirtConsole(machine: Machine): Consoles {
  const open = new Set<RpcStream>();
  return {
    console: {
      open: (options) =>
        machine.perform({ what: 'open console', timeoutMs: OPEN_MS }, options, async (call) => {
          const stream = await openStream(call);
          // Given up in the very moment in which it was opened: nobody would ever close it.
          if (call.deadline.signal.aborted) await stream.abort();
          throwIfAborted(call.deadline.signal);
          open.add(stream);
          return session(stream, () => open.delete(stream));
        }),
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...open].map((stream) => stream.abort()));
      open.clear();
    },
  };
}

async function openStream(call: MachineCall): Promise<RpcStream> {
  const { domain } = await call.locate();
  try {
    return await call.exchange((options) => call.client.domains.openConsole(domain, options));
  } catch (error) {
    // libvirt has no number for it. Source: libvirt 9.0.0, src/qemu/qemu_driver.c, qemuDomainOpenConsole.
    if (!FerricError.is(error) || !/active console session/i.test(error.message)) throw error;
    throw new FerricError('BUSY', `Somebody else has the console of ${domain.name}`, {
      cause: error,
      details: { ...call.details, domain: domain.name },
      hint: 'End the other session (`virsh console`), or try again later.',
    });
  }
}

function session(stream: RpcStream, closed: () => void): ConsoleSession {
  return {
    output: stream.incoming,
    write: (bytes: Uint8Array, options?: CallOptions) => stream.write(bytes, { timeoutMs: WRITE_MS, ...options }),
    async [Symbol.asyncDispose]() {
      closed();
      await stream[Symbol.asyncDispose]();
    },
  };
}

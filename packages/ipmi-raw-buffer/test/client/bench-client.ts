import { createFakeClock, type FakeClock } from '@ferric/core/testing';
import { createIpmiClient, type DatagramListener, type IpmiClient, type IpmiClientSettings, type IpmiTransport } from '../../src/client/index.js';
import { ScriptedBmc, type ScriptedBmcOptions } from './scripted-bmc.js';

/** A client and a BMC with nothing between them but memory, and time that stands still. */
export interface ClientBench {
  readonly bmc: ScriptedBmc;
  readonly client: IpmiClient;
  readonly clock: FakeClock;
  /** Lets the BMC send something by itself. */
  send(datagram: Uint8Array): void;
  readonly wire: MemoryWire;
}

/** A transport with one BMC at its end. Datagrams arrive in a later microtask, as they would from a socket. */
export class MemoryWire implements IpmiTransport {
  readonly bmc: ScriptedBmc;
  listener: DatagramListener | undefined;
  connections = 0;

  constructor(bmc: ScriptedBmc) {
    this.bmc = bmc;
  }

  connect(host: string, port: number, listener: DatagramListener): Promise<{ address: string; send(datagram: Uint8Array): void; [Symbol.dispose](): void }> {
    this.listener = listener;
    this.connections += 1;
    return Promise.resolve({
      address: `${host}:${port}`,
      send: (datagram) => {
        for (const answer of this.bmc.handle(Buffer.from(datagram))) queueMicrotask(() => this.listener?.receive(answer));
      },
      [Symbol.dispose]: () => {
        if (this.listener !== listener) return;
        this.listener = undefined;
        this.connections -= 1;
      },
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

export function startBench(settings: Partial<IpmiClientSettings> = {}, options: ScriptedBmcOptions = {}, bmc: ScriptedBmc = new ScriptedBmc(options)): ClientBench {
  const clock = createFakeClock();
  const wire = new MemoryWire(bmc);
  const client = createIpmiClient({ host: '192.0.2.10', username: 'admin', password: 'secret', transport: wire, clock, ...settings });
  return { bmc, client, clock, wire, send: (datagram) => wire.listener?.receive(datagram) };
}

/** How a promise stands at the moment, without waiting for time to pass. */
export async function stateOf(promise: Promise<unknown>): Promise<'pending' | 'fulfilled' | 'rejected'> {
  const settled = promise.then(() => 'fulfilled' as const, () => 'rejected' as const);
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
  return Promise.race([settled, Promise.resolve('pending' as const)]);
}

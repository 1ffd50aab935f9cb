import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Device, DeviceContext, JsonObject, JsonValue, Sealed, Step } from '@ferric/core';
import { createFakeClock, createFakeHost, type FakeClock, type FakeHost } from '@ferric/core/testing';
import { createIlo5Driver, createIloDriver, type IloDriverName } from '../src/index.js';
import { createFakeIlo, type FakeIlo } from './fake-ilo.js';

/** A driver whose devices are served by an iLO without a network. */
export interface IloBench extends AsyncDisposable {
  readonly ilo: FakeIlo;
  readonly host: FakeHost;
  readonly clock: FakeClock;
  readonly device: Device;
  /** What was written to driver_info, in order. */
  readonly kept: Readonly<Record<string, Sealed>>[];
  open(fields?: Readonly<Record<string, unknown>>, context?: DeviceContext): Device;
  /** Runs a clean step of the device. */
  run(name: string, args?: JsonObject): ReturnType<Step['run']>;
  /** A vendor method of the device, with its arguments as a client sends them. */
  call(name: string, args?: unknown): Promise<JsonValue>;
}

const DRIVER_INFO = { ilo_address: '192.0.2.10', ilo_username: 'admin', ilo_password: 'first' } as const;

export function createIloBench(driverName: IloDriverName = 'ilo', fields: Readonly<Record<string, unknown>> = {}): IloBench {
  const ilo = createFakeIlo();
  const clock = createFakeClock();
  const host = createFakeHost();
  const kept: Readonly<Record<string, Sealed>>[] = [];
  const settings = { logger: host.logger, clock, createClient: ilo.create };
  const driver = driverName === 'ilo' ? createIloDriver(settings) : createIlo5Driver(settings);
  const keepDriverInfo = async (changes: Readonly<Record<string, Sealed>>): Promise<void> => void kept.push(changes);
  const open: IloBench['open'] = (more = {}, context = { keepDriverInfo }) => driver.open(driver.driverInfo.parse({ ...DRIVER_INFO, ...fields, ...more }), context);
  const device = open();
  return {
    ilo, host, clock, device, kept, open,
    async run(name, args = {}) {
      const step = device.steps?.find((each) => each.name === name && each.kind === 'clean');
      if (step === undefined) throw new Error(`There is no clean step ${name}`);
      return step.run(args);
    },
    async call(name, args = {}) {
      const method = device.vendor?.methods[name];
      if (method === undefined) throw new Error(`There is no vendor method ${name}`);
      return (await method.call(method.arguments.parse(args))) as JsonValue;
    },
    [Symbol.asyncDispose]: () => driver[Symbol.asyncDispose](),
  };
}

/** A web server on 127.0.0.1 that has one file. */
export async function startFileServer(content: Uint8Array): Promise<AsyncDisposable & { readonly url: URL }> {
  const server = createServer((request, response) => (request.url === '/fw/ilo5.bin' ? response.end(content) : response.writeHead(404).end()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: new URL(`http://127.0.0.1:${port}/fw/ilo5.bin`),
    async [Symbol.asyncDispose]() {
      server.close().closeAllConnections();
      await once(server, 'close');
    },
  };
}

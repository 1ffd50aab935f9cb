import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import { buffer } from 'node:stream/consumers';
import { createVirtualDisk, mediumCommandLine, type NetworkBoot, startNetworkBoot, type VirtualDisk } from '@ferric/agent/simulator';
import { type BootRecord, startVirtualDevice, type VirtualIloDevice, type VirtualIloDeviceOptions } from '@ferric/driver-ilo/simulator';
import { QUICK } from './simulated-machine.js';

/** A simulated ProLiant whose firmware loads what it boots over HTTPS, or boots its disk. */
export interface IloHttpsMachine extends AsyncDisposable {
  readonly device: VirtualIloDevice;
  readonly boot: NetworkBoot;
  readonly disk: VirtualDisk;
  readonly mac: string;
  /** Where its firmware will load from at its next start; empty: nowhere. */
  readonly nextUrl: string;
}

export interface IloHttpsMachineOptions extends VirtualIloDeviceOptions {
  /** Certificate that the deploy agent trusts, in PEM form. */
  readonly agentTrusts: string;
}

const GIBIBYTE = 1024 ** 3;
/** Real servers take minutes for their self-test. */
const POST = { inPostMs: 50, heldForReads: 0, discoveryCompleteMs: 20 } as const;

export async function startIloHttpsMachine({ agentTrusts, ...options }: IloHttpsMachineOptions): Promise<IloHttpsMachine> {
  const device = await startVirtualDevice({ post: POST, ...options });
  const { machine } = device.ilo;
  const disk = createVirtualDisk({ sizeBytes: 8 * GIBIBYTE });
  const firmware = watchFirmware(device);
  const boot = startNetworkBoot({
    device, disk,
    agent: { bootMode: 'uefi', pacing: { ...QUICK, shutdownMs: 300 }, trustedCertificates: agentTrusts },
    async cdrom() {
      const record = await firmware.latest;
      if (record?.source !== 'http' || record.image === undefined) return undefined;
      return mediumCommandLine(await load(record.image, machine.trustedCertificates.trusted.map(({ text }) => text)));
    },
  });
  return {
    device, boot, disk,
    mac: device.ports[0]?.address ?? '',
    get nextUrl() {
      return String(machine.bios.pending['UrlBootFile']);
    },
    async [Symbol.asyncDispose]() {
      firmware[Symbol.dispose]();
      await boot[Symbol.asyncDispose]();
      await device[Symbol.asyncDispose]();
      await disk[Symbol.asyncDispose]();
    },
  };
}

interface Firmware extends Disposable {
  /** What the present start of the machine is from, as soon as its self-test is over; undefined when it goes off, or starts anew, before. */
  readonly latest: Promise<BootRecord | undefined>;
}

function watchFirmware({ ilo: { machine } }: VirtualIloDevice): Firmware {
  let start = Promise.withResolvers<BootRecord | undefined>();
  const power = machine.power.watch((change) => {
    start.resolve(undefined);
    if (change !== 'off') start = Promise.withResolvers<BootRecord | undefined>();
  });
  const records = machine.boot.watch((record) => start.resolve(record));
  return {
    get latest() {
      return start.promise;
    },
    [Symbol.dispose]() {
      power[Symbol.dispose]();
      records[Symbol.dispose]();
      start.resolve(undefined);
    },
  };
}

/** Loads an image as firmware does that trusts these certificates. */
async function load(url: string, trusted: readonly string[]): Promise<Buffer> {
  const request = requestHttps(url, { agent: false, ca: [...trusted] }).end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  if (response.statusCode !== 200) throw new Error(`${url} cannot be loaded: ${response.statusCode}`);
  return buffer(response);
}

import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { createVirtualDisk, mediumCommandLine, type NetworkBoot, parseCommandLine, startNetworkBoot, type VirtualDisk } from '@ferric/agent/simulator';
import { type BootDeviceSetting, delay, type VirtualDevice } from '@ferric/core';
import { type BootRecord, startVirtualDevice, type VirtualIloDevice, type VirtualIloDeviceOptions } from '@ferric/driver-ilo/simulator';
import { readFat12 } from './fat-image.ts';
import { REPOSITORY } from './repository.ts';
import { QUICK } from './simulated-machine.js';

/** What a start of the machine found in its virtual drives. */
export interface MediaBoot {
  /** The URL in the drive from which it booted. */
  readonly image: string;
  /** Command line of the kernel on the CD, as the CD has it. */
  readonly commandLine: string;
  /** What a floppy told besides; undefined without one. */
  readonly floppy?: { readonly url: string; readonly label: string; readonly parameters: Readonly<Record<string, string>> };
}

/** A simulated ProLiant that boots what its iLO shows it in virtual drives, what its network cards load, or its disk. */
export interface IloMediaMachine extends AsyncDisposable {
  readonly device: VirtualIloDevice;
  readonly boot: NetworkBoot;
  readonly disk: VirtualDisk;
  readonly mac: string;
  /** What lies in its drives: floppy, CD. */
  readonly inDrives: readonly (string | undefined)[];
  /** Each start from a virtual CD, the latest last. */
  readonly mediaBoots: readonly MediaBoot[];
}

export interface IloMediaMachineOptions extends VirtualIloDeviceOptions {
  /** The URL of an iPXE script for the network card with this address. Default: its network cards cannot boot. */
  readonly scriptUrl?: (macAddress: string) => string;
  /** Time that a system on a virtual CD takes to start. Milliseconds, default 0. */
  readonly bootMs?: number;
}

const GIBIBYTE = 1024 ** 3;
/** Real servers take minutes for their self-test. */
const POST = { inPostMs: 50, heldForReads: 0, discoveryCompleteMs: 20 } as const;
/** Long enough for somebody who looks every half second to see that it is away. */
const RESET = { offlineMs: 1500 } as const;
const READ_AGAIN_MS = 200;
/** Source: ironic-python-agent, ironic_python_agent/utils.py (_get_vmedia_params). */
const FLOPPY_LABEL = 'ir-vfd-dev';
const FLOPPY_FILE = 'parameters.txt';

export async function startIloMediaMachine({ scriptUrl, bootMs = 0, ...options }: IloMediaMachineOptions): Promise<IloMediaMachine> {
  const device = await startVirtualDevice({ post: POST, resetDurations: RESET, ...options });
  const disk = createVirtualDisk({ sizeBytes: 8 * GIBIBYTE });
  const mediaBoots: MediaBoot[] = [];
  const starts = watchStarts(device);
  const boot = startNetworkBoot({
    device: withBootedDevice(device, starts),
    disk,
    agent: { bootMode: 'uefi', pacing: { ...QUICK, shutdownMs: 300 } },
    ...(scriptUrl === undefined ? {} : { scriptUrl }),
    async cdrom() {
      const { latest, over } = starts;
      const record = await latest;
      if (record?.source !== 'cdrom') return undefined;
      const found = await loadMedia(record, over);
      mediaBoots.push(found);
      await delay(bootMs, { signal: over });
      const told = Object.entries(found.floppy?.parameters ?? {}).map(([name, value]) => `${name}=${value}`);
      return [found.commandLine, ...told].join(' ');
    },
  });
  return {
    device, boot, disk, mediaBoots,
    mac: device.ports[0]?.address ?? '',
    get inDrives() {
      const { floppy, cdrom } = device.ilo.machine.media;
      return [floppy.image, cdrom.image];
    },
    async [Symbol.asyncDispose]() {
      starts[Symbol.dispose]();
      await boot[Symbol.asyncDispose]();
      await device[Symbol.asyncDispose]();
      await disk[Symbol.asyncDispose]();
    },
  };
}

/** The latest start of a machine. */
interface Starts extends Disposable {
  /** What its firmware boots, once its self-test is over; undefined when the machine goes off, or starts anew, before it does. */
  readonly latest: Promise<BootRecord | undefined>;
  /** What it runs now. */
  readonly booted: BootRecord | undefined;
  /** Aborts when the machine goes off or starts anew. */
  readonly over: AbortSignal;
}

function watchStarts({ ilo: { machine } }: VirtualIloDevice): Starts {
  let start = Promise.withResolvers<BootRecord | undefined>();
  let end = new AbortController();
  let booted: BootRecord | undefined;
  const finish = (): void => {
    end.abort();
    start.resolve(undefined);
    booted = undefined;
  };
  const power = machine.power.watch((change) => {
    finish();
    if (change === 'off') return;
    start = Promise.withResolvers<BootRecord | undefined>();
    end = new AbortController();
  });
  const records = machine.boot.watch((record) => {
    booted = record;
    start.resolve(record);
  });
  return {
    get latest() {
      return start.promise;
    },
    get booted() {
      return booted;
    },
    get over() {
      return end.signal;
    },
    [Symbol.dispose]() {
      power[Symbol.dispose]();
      records[Symbol.dispose]();
      finish();
    },
  };
}

/** The device as the system that it boots knows it: its boot device is what this start is from, also where that counted once. */
function withBootedDevice(device: VirtualIloDevice, starts: Starts): VirtualDevice {
  const { state } = device;
  return {
    ...device,
    state: {
      get power() {
        return state.power;
      },
      set power(power) {
        state.power = power;
      },
      get bootDevice(): BootDeviceSetting {
        return { device: starts.booted?.source === 'disk' ? 'disk' : 'pxe', persistent: false };
      },
      set bootDevice(setting) {
        state.bootDevice = setting;
      },
    },
  };
}

/** Loads what is in the drives from where the iLO has it. */
async function loadMedia({ image, floppyImage }: BootRecord, over: AbortSignal): Promise<MediaBoot> {
  if (image === undefined) throw new Error('The machine booted from a CD without an image');
  const commandLine = mediumCommandLine(await load(image, over));
  if (commandLine === undefined) throw new Error(`${image} does not boot`);
  // The agent looks for a floppy when its CD tells it to.
  if (floppyImage === undefined || parseCommandLine(commandLine)['boot_method'] !== 'vmedia') return { image, commandLine };
  const { label, files } = readFat12(await load(floppyImage, over));
  const text = label === FLOPPY_LABEL ? files.get(FLOPPY_FILE)?.toString('latin1') : undefined;
  if (text === undefined) throw new Error(`The floppy ${label} has no ${FLOPPY_FILE}, but ${[...files.keys()].join(', ')}`);
  return { image, commandLine, floppy: { url: floppyImage, label, parameters: readParameters(text) } };
}

function readParameters(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(text.split('\n').map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}

/** A machine reads from a drive for as long as it is on. Where nobody answers it reads again; what is refused is no image. */
async function load(url: string, over: AbortSignal): Promise<Buffer> {
  for (;;) {
    const response = await fetch(url, { redirect: 'error', signal: over }).catch((error: unknown) => {
      if (over.aborted) throw error;
    });
    if (response?.ok === false) throw new Error(`${url} cannot be loaded: ${response.status}`);
    const content = await response?.arrayBuffer().catch(() => undefined);
    if (content !== undefined) return Buffer.from(content);
    await delay(READ_AGAIN_MS, { signal: over });
  }
}

/**
 * Adds stand-ins for the programs that make floppies to a PATH, after those that are installed.
 * @param searchPath of which the last folder is ours to write into
 */
export async function withFloppyTools(folder: string, searchPath: string): Promise<string> {
  const programs = join(folder, 'floppy-programs');
  await mkdir(programs);
  for (const name of ['mkfs.vfat', 'mcopy']) {
    const file = join(programs, name);
    await writeFile(file, `#!/bin/sh\nexec '${process.execPath}' '${join(REPOSITORY, 'e2e/test/programs/fat-tools.ts')}' ${name} "$@"\n`);
    await chmod(file, 0o755);
  }
  return `${searchPath}:/usr/sbin:/sbin:${programs}`;
}

import {
  optionIssues, Secret, type BootDeviceName, type BootModeName, type BootStrategy, type Device, type HttpBoot, type Medium, type NodeChanges, type NodeView, type PortView,
  type RamdiskPurpose, type VirtualMediaType,
} from '@ferric/core';
import { createFakeClock, createFakeTask, sampleNode, type FakeClock, type FakeTask } from '@ferric/core/testing';
import { DEFAULT_BOOT_SETTINGS } from '@ferric/ipxe-config';
import { createVirtualMediaBoot, type VirtualMediaSettings } from '../src/index.js';
import { readMediaRecord } from '../src/media-record.js';

/** A machine with drives, and a conductor that publishes, both in memory. */
export interface Bench {
  readonly task: FakeTask;
  readonly boot: BootStrategy;
  readonly clock: FakeClock;
  /** What the controller and the conductor were told, in order: `insert cdrom http://...`. */
  readonly done: string[];
  /** What is in the drives. Tests may change it, as a reset of the controller does. */
  readonly drives: Map<VirtualMediaType, string>;
  /** What is served now, by its address. */
  readonly served: Map<string, Medium>;
  readonly firmware: { mode: BootModeName; secureBoot: boolean };
  /** What the firmware boots over HTTP, and which certificates it trusts. */
  readonly firmwareUrl: { readonly url: string | null; readonly trusted: readonly string[] };
  /** Fails this call of the controller or conductor from now on: `insert`, `eject`, `boot device`, `publish`, ... */
  fail(what: string, error: Error): void;
  heal(): void;
  /** Runs a method of the strategy and applies what it answers, as the conductor does. */
  run(work: (boot: BootStrategy, task: FakeTask) => Promise<NodeChanges | undefined>): Promise<void>;
}

export interface BenchOptions {
  readonly driverInfo?: NodeView['driverInfo'];
  readonly instanceInfo?: NodeView['instanceInfo'];
  readonly node?: Partial<NodeView>;
  readonly ports?: readonly PortView[];
  readonly settings?: Partial<VirtualMediaSettings>;
  readonly drives?: readonly VirtualMediaType[];
  readonly bootDevices?: readonly BootDeviceName[];
  /** Modes that the firmware can be set to. Default: it cannot. */
  readonly modes?: readonly BootModeName[];
  readonly secureBoot?: boolean;
  /** The strategy that is tried. Default: that of virtual media. */
  readonly strategy?: (settings: VirtualMediaSettings) => BootStrategy;
  /** Default: the firmware boots nothing over HTTP. */
  readonly httpBoot?: undefined | 'trusts what it is told' | 'cannot be told';
  /** Address of the conductor for controllers. Default: one of http. */
  readonly base?: string;
  /** Certificates that firmware has to trust. Default: none. */
  readonly authorities?: readonly string[];
  /** The controller says yes and its drive stays empty. */
  readonly ignores?: boolean;
}

export const PORT: PortView = {
  uuid: '5a0b9f4e-90cf-4f8e-9b0d-5bbdb0a45a1f', address: '52:54:00:cf:2d:31', pxeEnabled: true, localLinkConnection: {}, physicalNetwork: null, portgroupUuid: null, extra: {}, internalInfo: {},
};

export const KERNEL = { deploy_kernel: 'http://images.example/kernel', deploy_ramdisk: 'file:///srv/images/initramfs' } as const;
export const ISO = { deploy_iso: 'https://images.example/agent.iso' } as const;
export const TOKEN: Secret = new Secret('planted-agent-token-of-this-boot-0123456789');

const DEFAULTS = {
  strategy: createVirtualMediaBoot, drives: ['cdrom'], bootDevices: ['pxe', 'disk', 'cdrom', 'uefihttp'], ignores: false, base: 'http://10.0.0.1:6385', authorities: [],
} as const satisfies BenchOptions;

export function createBench(options: BenchOptions = {}): Bench {
  const { drives: supported, bootDevices, modes, secureBoot, ignores, strategy, httpBoot, base, authorities } = { ...DEFAULTS, ...options };
  const done: string[] = [];
  const drives = new Map<VirtualMediaType, string>();
  const served = new Map<string, Medium>();
  const firmware = { mode: (secureBoot === true ? 'uefi' : 'bios') as BootModeName, secureBoot: secureBoot ?? false };
  const firmwareUrl: FirmwareUrl = { url: null, trusted: [] };
  const failures = new Map<string, Error>();
  const note = (what: string, words = ''): void => {
    const failure = failures.get(what);
    if (failure !== undefined) throw failure;
    done.push(words === '' ? what : `${what} ${words}`);
  };
  const device = {
    power: { targets: new Set(['power on', 'power off']), set: async (target: string) => note('power', target), read: async () => ({ state: 'power off' }) },
    ...(bootDevices.length === 0 ? {} : {
      bootDevice: {
        supported: new Set(bootDevices),
        read: async () => ({ device: null, persistent: null }),
        set: async (name: BootDeviceName, { persistent }: { readonly persistent: boolean }) => note('boot device', `${name} ${persistent ? 'for good' : 'once'}`),
      },
    }),
    ...(supported.length === 0 ? {} : {
      virtualMedia: {
        supported: new Set(supported),
        async read() {
          return [...drives].map(([type, url]) => ({ type, url }));
        },
        async insert(type: VirtualMediaType, url: URL) {
          note('insert', `${type} ${url.href}`);
          if (!ignores) drives.set(type, url.href);
        },
        async eject(type: VirtualMediaType) {
          note('eject', type);
          drives.delete(type);
        },
      },
    }),
    ...(httpBoot === undefined ? {} : { httpBoot: httpBootOf(firmwareUrl, httpBoot, note) }),
    ...(modes === undefined ? {} : {
      bootMode: { supported: new Set(modes), read: async () => firmware.mode, set: async (mode: BootModeName) => void (note('boot mode', mode), (firmware.mode = mode)) },
    }),
    ...(secureBoot === undefined ? {} : {
      secureBoot: { read: async () => firmware.secureBoot, set: async (on: boolean) => void (note('secure boot', on ? 'on' : 'off'), (firmware.secureBoot = on)) },
    }),
    async [Symbol.asyncDispose]() {},
  } as unknown as Device;
  const clock = createFakeClock();
  const node = sampleNode();
  const task = createFakeTask({
    device, clock,
    node: {
      provisionState: 'deploying', interfaces: { ...node.interfaces, boot: 'virtual-media', deploy: 'direct' },
      driverInfo: { ...KERNEL, ...options.driverInfo }, instanceInfo: options.instanceInfo ?? {}, ...options.node,
    },
    ports: options.ports ?? [PORT],
    services: {
      media: {
        conductorUrl: async () => 'http://10.0.0.1:6385',
        controllerUrl: async () => base,
        authorities: async () => authorities,
        address: async (_node, reference) => reference.replace(/^file:\/\//, `${base}/images/0`),
        async publish({ uuid }, key, medium) {
          note('publish', medium.kind);
          const address = `${base}/ferric/v1/media/${uuid}/${key.reveal()}/${medium.kind === 'boot' ? 'boot.iso' : 'parameters.img'}`;
          served.set(address, medium);
          return new Secret(address);
        },
        async withdraw() {
          note('withdraw');
          served.clear();
        },
      },
    },
  });
  const boot = strategy({ boot: DEFAULT_BOOT_SETTINGS, ...options.settings });
  return {
    task, boot, clock, done, drives, served, firmware, firmwareUrl,
    fail: (what, error) => void failures.set(what, error),
    heal: () => failures.clear(),
    run: async (work) => task.apply(await work(boot, task)),
  };
}

interface FirmwareUrl {
  url: string | null;
  readonly trusted: string[];
}

function httpBootOf(firmware: FirmwareUrl, kind: NonNullable<BenchOptions['httpBoot']>, note: (what: string, words: string) => void): HttpBoot {
  const told: Pick<HttpBoot, 'trust'> = {
    async trust(certificates) {
      const added = certificates.filter((each) => !firmware.trusted.includes(each));
      if (added.length > 0) note('trust', added.join());
      firmware.trusted.push(...added);
      return added.length;
    },
  };
  return {
    read: async () => firmware.url,
    async set(url) {
      note('url', url?.href ?? 'none');
      firmware.url = url?.href ?? null;
    },
    ...(kind === 'trusts what it is told' ? told : {}),
  };
}

export const NO_KERNEL = { deploy_kernel: null, deploy_ramdisk: null } as const;

/** Under which the media of the node are served. */
export const keyOf = ({ task }: Bench): string => readMediaRecord(task.node)?.key.reveal() ?? 'none';

/** What was done, without the keys of addresses. */
export const doneBy = (bench: Bench): readonly string[] => bench.done.map((each) => each.replace(/\/media\/[0-9a-f-]{36}\/[0-9a-f]{32}\//, '/media/'));

export const prepare = (bench: Bench, purpose: RamdiskPurpose = 'deploy', parameters: Readonly<Record<string, string | Secret>> = {}): Promise<void> =>
  bench.run((boot, task) => boot.prepareRamdisk(task, purpose, parameters));

/** The fields that a refusal names; none when there is no refusal. */
export const fieldsOf = (promise: Promise<unknown>): Promise<readonly string[]> =>
  promise.then(() => [], (error: unknown) => optionIssues(error).map(({ field }) => field));

export const commandLineOf = (medium: Medium | undefined): string => (medium?.kind === 'boot' ? medium.commandLine.reveal() : 'no boot medium');

/** A node whose instance runs from memory. */
export const fromMemory = (fields: Partial<NodeView> = {}): Partial<NodeView> => ({ interfaces: { ...sampleNode().interfaces, boot: 'virtual-media', deploy: 'ramdisk' }, ...fields });

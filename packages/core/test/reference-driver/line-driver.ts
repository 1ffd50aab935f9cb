import {
  anyDriver, type BootDevice, type BootDeviceName, type CallOptions, createGateRegistry, defineVendorMethod, delay, type Device, type DeviceContext,
  type Driver, FerricError, type FerricPlugin, type Gate, invalidOptions, type Logger, type PluginHost, type Power, type PowerOutcome, type PowerReading,
  type PowerTarget, type Secret, silentLogger, STATE_AFTER_TARGET, type Step, systemClock, type VendorMethods, withDeadline,
} from '@ferric/core';
import { driverInfoSchema, integerField, objectSchema, secretField, z } from '@ferric/core/zod';
import { LINE_CLIENT_PARTS, LineClient, type LineClientParts } from './line-client.js';

/** What a mutant may do differently. */
export interface LineDriverParts extends LineClientParts {
  readonly withDeadline: typeof withDeadline;
  readonly run: <T>(gate: Gate, exchange: (signal: AbortSignal) => Promise<T>, options: CallOptions) => Promise<T>;
  /** Reads the state until it is the wanted one, a few times. */
  readonly confirm: (read: () => Promise<PowerReading>, wanted: string) => Promise<PowerReading>;
  /** Sends a command that changes the machine. */
  readonly change: (send: () => Promise<unknown>) => Promise<unknown>;
  /** What ends the calls that are under way when the device is disposed; undefined: nothing. */
  readonly closing: (endpoint: string) => Error | undefined;
  readonly logged: (logger: Logger, info: LineInfo) => void;
}

export interface LineInfo {
  readonly line_address: string;
  readonly line_port: number;
  readonly line_username: string;
  readonly line_password: Secret;
}

const LINE_DRIVER_PARTS: LineDriverParts = {
  ...LINE_CLIENT_PARTS,
  withDeadline,
  run: (gate, exchange, options) => gate.run(exchange, options),
  async confirm(read, wanted) {
    for (let attempt = 1; ; attempt += 1) {
      const reading = await read();
      if (reading.state === wanted || attempt === 5) return reading;
      await delay(10);
    }
  },
  change: (send) => send(),
  closing: (endpoint) => new FerricError('ABORTED', `The device ${endpoint} was closed`),
  logged: (logger, info) => logger.debug({ address: info.line_address, user: info.line_username }, 'device opened'),
};

const TARGETS: ReadonlySet<PowerTarget> = new Set(['power on', 'power off', 'rebooting']);
const BOOT_DEVICES: ReadonlySet<BootDeviceName> = new Set(['pxe', 'disk']);
const DEFAULT_TIMEOUT_MS = 5000;

const driverInfo = driverInfoSchema(
  'reference-line',
  z.object({
    line_address: z.string().min(1).describe('Address of the controller.'),
    line_port: integerField({ min: 1, max: 65535 }).default(2323).describe('TCP port of the controller'),
    line_username: z.string().min(1).default('admin').describe('User name'),
    line_password: secretField({ description: 'Password of the user.' }),
  }),
);

/** The driver that the conformance suite is tested with: small, and right in everything that the suite asks for. */
export function createLineDriver(host?: PluginHost, changed: Partial<LineDriverParts> = {}): Driver<LineInfo> {
  const parts: LineDriverParts = { ...LINE_DRIVER_PARTS, ...changed };
  const gates = host?.gates ?? createGateRegistry();
  const open = new Set<Device>();
  return {
    contract: 1,
    name: 'reference-line',
    driverInfo,
    validate(info) {
      if (!info.line_username.includes(' ')) return;
      throw invalidOptions('driver_info of reference-line', [{ field: 'line_username', problem: 'invalid', expected: 'one word', received: info.line_username }]);
    },
    open(info, context = {}) {
      const device = openDevice(info, context, parts, host, (address) => gates.gate(address), () => open.delete(device));
      open.add(device);
      return device;
    },
    readMany: (devices, options) => Promise.allSettled(devices.map((device) => device.power.read(options))),
    async [Symbol.asyncDispose]() {
      await Promise.all([...open].map((device) => device[Symbol.asyncDispose]()));
    },
  };
}

export const linePlugin: FerricPlugin = {
  contract: 1,
  create: (host) => ({
    hardwareTypes: [
      { name: 'reference-line', description: 'Machines behind a line controller', interfaces: { power: ['reference-line'], management: ['reference-line'] } },
    ],
    drivers: [anyDriver(createLineDriver(host))],
    strategies: [],
  }),
};

function openDevice(
  info: LineInfo,
  context: DeviceContext,
  parts: LineDriverParts,
  host: PluginHost | undefined,
  defaultGate: (address: string) => Gate,
  onClose: () => void,
): Device {
  const clock = context.clock ?? host?.clock ?? systemClock;
  const client = new LineClient({
    address: info.line_address, port: info.line_port, username: info.line_username, password: info.line_password,
    transcript: context.transcript ?? host?.transcript, parts,
  });
  const gate = (context.gate ?? defaultGate)(client.endpoint);
  const closing = new AbortController();
  parts.logged(context.logger ?? silentLogger, info);

  /** One call: its deadline, its turn at the gate, its exchanges. */
  const call = <T>(what: string, options: CallOptions | undefined, work: (ask: (request: string) => Promise<string>) => Promise<T>): Promise<T> => {
    const settings = { what: `${what} of ${client.endpoint}`, defaultTimeoutMs: DEFAULT_TIMEOUT_MS, details: { address: client.endpoint }, clock };
    return parts.withDeadline(options, settings, (deadline) => {
      const signal = AbortSignal.any([deadline.signal, closing.signal]);
      return parts.run(gate, (turn) => work((request) => client.exchange(request, turn)), { signal });
    });
  };

  const readState = async (ask: (request: string) => Promise<string>): Promise<PowerReading> => {
    const answer = await ask('power get');
    if (answer !== 'power on' && answer !== 'power off') {
      throw new FerricError('PROTOCOL_FAULT', `${client.endpoint} answered ${answer} when asked for its power`, { details: { address: client.endpoint } });
    }
    return { state: answer, source: 'device', at: clock.now() };
  };

  const power: Power = {
    targets: TARGETS,
    read: (options) => call('power read', options, readState),
    async set(target, options): Promise<PowerOutcome> {
      if (!TARGETS.has(target)) throw new FerricError('UNSUPPORTED', `This controller cannot ${target}`, { details: { address: client.endpoint } });
      return call(target, options, async (ask) => {
        const before = await readState(ask);
        const wanted = STATE_AFTER_TARGET[target];
        if (target !== 'rebooting' && before.state === wanted) return { status: 'done', reading: before };
        await parts.change(() => ask(target === 'rebooting' && before.state === 'power on' ? 'power cycle' : wanted));
        const reading = await parts.confirm(() => readState(ask), wanted);
        if (reading.state === wanted) return { status: 'done', reading };
        throw new FerricError('REFUSED', `${client.endpoint} accepted ${target}, but it is still ${reading.state}`, { details: { address: client.endpoint } });
      });
    },
  };

  const bootDevice: BootDevice = {
    supported: BOOT_DEVICES,
    read: (options) =>
      call('boot device read', options, async (ask) => {
        const [, device, mode] = /^boot (pxe|disk) (once|always)$/.exec(await ask('boot get')) ?? [];
        if (device === undefined) throw new FerricError('PROTOCOL_FAULT', `${client.endpoint} names no boot device`, { details: { address: client.endpoint } });
        return { device: device as BootDeviceName, persistent: mode === 'always' };
      }),
    async set(device, { persistent }, options) {
      if (!BOOT_DEVICES.has(device)) throw new FerricError('UNSUPPORTED', `This controller cannot boot from ${device}`, { details: { address: client.endpoint } });
      await call('boot device set', options, (ask) => ask(`boot ${device} ${persistent ? 'always' : 'once'}`));
    },
  };

  const vendor: VendorMethods = {
    methods: {
      read_power: defineVendorMethod({
        description: 'Reads the power state.',
        httpMethods: ['GET'],
        async: false,
        attach: false,
        requireExclusiveLock: false,
        arguments: objectSchema('arguments of read_power', z.object({ verbose: z.boolean().default(false).describe('Whether to tell more.') })),
        call: async (_arguments, options) => (await power.read(options)).state,
      }),
    },
  };

  const steps: readonly Step[] = [
    {
      kind: 'clean', interface: 'management', name: 'boot_from_disk', priority: 0, abortable: false, requiresRamdisk: false,
      arguments: { persistent: { description: 'For all boots, not only for the next.', required: false } },
      async run(args, options) {
        await bootDevice.set('disk', { persistent: args['persistent'] === true }, options);
        return 'done';
      },
    },
  ];

  return {
    power,
    bootDevice,
    vendor,
    steps,
    async [Symbol.asyncDispose]() {
      const reason = parts.closing(client.endpoint);
      if (reason !== undefined) closing.abort(reason);
      client[Symbol.dispose]();
      onClose();
    },
  };
}

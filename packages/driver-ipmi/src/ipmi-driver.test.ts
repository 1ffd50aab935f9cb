import { createDeviceMemory, defineVendorMethod, FerricError, type Device, type Driver } from '@ferric/core';
import { noArguments } from '@ferric/core/zod';
import { createFakeHost, type FakeHost } from '@ferric/core/testing';
import { createIpmiClient } from '@ferric/ipmi-raw-buffer';
import type { BmcOptions } from '@ferric/ipmi-raw-buffer/simulator';
import { describe, expect, test } from 'vitest';
import type { CreateIpmiClient } from './client-pool.js';
import { createIpmiDriver, type IpmiDriverSettings, type IpmiExtension } from './ipmi-driver.js';
import type { IpmiDriverInfo } from './ipmi-options.js';
import { startVirtualDevice, type VirtualIpmiDevice } from './simulator/index.js';

/** Clients that wait for an answer no longer than loopback needs. */
const impatient: CreateIpmiClient = (settings) => createIpmiClient({ ...settings, retry: { firstWaitMs: 50 } });

interface Bench extends AsyncDisposable {
  readonly machine: VirtualIpmiDevice;
  readonly host: FakeHost;
  readonly driver: Driver<IpmiDriverInfo>;
  open(driverInfo?: object): Device;
}

async function bench(options: { readonly bmc?: BmcOptions; readonly settings?: IpmiDriverSettings; readonly extension?: IpmiExtension } = {}): Promise<Bench> {
  const stack = new AsyncDisposableStack();
  const machine = stack.use(await startVirtualDevice(options.bmc === undefined ? {} : { bmc: options.bmc }));
  const host = createFakeHost();
  const { logger, transcript } = host;
  const driver = stack.use(createIpmiDriver({ logger, transcript, ...options.settings }, options.extension));
  return {
    machine, host, driver,
    open: (driverInfo = {}) => driver.open(driver.driverInfo.parse({ ...machine.driverInfo, ...driverInfo })),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

describe('sessions', () => {
  test('one for all devices of a BMC, closed with the driver', async () => {
    const b = await bench();
    const devices = [b.open(), b.open(), b.open()];
    await Promise.all(devices.map((device) => device.power.read()));
    for (const device of devices) await device[Symbol.asyncDispose]();
    await b.open().power.read();
    const { bmc } = b.machine;
    expect([bmc.activity.sessionsOpened, bmc.activity.openSessions, bmc.activity.mostConcurrentExchanges]).toEqual([1, 1, 1]);
    await b.driver[Symbol.asyncDispose]();
    expect([bmc.activity.sessionsClosed, bmc.activity.openSessions]).toEqual([1, 0]);
    await b[Symbol.asyncDispose]();
  });

  test('closed when nobody uses the BMC any more', async () => {
    await using b = await bench({ settings: { idleMs: 1 } });
    const device = b.open();
    await device.power.read();
    await device[Symbol.asyncDispose]();
    await expect.poll(() => b.machine.bmc.activity.openSessions).toBe(0);
    expect(b.machine.bmc.activity.sessionsClosed).toBe(1);
  });

  test('that the BMC has forgotten are opened again', async () => {
    await using b = await bench({ settings: { createClient: impatient } });
    const device = b.open();
    await device.power.read();
    b.machine.bmc.loseSessions();
    b.machine.state.power = 'power on';
    expect(await device.power.read()).toMatchObject({ state: 'power on' });
    expect(b.machine.bmc.activity.sessionsOpened).toBe(2);
  });

  test('two users of one BMC at the same time', async () => {
    await using b = await bench({ bmc: { users: [{ name: 'admin', password: 'q7-rosebud-31' }, { name: 'reader', password: 'q7-rosebud-32', privilegeLevel: 'user' }] } });
    const reader = b.open({ ipmi_username: 'reader', ipmi_password: 'q7-rosebud-32', ipmi_priv_level: 'user' });
    expect(await Promise.all([b.open().power.read(), reader.power.read()])).toMatchObject([{ state: 'power off' }, { state: 'power off' }]);
    await expect(reader.power.set('power on')).rejects.toMatchObject({ code: 'REFUSED', details: { completionCode: '0xd4' } });
    expect([b.machine.bmc.activity.openSessions, b.machine.state.power]).toEqual([2, 'power off']);
  });

  test('one for all spellings of a name', async () => {
    await using b = await bench();
    for (const host of ['localhost', 'LOCALHOST']) await b.open({ ipmi_address: host }).power.read();
    expect(b.machine.bmc.activity.sessionsOpened).toBe(1);
  });

  test('one for each name of a BMC that only a look-up tells apart, both open', async () => {
    await using b = await bench();
    for (const host of ['127.0.0.1', 'localhost']) expect(await b.open({ ipmi_address: host }).power.read()).toMatchObject({ state: 'power off' });
    expect(b.machine.bmc.activity.openSessions).toBe(2);
  });

  test('the address of an IPv6 host stands in brackets, for gates and in errors', async () => {
    const asked: string[] = [];
    const gate: NonNullable<IpmiDriverSettings['gate']> = (address) => {
      asked.push(address);
      throw new FerricError('BUSY', 'The gate is closed');
    };
    await using b = await bench({ settings: { gate } });
    await expect(b.open({ ipmi_address: '2001:DB8:0::1', ipmi_port: 623 }).power.read()).rejects.toMatchObject({ code: 'BUSY' });
    expect(asked).toEqual(['[2001:db8::1]:623']);
  });

  test('a time that is none is refused', () => {
    for (const idleMs of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => createIpmiDriver({ idleMs })).toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS' }));
    }
  });
});

describe('logging in', () => {
  test.each([
    [{ ipmi_cipher_suite: 3 }],
    [{ ipmi_cipher_suite: 17 }],
    [{ ipmi_protocol_version: '1.5' }],
    [{ ipmi_priv_level: 'operator' }],
  ])('with %j', async (driverInfo) => {
    await using b = await bench();
    expect(await b.open(driverInfo).power.set('power on')).toMatchObject({ status: 'done' });
  });

  test('with a key of the BMC', async () => {
    await using b = await bench({ bmc: { kgKey: 'c0ffee00' } });
    expect(await b.open().power.read()).toMatchObject({ state: 'power off' });
    await expect(b.open({ ipmi_hex_kg_key: 'c0ffee01' }).power.read()).rejects.toMatchObject({ code: 'AUTH_FAILED' });
  });

  test('a wrong password is tried once, whoever asks and however often at the same time', async () => {
    await using b = await bench();
    const device = b.open({ ipmi_password: 'q7-rosebud-33' });
    const calls = await Promise.allSettled([device.power.read(), device.power.set('power on'), device.sensors?.read(), device.bootDevice?.read()]);
    expect(calls.map((call) => (call.status === 'rejected' ? (call.reason as { code?: unknown }).code : 'done'))).toEqual(Array.from({ length: 4 }, () => 'AUTH_FAILED'));
    expect([b.machine.bmc.activity.authenticationAttempts, b.machine.bmc.activity.openSessions]).toEqual([1, 0]);
  });
});

describe('through a real session', () => {
  test('a one-shot boot device is used up by the next start, a persistent one is not', async () => {
    await using b = await bench();
    const device = b.open();
    await device.bootDevice?.set('pxe', { persistent: false });
    await device.power.set('power on');
    expect(b.machine.bmc.machine.lastBoot).toEqual({ device: 'pxe', efi: true, persistent: false });
    await device.power.set('rebooting');
    expect(b.machine.bmc.machine.lastBoot).toMatchObject({ device: 'none' });
    expect(await device.bootDevice?.read()).toMatchObject({ device: null, detail: expect.stringContaining('pxe, which does not count any more') });
    await device.bootDevice?.set('cdrom', { persistent: true });
    await device.power.set('rebooting');
    await device.power.set('rebooting');
    expect(b.machine.bmc.machine.lastBoot).toMatchObject({ device: 'cdrom', persistent: true });
  });

  test('ipmi_force_boot_device chooses the device before each start', async () => {
    await using b = await bench();
    const memory = createDeviceMemory();
    const device = b.driver.open(b.driver.driverInfo.parse({ ...b.machine.driverInfo, ipmi_force_boot_device: 'true' }), { memory });
    await device.bootDevice?.set('cdrom', { persistent: true });
    for (const target of ['power on', 'rebooting', 'soft rebooting'] as const) {
      await device.power.set(target);
      expect([target, b.machine.bmc.machine.lastBoot]).toEqual([target, { device: 'cdrom', efi: true, persistent: false }]);
      b.machine.bmc.machine.bootChoice = undefined;
    }
  });

  test('sensors of the machine, and one that changes', async () => {
    await using b = await bench();
    const device = b.open();
    const inlet = async () => (await device.sensors?.read())?.find(({ name }) => name === 'Inlet Temp');
    const limits = { lowerCritical: -10, lowerWarning: 0, upperWarning: 38, upperCritical: 42 };
    for (const [celsius, status] of [[20, 'ok'], [40, 'warning'], [43, 'critical'], [-3, 'warning']] as const) {
      b.machine.bmc.setReading(1, { raw: (celsius + 256) % 256 });
      expect(await inlet()).toMatchObject({ kind: 'temperature', value: celsius, unit: 'degrees C', status, thresholds: limits });
    }
    b.machine.bmc.setReading(1, { available: false });
    expect(await inlet()).toMatchObject({ value: null, status: 'unknown' });
  });

  test('the log, the inventory, the light and the interrupt', async () => {
    await using b = await bench();
    const device = b.open();
    const entries = await device.eventLog?.read();
    expect(entries).toHaveLength(b.machine.bmc.eventLog.length);
    expect(entries?.every(({ message, at }) => message !== '' && at instanceof Date)).toBe(true);
    await device.eventLog?.clear();
    expect(b.machine.bmc.eventLog).toEqual([]);
    expect(await device.inventory?.read()).toMatchObject({ vendor: expect.any(String), model: expect.any(String), serialNumber: expect.any(String) });
    await device.indicators?.set('chassis', 'identify', 'on');
    expect(b.machine.bmc.machine.identify).toBe('steady');
    await device.power.set('power on');
    await device.nmi?.inject();
    expect(b.machine.bmc.machine.diagnosticInterrupts).toBe(1);
  });

  test('bmc_reset ends the session, and the next call opens another', async () => {
    await using b = await bench();
    const device = b.open();
    const method = device.vendor?.methods['bmc_reset'];
    expect.assert(method !== undefined);
    expect(await method.call(method.arguments.parse({ warm: false }))).toEqual({ reset: 'cold', answered: true });
    expect(await device.power.read()).toMatchObject({ state: 'power off' });
    expect(b.machine.bmc.activity.sessionsOpened).toBe(2);
  });

  test('a command whose answer got lost is not sent again when it was carried out', async () => {
    await using b = await bench({ settings: { createClient: impatient } });
    const device = b.open();
    await device.power.read();
    b.machine.bmc.faults.inject({ kind: 'lost answer' });
    expect(await device.power.set('power on')).toMatchObject({ status: 'done' });
    expect([b.machine.bmc.machine.powerCommands, b.machine.bmc.activity.changeCommands]).toEqual([1, 1]);
  }, 15_000);
});

describe('the console', () => {
  /** Reads until the text has come. */
  async function readUntil(output: AsyncIterator<Uint8Array>, text: string): Promise<string> {
    let seen = '';
    while (!seen.includes(text)) {
      const { value, done } = await output.next();
      if (done === true) return expect.unreachable(`the console ended after ${JSON.stringify(seen)}`);
      seen += Buffer.from(value as Uint8Array).toString('latin1');
    }
    return seen;
  }

  test('shows what the machine prints and takes what is typed', async () => {
    await using b = await bench();
    const device = b.open();
    const session = await device.console?.open();
    expect.assert(session !== undefined);
    const output = session.output[Symbol.asyncIterator]();
    await session.write(Buffer.from('\r'));
    await readUntil(output, 'login: ');
    await session.write(Buffer.from('me\r'));
    expect(await readUntil(output, '$ ')).toContain('Welcome, me.');
    expect(await device.power.read()).toMatchObject({ state: 'power off' });
    expect(b.machine.bmc.activity.openSessions).toBe(1);
    await session[Symbol.asyncDispose]();
  });

  test('is there for one at a time, and ends with its device', async () => {
    await using b = await bench();
    const [first, second] = [b.open(), b.open()];
    const session = await first.console?.open();
    await expect(second.console?.open()).rejects.toMatchObject({ code: 'CONFLICT' });
    await first[Symbol.asyncDispose]();
    await expect(session?.write(Buffer.from('x'))).rejects.toMatchObject({ code: 'CONFLICT' });
    await using again = await second.console?.open();
    expect(again).toBeDefined();
  });

  test('is absent where the protocol has none', async () => {
    await using b = await bench();
    expect(b.open({ ipmi_protocol_version: '1.5' }).console).toBeUndefined();
    expect(b.open({ ipmi_bridging: 'single', ipmi_target_channel: 0, ipmi_target_address: 0x82 }).console).toBeUndefined();
    expect(b.open().console).toBeDefined();
  });
});

describe('bridging', () => {
  /** A controller with a machine of its own: power, and its identity. */
  function blade(): { readonly requests: string[]; readonly controller: NonNullable<BmcOptions['controllers']>[number] } {
    const requests: string[] = [];
    let on = false;
    const answer = (completionCode: number, ...data: readonly number[]) => ({ completionCode, data: Uint8Array.from(data) });
    return {
      requests,
      controller: {
        channel: 7,
        handle({ netFn, command, data }) {
          requests.push(`${netFn}/${command}`);
          if (netFn === 0 && command === 1) return answer(0, on ? 1 : 0, 0, 0);
          if (netFn === 0 && command === 2) {
            on = data[0] === 1;
            return answer(0);
          }
          return answer(0xc1);
        },
      },
    };
  }

  test('single: the blade is switched, not the machine of the BMC', async () => {
    const { requests, controller } = blade();
    await using b = await bench({ bmc: { controllers: { 0x72: controller } } });
    const device = b.open({ ipmi_bridging: 'single', ipmi_target_channel: 7, ipmi_target_address: '0x72' });
    expect(await device.power.set('power on')).toMatchObject({ status: 'done', reading: { state: 'power on' } });
    expect(requests).toEqual(['0/1', '0/2', '0/1']);
    expect(b.machine.state.power).toBe('power off');
    expect(await b.open().power.read()).toMatchObject({ state: 'power off' });
  });

  test('dual: through one controller to the one behind it', async () => {
    const { requests, controller } = blade();
    const transit = { channel: 0, handle: () => undefined, controllers: { 0x72: controller } };
    await using b = await bench({ bmc: { controllers: { 0x82: transit } } });
    const device = b.open({
      ipmi_bridging: 'dual', ipmi_target_channel: 7, ipmi_target_address: '0x72', ipmi_transit_channel: 0, ipmi_transit_address: '0x82',
    });
    expect(await device.power.set('power on')).toMatchObject({ status: 'done' });
    expect(requests).toHaveLength(3);
  });

  test('nobody there', async () => {
    await using b = await bench();
    const device = b.open({ ipmi_bridging: 'single', ipmi_target_channel: 0, ipmi_target_address: '0x72' });
    await expect(device.power.read({ timeoutMs: 5000 })).rejects.toMatchObject({ code: 'NOT_FOUND', message: expect.stringContaining('0x72') });
  });
});

test('another hardware type adds its vendor methods and its name', async () => {
  const extension: IpmiExtension = {
    name: 'acme',
    vendorMethods: (machine) => ({
      ask: defineVendorMethod({
        description: 'Ask', httpMethods: ['GET'], async: false, attach: false, requireExclusiveLock: false, arguments: noArguments,
        call: (_args, options) => machine.perform({ what: 'ask', timeoutMs: 1000 }, options, async (call) => (await call.records()).repository.records.length),
      }),
    }),
  };
  await using b = await bench({ extension });
  expect(b.driver.name).toBe('acme');
  const { vendor } = b.open();
  expect(Object.keys(vendor?.methods ?? {})).toEqual(['send_raw', 'bmc_reset', 'ask']);
  const ask = vendor?.methods['ask'];
  expect(await ask?.call(ask.arguments.parse({}))).toBeGreaterThan(4);
});

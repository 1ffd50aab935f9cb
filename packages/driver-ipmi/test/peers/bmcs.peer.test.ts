import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Device, TranscriptSink } from '@ferric/core';
import { startIpmiSim, startPyghmiBmc, type IpmiSim, type IpmiSimOptions, type PyghmiBmc } from '@ferric/lab';
import { describe, expect, test } from 'vitest';
import { createIpmiDriver, type IpmiDriverSettings } from '../../src/index.js';
import { driverInfoOf } from './virtual-ipmi-sim.js';

const run = promisify(execFile);

/** What ipmitool finds, as an independent witness. */
async function ipmitool({ port, username, password }: IpmiSim | PyghmiBmc, ...args: readonly string[]): Promise<string> {
  const { stdout } = await run('ipmitool', ['-I', 'lanplus', '-H', '127.0.0.1', '-p', String(port), '-U', username, '-P', password, '-C', '3', ...args]);
  return stdout.trim();
}

interface Bench<Bmc> extends AsyncDisposable {
  readonly bmc: Bmc;
  readonly device: Device;
}

async function bench<Bmc extends IpmiSim | PyghmiBmc>(start: () => Promise<Bmc>, driverInfo: object = {}, settings: IpmiDriverSettings = {}): Promise<Bench<Bmc>> {
  const stack = new AsyncDisposableStack();
  const bmc = stack.use(await start());
  const driver = stack.use(createIpmiDriver(settings));
  const device = stack.use(driver.open(driver.driverInfo.parse({ ...driverInfoOf(bmc), ...driverInfo })));
  return { bmc, device, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

const openIpmi = (driverInfo: object = {}, options: IpmiSimOptions = {}, settings: IpmiDriverSettings = {}): Promise<Bench<IpmiSim>> =>
  bench(() => startIpmiSim({ nodeManager: false, ...options }), driverInfo, settings);

describe("OpenIPMI's BMC", () => {
  test('power, as ipmitool sees it', async () => {
    await using b = await openIpmi();
    for (const [target, state] of [['power on', 'on'], ['rebooting', 'on'], ['power off', 'off'], ['power on', 'on'], ['soft power off', 'off']] as const) {
      expect(await b.device.power.set(target)).toMatchObject({ status: 'done', reading: { state: `power ${state}`, source: 'device' } });
      expect(await ipmitool(b.bmc, 'chassis', 'power', 'status')).toBe(`Chassis Power is ${state}`);
    }
    expect(await b.bmc.orders()).toEqual(['power=1', 'power=0', 'power=1', 'power=0', 'power=1', 'shutdown=1']);
  });

  test('boot device, as far as it keeps it: it takes the device, and calls its flags not valid', async () => {
    await using b = await openIpmi();
    for (const [device, name] of [['pxe', 'pxe'], ['disk', 'default'], ['cdrom', 'cdrom'], ['bios', 'bios']] as const) {
      await b.device.bootDevice?.set(device, { persistent: false });
      expect(await b.bmc.bootDevice()).toBe(name);
    }
    expect(await b.device.bootDevice?.read()).toMatchObject({ device: null, detail: expect.stringContaining('bios') });
    await expect(b.device.bootDevice?.set('safe', { persistent: false })).rejects.toMatchObject({ code: 'REFUSED', details: { completionCode: '0xff' } });
  });

  test('76 sensors with the values that ipmitool reads', async () => {
    await using b = await openIpmi({}, { content: 'full' });
    const sensors = (await b.device.sensors?.read()) ?? [];
    expect(sensors).toHaveLength(76);
    const lines = (await ipmitool(b.bmc, 'sdr', 'list', 'full')).split('\n').map((line) => line.split('|').map((cell) => cell.trim()));
    const numbers = lines.flatMap(([name = '', reading = '']) => (/^[ -~]+$/.test(name) && /^-?[\d.]+ /.test(reading) ? [{ name, expected: Number.parseFloat(reading) }] : []));
    expect(numbers.length).toBeGreaterThan(20);
    for (const { name, expected } of numbers) {
      const value = Number(sensors.find((sensor) => sensor.name === name)?.value);
      // ipmitool prints three digits.
      expect([name, Math.abs(value - expected) <= Math.abs(expected) * 0.01 + 0.01 ? 'the same' : `${value} and not ${expected}`]).toEqual([name, 'the same']);
    }
  });

  test('log and inventory that were put into it', async () => {
    await using b = await openIpmi({}, { content: 'full' });
    const entries = (await b.device.eventLog?.read()) ?? [];
    expect(entries).toHaveLength(15);
    expect(entries[0]).toMatchObject({ id: '1', sensor: 'MB Temp', severity: 'warning', message: expect.stringContaining('reading 117 degrees C; threshold 112 degrees C') });
    const report = await b.device.inventory?.read();
    expect(report).toMatchObject({
      vendor: 'Ferric Works', model: 'Model 42', serialNumber: 'PSN-9876',
      raw: { controller: { firmwareVersion: '9.08', ipmiVersion: '2.0', manufacturerId: 0x1291, systemGuid: { rfc4122: 'a1234567-89ab-cdef-a123-456789abcdef' } } },
    });
    expect(await ipmitool(b.bmc, 'fru', 'print', '0')).toMatch(/Product Serial +: PSN-9876/);
    await b.device.eventLog?.clear();
    expect(await ipmitool(b.bmc, 'sel', 'info')).toMatch(/Entries +: 0/);
  });

  test.each([{ ipmi_cipher_suite: 3 }, { ipmi_protocol_version: '1.5' }, { ipmi_priv_level: 'OPERATOR' }])('with %j', async (driverInfo) => {
    await using b = await openIpmi(driverInfo);
    expect(await b.device.power.set('power on')).toMatchObject({ status: 'done' });
    expect(await b.bmc.power()).toBe('on');
  });

  test.each([
    [{ ipmi_cipher_suite: 17 }, 'UNSUPPORTED'],
    [{ ipmi_password: 'q7-rosebud-32' }, 'AUTH_FAILED'],
    [{ ipmi_username: 'nobody' }, 'AUTH_FAILED'],
    // It says nothing to a wrong password, and a lost packet says as much. Not retryable: each try may count.
    [{ ipmi_protocol_version: '1.5', ipmi_password: 'q7-rosebud-32' }, 'TIMEOUT'],
  ])('refuses %j', async (driverInfo, code) => {
    await using b = await openIpmi(driverInfo);
    await expect(b.device.power.read({ timeoutMs: 15_000 })).rejects.toMatchObject({ code, retryable: false, details: { address: expect.stringContaining('127.0.0.1') } });
    expect(await ipmitool(b.bmc, 'chassis', 'power', 'status')).toBe('Chassis Power is off');
  });

  test('held up until the driver does not wait for the answer any more: the command is carried out once', async () => {
    let commanded = false;
    // What the driver sends next after the command is the question whether it was carried out.
    const transcript: TranscriptSink = {
      record({ direction, label }) {
        if (direction !== 'out') return;
        if (commanded) b.bmc.signal('SIGCONT');
        if (label !== 'Chassis Control (power on)') return;
        commanded = true;
        b.bmc.signal('SIGSTOP');
      },
    };
    await using b = await openIpmi({}, {}, { transcript });
    await b.device.power.read();
    expect(await b.device.power.set('power on')).toMatchObject({ status: 'done' });
    expect((await b.bmc.orders()).filter((order) => order.startsWith('power='))).toEqual(['power=1']);
  });
});

describe("pyghmi's BMC", () => {
  test('power and boot device', async () => {
    await using b = await bench(startPyghmiBmc, { ipmi_cipher_suite: 3 });
    expect(await b.device.power.read()).toMatchObject({ state: 'power off' });
    await b.device.bootDevice?.set('pxe', { persistent: false });
    expect(await b.device.power.set('power on')).toMatchObject({ status: 'done' });
    expect(await ipmitool(b.bmc, 'chassis', 'power', 'status')).toBe('Chassis Power is on');
    expect(await b.device.power.set('soft power off')).toMatchObject({ status: 'done' });
    await expect.poll(() => b.bmc.told).toEqual([{ boot_device: 'network' }, { order: 'on', power: 'on' }, { order: 'shutdown', power: 'off' }]);
  });

  test('without naming the cipher suite', async () => {
    await using b = await bench(startPyghmiBmc);
    expect(await b.device.power.set('power on')).toMatchObject({ status: 'done', reading: { state: 'power on' } });
  });

  test('a wrong password', async () => {
    await using b = await bench(startPyghmiBmc, { ipmi_cipher_suite: 3, ipmi_password: 'q7-rosebud-32' });
    await expect(b.device.power.read({ timeoutMs: 15_000 })).rejects.toMatchObject({ code: 'AUTH_FAILED' });
  });
});

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { type IpmiSim, startIpmiSim } from '@ferric/lab';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  activateConsole, controlChassis, createIpmiClient, describeSelEntry, getChassisStatus, getDeviceId, getSystemGuid, indexSensors, type IpmiClient,
  type IpmiClientSettings, ping, readBootFlags, readFru, readLanConfiguration, readSdrRepository, readSel, readSensors, setBootDevice,
} from '../../src/index.js';
import type { SdrFixture } from '../record-fixtures.js';

// OpenIPMI's BMC shares nothing with this package: what both understand alike is IPMI. What records and readings mean is ipmitool's word.
let bmc: IpmiSim;
let full: IpmiSim;
beforeAll(async () => {
  [bmc, full] = await Promise.all([startIpmiSim(), startIpmiSim({ content: 'full' })]);
});
afterAll(async () => {
  await Promise.all([bmc[Symbol.asyncDispose](), full[Symbol.asyncDispose]()]);
});

function connect({ host, port, username, password }: IpmiSim, settings: Partial<IpmiClientSettings> = {}): IpmiClient {
  return createIpmiClient({ host, port, username, password, ...settings });
}

function fixture<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../fixtures/${name}.json`, import.meta.url), 'utf8')) as T;
}

describe('a session', () => {
  test.each([
    ['suite 3', { cipherSuite: 3 }, 3],
    ['the best suite, which is 3 here', {}, 3],
    ['suite 2', { cipherSuite: 2 }, 2],
    ['suite 1', { cipherSuite: 1 }, 1],
    ['suite 0', { cipherSuite: 0 }, 0],
    ['IPMI 1.5', { protocol: '1.5' }, null],
  ] as const)('with %s', async (_name, settings, cipherSuite) => {
    await using client = connect(bmc, settings);
    expect(await getDeviceId(client)).toMatchObject({ manufacturerId: 0x1291, productId: 0x0f02 });
    expect((await client.session()).cipherSuite).toBe(cipherSuite);
  });

  test('with a suite that this BMC does not know is refused, and nothing else is tried', async () => {
    await using client = connect(bmc, { cipherSuite: 17 });
    await expect(getDeviceId(client)).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  });

  test.each([
    [{}, 'AUTH_FAILED'],
    // This BMC says nothing to a wrong password.
    [{ protocol: '1.5' }, 'TIMEOUT'],
  ] as const)('with a wrong password, %o, is %s and not to be retried', async (settings, code) => {
    await using client = connect(bmc, { ...settings, password: 'wrong' });
    await expect(getDeviceId(client)).rejects.toMatchObject({ code, retryable: false });
  });

  test('with an unknown user is refused', async () => {
    await using client = connect(bmc, { username: 'nobody' });
    await expect(getDeviceId(client)).rejects.toMatchObject({ code: 'AUTH_FAILED' });
  });

  test('is opened again after the BMC was held up, and a request waits for it', async () => {
    await using client = connect(bmc, { retry: { firstWaitMs: 200, tries: 6 } });
    await getDeviceId(client);
    bmc.signal('SIGSTOP');
    const late = getDeviceId(client);
    await expect(getDeviceId(client, { timeoutMs: 300 })).rejects.toMatchObject({ code: 'TIMEOUT' });
    bmc.signal('SIGCONT');
    expect(await late).toMatchObject({ manufacturerId: 0x1291 });
  });

  test('is closed each time: more sessions one after the other than the BMC has room for', async () => {
    for (let count = 0; count < 70; count += 1) {
      const client = connect(bmc);
      await getDeviceId(client);
      await client[Symbol.asyncDispose]();
      expect(client.counters).toMatchObject({ sessionsOpened: 1, sessionsClosed: 1 });
    }
  });

  test('is not needed for a presence ping', async () => {
    expect(await ping({ host: bmc.host, port: bmc.port })).toMatchObject({ supportsIpmi: true });
  });
});

describe('the machine', () => {
  test('is switched on, off and reset', async () => {
    await using client = connect(bmc);
    await controlChassis(client, 'power on');
    expect([await bmc.power(), (await getChassisStatus(client)).powerOn]).toEqual(['on', true]);
    await controlChassis(client, 'hard reset');
    expect((await bmc.orders()).at(-1)).toBe('reset=1');
    await controlChassis(client, 'power off');
    expect([await bmc.power(), (await getChassisStatus(client)).powerOn]).toEqual(['off', false]);
  });

  test('is told what to boot from', async () => {
    await using client = connect(bmc);
    for (const [device, told] of [['pxe', 'pxe'], ['disk', 'default'], ['cdrom', 'cdrom'], ['bios', 'bios']] as const) {
      await setBootDevice(client, { device });
      expect((await readBootFlags(client)).device).toBe(device);
      expect(await bmc.bootDevice()).toBe(told);
    }
  });

  test('has a GUID and a LAN configuration', async () => {
    await using client = connect(bmc);
    expect(await getSystemGuid(client)).toMatchObject({ raw: Uint8Array.from(Buffer.from('a123456789abcdefa123456789abcdef', 'hex')), ipmi: 'efcdab89-6745-23a1-efcd-ab89674523a1' });
    expect(await readLanConfiguration(client, 1)).toMatchObject({ macAddress: '00:00:00:00:00:00' });
  });
});

describe('raw requests', () => {
  test('yield the bytes that ipmitool prints, and completion codes as they are', async () => {
    await using client = connect(bmc);
    const { completionCode, data } = await client.raw({ netFn: 0x06, command: 0x01 });
    expect([completionCode, Buffer.from(data).toString('hex')]).toEqual([0, '00030908029f911200020f00000000']);
    expect(await client.raw({ netFn: 0x00, command: 0x06, data: Uint8Array.of(3) })).toMatchObject({ completionCode: 0xc1 });
  });

  test('reach a controller behind the BMC', async () => {
    await using client = connect(bmc);
    const { data } = await client.raw({ netFn: 0x2e, command: 0xca, data: Uint8Array.of(0x57, 0x01, 0x00), bridge: [{ channel: 0, address: 0x2c }] });
    expect(Buffer.from(data).toString('hex')).toBe('5701000503070102');
    await expect(client.raw({ netFn: 0x06, command: 0x01, bridge: [{ channel: 0, address: 0x4e }] })).rejects.toThrow('0x4e');
  });
});

describe('records', () => {
  const sensorFixtures = fixture<{ readonly records: readonly SdrFixture[] }>('sdr').records.filter(({ expect: { kind } }) => kind === 'full' || kind === 'compact');

  test('are all read, and every sensor has the value and status that ipmitool prints', async () => {
    await using client = connect(full, { cipherSuite: 3 });
    const { records } = await readSdrRepository(client);
    expect(records.length).toBe(79);
    const values = new Map((await readSensors(client, records)).map((value) => [value.sensor.sensorNumber, value]));
    let compared = 0;
    for (const { expect: expected } of sensorFixtures) {
      const number = Number(expected.reading?.value);
      if (!Number.isFinite(number)) continue;
      const seen = values.get(expected.sensor_number ?? -1);
      expect(seen?.value, expected.name).toBeCloseTo(number, 2);
      compared += 1;
    }
    expect(compared).toBeGreaterThan(30);
    expect(values.get(51)).toMatchObject({ status: 'nonrecoverable' });
    expect(values.get(50)).toMatchObject({ status: 'critical' });
    expect(values.get(21)?.value).toBeNull();
  });

  test('of the event log are all read, and told in words', async () => {
    await using client = connect(full);
    const { records } = await readSdrRepository(client);
    const { entries, complete } = await readSel(client);
    expect([entries.length, complete]).toEqual([15, true]);
    const first = describeSelEntry(entries[0] as (typeof entries)[0], indexSensors(records));
    expect(first).toMatchObject({ sensorName: 'MB Temp', reading: 117, threshold: 112, unit: 'degrees C' });
  });

  test('of inventories are read, whole ones and broken ones', async () => {
    await using client = connect(full);
    const plain = await readFru(client, 0);
    expect(plain.board).toMatchObject({ manufacturer: 'Ferric Works', productName: 'FW-Board X1', serialNumber: 'BSN0000123', partNumber: 'BPN-77-1' });
    expect(plain.product).toMatchObject({ productName: 'Model 42', assetTag: 'asset-7' });
    expect((await readFru(client, 9)).format).toBe('blank');
  });
});

test('serial over LAN carries characters both ways, and breaks off in good order', async () => {
  const received = Promise.withResolvers<string>();
  let text = '';
  const line = createServer((socket) => {
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      socket.write(chunk.toString().toUpperCase());
      if (text.includes('world')) received.resolve(text);
    });
  }).listen(0, '127.0.0.1');
  await once(line, 'listening');
  await using sim = await startIpmiSim({ serialLine: (line.address() as AddressInfo).port });
  await using client = connect(sim, { cipherSuite: 3 });
  {
    await using serial = await activateConsole(client);
    const printed = (async () => {
      let seen = '';
      for await (const chunk of serial.output) {
        seen += Buffer.from(chunk).toString();
        if (seen.includes('WORLD')) break;
      }
      return seen;
    })();
    await serial.write(Buffer.from('hello '));
    await serial.write(Buffer.from('x'.repeat(1000)));
    await serial.write(Buffer.from('world'));
    expect(await received.promise).toBe(`hello ${'x'.repeat(1000)}world`);
    expect(await printed).toBe(`HELLO ${'X'.repeat(1000)}WORLD`);
  }
  expect(await getDeviceId(client)).toMatchObject({ manufacturerId: 0x1291 });
  const closed = once(line, 'close');
  await sim[Symbol.asyncDispose]();
  line.close();
  await closed;
});

import { writeFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findTool, run } from '@ferric/lab';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { fruImage, fullSensorRecord, systemEvent, type VirtualBmc, type VirtualReading } from '../../src/simulator/index.js';
import { cells, GUID, ipmitool, startConfigured, table, USER } from './simulator-bench.js';

// ipmitool of Debian judges the simulator: what it prints must be what the simulator was told to be.

let bmc: VirtualBmc;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ferric-bmc-'));
});

afterAll(() => rm(folder, { recursive: true }));

beforeEach(async () => {
  bmc = await startConfigured();
});

afterEach(() => bmc[Symbol.asyncDispose]());

const ask = (...words: readonly string[]): Promise<string> => ipmitool(bmc, words);

describe('lets in who may come', () => {
  test.each([
    ['suite 17', ['-I', 'lanplus', '-C', '17']], ['suite 3', ['-I', 'lanplus', '-C', '3']], ['suite 2', ['-I', 'lanplus', '-C', '2']], ['suite 1', ['-I', 'lanplus', '-C', '1']],
    ['the suite it chooses', ['-I', 'lanplus']], ['MD5', ['-I', 'lan', '-A', 'MD5']], ['password', ['-I', 'lan', '-A', 'PASSWORD']],
    ['1.5 as it chooses', ['-I', 'lan']],
  ])('by %s', async (_name, way) => {
    expect(await ipmitool(bmc, ['chassis', 'power', 'on'], { way })).toBe('Chassis Power Control: Up/On');
    expect(bmc.machine.power).toBe('power on');
    expect(bmc.activity).toMatchObject({ sessionsOpened: 1, sessionsClosed: 1, dropped: { malformed: 0, integrity: 0, sequence: 0, session: 0 } });
  });

  test('with the key of the BMC', async () => {
    // ipmitool takes a key that begins with 00 for none.
    const kgKey = '0102030405060708090a0b0c0d0e0f1011121314';
    await using keyed = await startConfigured({ kgKey });
    expect(await ipmitool(keyed, ['-y', kgKey, 'chassis', 'power', 'status'])).toBe('Chassis Power is off');
    await expect(ipmitool(keyed, ['-R', '1', 'chassis', 'power', 'status'])).rejects.toThrow('Unable to establish');
  });

  test('without protection where that is offered', async () => {
    await using open = await startConfigured({ cipherSuites: [0] });
    expect(await ipmitool(open, ['chassis', 'power', 'status'], { way: ['-I', 'lanplus', '-C', '0'], password: '' })).toBe('Chassis Power is off');
  });

  test.each([
    ['a wrong password', { password: 'wrong' }], ['an unknown name', { user: 'nobody' }], ['more than it may', { user: 'operator', password: 'another-one' }],
    ['a wrong password of 1.5', { way: ['-I', 'lan'], password: 'wrong' }], ['a suite that is not offered', { way: ['-I', 'lanplus', '-C', '0'] }],
  ])('and nobody else: %s', async (_name, options) => {
    await expect(ipmitool(bmc, ['-N', '1', '-R', '1', 'chassis', 'power', 'status'], options)).rejects.toThrow('Unable to establish');
    expect(bmc.activity.sessionsOpened).toBe(0);
  });

  test('an operator switches, and does not reset the BMC', async () => {
    const operator = { user: 'operator', password: 'another-one' };
    expect(await ipmitool(bmc, ['-L', 'OPERATOR', 'chassis', 'power', 'on'], operator)).toBe('Chassis Power Control: Up/On');
    await expect(ipmitool(bmc, ['-L', 'USER', 'chassis', 'power', 'off'], operator)).rejects.toThrow('Insufficient privilege level');
    expect(bmc.machine.power).toBe('power on');
  });
});

test('what the controller is', async () => {
  const facts = table(await ask('mc', 'info'));
  expect(facts).toMatchObject({
    'Device ID': '66', 'Device Revision': '5', 'Firmware Revision': '7.31', 'IPMI Version': '2.0', 'Manufacturer ID': '343', 'Manufacturer Name': 'Intel Corporation',
    'Product ID': '2748 (0x0abc)', 'Device Available': 'yes', 'Provides Device SDRs': 'no',
  });
  const aux = (await ask('mc', 'info')).split('Aux Firmware Rev Info')[1] ?? '';
  expect(aux.match(/0x[0-9a-f]{2}/g)).toEqual(['0xde', '0xad', '0xbe', '0xef']);
  expect(table(await ask('mc', 'guid'))).toMatchObject({ 'System GUID': GUID, 'GUID Encoding': 'IPMI' });
  expect(await ask('mc', 'selftest')).toBe('Selftest: passed');
  expect(await ask('raw', '0x06', '0x01')).toBe(' 42 05 07 31 02 df 57 01 00 bc 0a de ad be ef');
});

describe('power', () => {
  test('follows each command, and each change is seen', async () => {
    const seen: string[] = [];
    using _watching = bmc.watchPower((change) => seen.push(change));
    for (const command of ['on', 'cycle', 'reset', 'soft', 'on', 'diag', 'off']) await ask('chassis', 'power', command);
    expect(seen).toEqual(['on', 'off', 'on', 'reset', 'off', 'on', 'off']);
    expect(bmc.machine.diagnosticInterrupts).toBe(1);
    expect(await ask('chassis', 'power', 'status')).toBe('Chassis Power is off');
    await expect(ask('chassis', 'power', 'cycle')).rejects.toThrow('not supported in present state');
    expect(bmc.activity.changeCommands).toBe(8);
  });

  test('status, policy, cause and light', async () => {
    await ask('chassis', 'power', 'on');
    expect(await ask('chassis', 'policy', 'list')).toContain('always-off always-on previous');
    await ask('chassis', 'policy', 'always-on');
    await ask('chassis', 'identify', '30');
    expect(table(await ask('chassis', 'status'))).toMatchObject({ 'System Power': 'on', 'Power Restore Policy': 'always-on', 'Last Power Event': 'command', 'Power Button Disabled': 'false' });
    expect(bmc.machine.restorePolicy).toBe('always on');
    expect(bmc.machine.identify).toBeGreaterThan(25);
    await ask('chassis', 'identify', 'force');
    expect(bmc.machine.identify).toBe('steady');
    expect(await ask('chassis', 'restart_cause')).toBe('System restart cause: chassis power control command');
    expect(await ask('chassis', 'poh')).toContain('0 days, 0 hours');
  });
});

describe('boot device', () => {
  test.each([
    ['pxe', 'pxe', 'Force PXE'], ['disk', 'disk', 'Force Boot from default Hard-Drive'], ['safe', 'safe', 'Force Boot from default Hard-Drive, request Safe-Mode'],
    ['diag', 'diagnostic', 'Force Boot from Diagnostic Partition'], ['cdrom', 'cdrom', 'Force Boot from CD/DVD'], ['bios', 'bios', 'Force Boot into BIOS Setup'],
    ['floppy', 'floppy', 'Force Boot from Floppy/primary removable media'],
  ])('%s', async (word, device, text) => {
    await ask('chassis', 'bootdev', word);
    expect(bmc.machine.bootChoice).toEqual({ device, efi: false, persistent: false });
    expect(await ask('chassis', 'bootparam', 'get', '5')).toContain(`Boot Device Selector : ${text}\n`);
    await ask('chassis', 'power', 'on');
    expect(bmc.machine.lastBoot?.device).toBe(device);
    expect(await ask('chassis', 'bootparam', 'get', '5')).toContain('Boot Flag Invalid');
  });

  test('for all starts and by EFI', async () => {
    await ask('chassis', 'bootdev', 'pxe', 'options=efiboot,persistent');
    expect(bmc.machine.bootChoice).toEqual({ device: 'pxe', efi: true, persistent: true });
    await ask('chassis', 'power', 'on');
    await ask('chassis', 'power', 'reset');
    expect(bmc.machine.lastBoot).toEqual({ device: 'pxe', efi: true, persistent: true });
    const read = await ask('chassis', 'bootparam', 'get', '5');
    for (const line of ['Boot parameter data: e004000000', 'Boot Flag Valid', 'Options apply to all future boots', 'BIOS EFI boot']) expect(read).toContain(line);
  });
});

describe('sensors', () => {
  const sdr = [
    fullSensorRecord({ number: 7, name: 'Minus', sensorType: 1, unit: 1, format: "two's complement", entityId: 7, entityInstance: 1, thresholds: { lowerCritical: 0xf0 } }),
    fullSensorRecord({
      number: 8, name: 'Volts', sensorType: 2, unit: 4, m: -62, b: -100, bExponent: 1, resultExponent: -3, entityId: 7, entityInstance: 2,
      thresholds: { lowerNonRecoverable: 1, lowerCritical: 2, lowerNonCritical: 3, upperNonCritical: 200, upperCritical: 210, upperNonRecoverable: 220 },
    }),
    fullSensorRecord({ number: 9, name: 'Absent', sensorType: 1, unit: 1, entityId: 7, entityInstance: 3 }),
  ];
  const readings: Readonly<Record<number, VirtualReading>> = { 7: { raw: 0xec }, 8: { raw: 205 }, 9: { available: false } };
  // By the formula of the specification: (M * raw + B * 10^1) * 10^-3.
  const volts = (raw: number): string => ((-62 * raw - 1000) / 1000).toFixed(3);

  test('with values, units, thresholds and states', async () => {
    await using own = await startConfigured({ sdr, readings });
    const rows = cells(await ipmitool(own, ['sensor', 'list']));
    expect(rows.map((row) => row.slice(0, 4))).toEqual([['Minus', '-20.000', 'degrees C', 'cr'], ['Volts', volts(205), 'Volts', 'nc'], ['Absent', 'na', 'degrees C', 'na']]);
    expect(rows[0]?.slice(4, 10)).toEqual(['na', '-16.000', 'na', 'na', 'na', 'na']);
    expect(rows[1]?.slice(4, 10)).toEqual([1, 2, 3, 200, 210, 220].map(volts));
    own.setReading(7, { raw: 20 });
    expect(cells(await ipmitool(own, ['sdr', 'elist', 'full']))[0]).toEqual(['Minus', '07h', 'ok', '7.1', '20 degrees C']);
  });

  test('thresholds that were set are in force', async () => {
    await ask('sensor', 'thresh', 'CPU1 Temp', 'unc', '40');
    expect(cells(await ask('sensor', 'list')).find(([name]) => name === 'CPU1 Temp')?.slice(1, 9)).toEqual(['41.000', 'degrees C', 'nc', 'na', 'na', 'na', '40.000', '95.000']);
  });

  test('the records of the fixtures are printed as they stand there', async () => {
    const fixture = JSON.parse(readFileSync(new URL('../fixtures/sdr.json', import.meta.url), 'utf8')) as { readonly records: readonly { readonly record: string }[] };
    const records = fixture.records.map(({ record }) => Uint8Array.from(Buffer.from(record, 'hex')));
    await using own = await startConfigured({ sdr: records });
    const dump = join(folder, 'sdr.bin');
    await ipmitool(own, ['sdr', 'dump', dump]);
    expect((await readFile(dump)).toString('hex')).toBe(fixture.records.map(({ record }) => record).join(''));
    expect(table(await ipmitool(own, ['sdr', 'info']))).toMatchObject({ 'Record Count': String(records.length), 'Reserve SDR repository supported': 'yes' });
  });
});

describe('event log', () => {
  test('is listed, grows and is cleared', async () => {
    const seconds = Date.UTC(2026, 4, 1, 12, 34, 56) / 1000;
    const sel = [systemEvent({ id: 1, seconds, sensorType: 1, sensorNumber: 2, eventType: 1, data: [0x59, 96, 95] }), systemEvent({ id: 4, seconds, sensorType: 5, sensorNumber: 0x25, eventType: 0x6f, data: [0, 255, 255] })];
    await using own = await startConfigured({ sel, selEraseMs: 50 });
    expect(cells(await ipmitool(own, ['sel', 'elist']))).toEqual([
      ['1', '05/01/26', '12:34:56 UTC', 'Temperature CPU1 Temp', 'Upper Critical going high', 'Asserted', 'Reading 96 > Threshold 95 degrees C'],
      ['4', '05/01/26', '12:34:56 UTC', 'Physical Security Intrusion', 'General Chassis intrusion', 'Asserted'],
    ]);
    await ipmitool(own, ['event', '1']);
    expect(own.eventLog).toHaveLength(3);
    expect(table(await ipmitool(own, ['sel', 'info']))).toMatchObject({ Entries: '3', Overflow: 'false', 'Free Space': `${(512 - 3) * 16} bytes` });
    await ipmitool(own, ['sel', 'delete', '4']);
    expect(own.eventLog.map((entry) => entry[0])).toEqual([1, 5]);
    await ipmitool(own, ['sel', 'clear']);
    expect(own.eventLog).toEqual([]);
    await expect.poll(async () => table(await ipmitool(own, ['sel', 'info']))).toMatchObject({ Entries: '0' });
  });

  test('has a clock that can be set', async () => {
    await ask('sel', 'time', 'set', '02/03/27 04:05:06');
    expect(await ask('sel', 'time', 'get')).toMatch(/^02\/03\/27 04:05:0\d/);
  });
});

describe('FRU', () => {
  const fields = {
    chassis: { type: 0x11, partNumber: 'CH-PART', serialNumber: 'CH-SERIAL', custom: ['chassis extra'] },
    board: { manufacturedAt: new Date('2025-12-24T18:30:00Z'), manufacturer: 'Board Maker', productName: 'Board Name', serialNumber: 'BO-SERIAL', partNumber: 'BO-PART', fileId: 'b1', custom: ['board extra'] },
    product: { manufacturer: 'Maker', productName: 'Product Name', partNumber: 'PR-PART', version: '4.2', serialNumber: 'PR-SERIAL', assetTag: 'TAG', fileId: 'p1', custom: ['product extra'] },
  };

  test('is printed field by field', async () => {
    await using own = await startConfigured({ fru: { 0: { image: fruImage(fields) } } });
    expect(table(await ipmitool(own, ['fru', 'print', '0']))).toEqual({
      'Chassis Type': 'Main Server Chassis', 'Chassis Part Number': 'CH-PART', 'Chassis Serial': 'CH-SERIAL', 'Chassis Extra': 'chassis extra',
      'Board Mfg Date': 'Wed Dec 24 18:30:00 2025 UTC', 'Board Mfg': 'Board Maker', 'Board Product': 'Board Name', 'Board Serial': 'BO-SERIAL', 'Board Part Number': 'BO-PART',
      'Board Extra': 'board extra', 'Product Manufacturer': 'Maker', 'Product Name': 'Product Name', 'Product Part Number': 'PR-PART', 'Product Version': '4.2',
      'Product Serial': 'PR-SERIAL', 'Product Asset Tag': 'TAG', 'Product Extra': 'product extra',
    });
  });

  test('is read and written whole', async () => {
    const [before, after] = [join(folder, 'before.bin'), join(folder, 'after.bin')];
    const image = Buffer.from(fruImage(fields));
    await using own = await startConfigured({ fru: { 0: { image } } });
    await ipmitool(own, ['fru', 'read', '0', before]);
    expect((await readFile(before)).equals(image)).toBe(true);
    const changed = Buffer.from(fruImage({ ...fields, product: { ...fields.product, productName: 'Other Names!' } }));
    await writeFile(after, changed);
    await ipmitool(own, ['fru', 'write', '0', after]);
    expect(table(await ipmitool(own, ['fru', 'print', '0']))).toMatchObject({ 'Product Name': 'Other Names!' });
  });
});

test('network, channel and users', async () => {
  expect(table(await ask('lan', 'print', '1'))).toMatchObject({
    'IP Address': '198.51.100.7', 'IP Address Source': 'Static Address', 'Subnet Mask': '255.255.254.0', 'MAC Address': '52:54:00:aa:bb:cc', 'Default Gateway IP': '198.51.100.1',
    '802.1q VLAN ID': '123', 'RMCP+ Cipher Suites': '1,2,3,17', 'Auth Type Support': 'MD5 PASSWORD',
  });
  await ask('lan', 'set', '1', 'ipaddr', '203.0.113.9');
  expect(table(await ask('lan', 'print', '1'))).toMatchObject({ 'IP Address': '203.0.113.9' });
  expect(table(await ask('channel', 'info', '1'))).toMatchObject({ 'Channel Medium Type': '802.3 LAN', 'Session Support': 'multi-session', 'Active Session Count': '1' });
  const users = (await ask('-c', 'user', 'list', '1')).split('\n').slice(0, 4);
  expect(users.map((line) => line.split(',').slice(0, 2).concat(line.split(',').slice(-1)))).toEqual([
    ['1', '', 'NO ACCESS'], ['2', 'admin', 'ADMINISTRATOR'], ['3', 'operator', 'OPERATOR'], ['4', '', 'NO ACCESS'],
  ]);
  expect(await ask('user', 'test', '2', '16', USER.password)).toBe('Success');
  expect(await ask('user', 'test', '3', '20', 'another-one')).toBe('Success');
  await expect(ask('user', 'test', '3', '20', 'wrong')).rejects.toThrow('password incorrect');
  expect(table(await ask('session', 'info', 'active'))).toMatchObject({ 'slot count': '4', 'active sessions': '1', 'user id': '2', 'privilege level': 'ADMINISTRATOR', 'console ip': '127.0.0.1' });
  expect(cells(await ask('channel', 'getciphers', 'ipmi', '1')).slice(1).map(([line = '']) => line.split(/\s+/)[0])).toEqual(['1', '2', '3', '17']);
});

describe('bridges', () => {
  test.each(['separate', 'inside'] as const)('requests to a controller behind, answers %s', async (bridgedAnswers) => {
    const controller = { channel: 6, handle: ({ netFn, command, data }: { netFn: number; command: number; data: Uint8Array }) => ({ completionCode: 0, data: Uint8Array.of(netFn, command, ...data) }) };
    await using own = await startConfigured({ bridgedAnswers, controllers: { 0x2c: controller } });
    expect(await ipmitool(own, ['-b', '6', '-t', '0x2c', 'raw', '0x2e', '0xca', '0x57', '0x01', '0x00'])).toBe(' 2e ca 57 01 00');
    await expect(ipmitool(own, ['-b', '6', '-t', '0x2e', 'raw', '0x06', '0x01'])).rejects.toThrow(/rsp=0x83/);
  });

  test('requests through a controller to one behind it', async () => {
    const inner = { channel: 7, handle: () => ({ completionCode: 0, data: Uint8Array.of(0xca, 0xfe) }) };
    const transit = { channel: 0, handle: () => ({ completionCode: 0xc1, data: new Uint8Array() }), controllers: { 0x72: inner } };
    await using own = await startConfigured({ controllers: { 0x82: transit } });
    expect(await ipmitool(own, ['-B', '0', '-T', '0x82', '-b', '7', '-t', '0x72', 'raw', '0x06', '0x01'])).toBe(' ca fe');
  });
});

test('a file of commands runs over one session', async () => {
  const script = join(folder, 'commands');
  await writeFile(script, 'chassis power on\nchassis power status\nraw 6 0x37\nchassis power off\n'.repeat(30));
  expect((await ask('exec', script)).match(/Chassis Power is on/g)).toHaveLength(30);
  expect(bmc.activity).toMatchObject({ sessionsOpened: 1, changeCommands: 60, duplicates: 0 });
});

test('a reset of the BMC is carried out', async () => {
  await bmc[Symbol.asyncDispose]();
  bmc = await startConfigured({ restartMs: 200 });
  expect(await ask('mc', 'reset', 'cold')).toBe('Sent cold reset command to MC');
  expect(bmc.activity.openSessions).toBe(0);
});

test('serial over LAN: what is typed arrives, what the machine prints is shown, a break is sent', async () => {
  const script = join(folder, 'sol.exp');
  const spawned = `${findTool('ipmitool')} -I lanplus -C 17 -H ${bmc.host} -p ${bmc.port} -U ${USER.name} -P ${USER.password} sol activate`;
  const talk = [
    'set timeout 20', `spawn ${spawned}`, 'expect -exact "login: "', 'send "root\\r"', 'expect -exact "Welcome, root."', 'send "hello world\\r"', 'expect -exact "you said: hello world"',
    'send "\\r~B"', 'expect -exact "\\[break\\]" { puts "SAW-BREAK" }', 'send "\\r~."', 'expect eof',
  ];
  await writeFile(script, `${talk.join('\n')}\n`);
  const said = await run(findTool('expect'), [script], { timeoutMs: 60_000 });
  for (const text of ['virtual login: root', 'Welcome, root.', 'you said: hello world', 'SAW-BREAK']) expect(said).toContain(text);
  expect(bmc.activity).toMatchObject({ sessionsOpened: 1, sessionsClosed: 1 });
});

describe('on a bad network', () => {
  test('a request whose answer was lost comes again, and the machine is reset once', async () => {
    await using own = await startConfigured({
      power: 'power on',
      // The last thing that ipmitool asks before it sends the command.
      onCommand({ netFn, data }) {
        if (netFn === 0x2c && data?.[0] === 0x03) own.faults.inject({ kind: 'lost answer', times: 1 });
      },
    });
    expect(await ipmitool(own, ['chassis', 'power', 'reset'])).toBe('Chassis Power Control: Reset');
    expect(own.machine.powerCommands).toBe(1);
    expect(own.activity).toMatchObject({ duplicates: 1, changeCommands: 1 });
  });

  test('answers that come twice do not confuse', async () => {
    bmc.faults.inject({ kind: 'duplicate answer' });
    expect(await ask('chassis', 'power', 'on')).toBe('Chassis Power Control: Up/On');
    expect(bmc.machine.powerCommands).toBe(1);
  });
});

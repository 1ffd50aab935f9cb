import { FerricError } from '@ferric/core';
import { createFakeClock } from '@ferric/core/testing';
import { describe, expect, test } from 'vitest';
import { fixtureElement, fixtureItems } from '../../../test/classes/fixtures.js';
import { type ScriptedAnswer, scriptedWsman, xml } from '../../../test/scripted-wsman.js';
import { createInventoryCalls, type InventoryCalls } from './inventory-calls.js';
import { memoryMaker } from './memory-makers.js';
import { platformUuid } from './platform-uuid.js';

const RECORDED: Readonly<Record<string, ScriptedAnswer>> = {
  'get CIM_ComputerSystem': xml('<CIM_ComputerSystem><Name>ManagedSystem</Name><ElementName>Managed System</ElementName><EnabledState>2</EnabledState></CIM_ComputerSystem>'),
  'get CIM_ComputerSystemPackage': fixtureElement('recorded/cim/computer/systempackage/get.xml'),
  'get CIM_Chassis': fixtureElement('recorded/cim/chassis/get.xml'),
  'get CIM_Card': fixtureElement('recorded/cim/card/get.xml'),
  'get CIM_BIOSElement': fixtureElement('recorded/cim/bios/element/get.xml'),
  'enumerate CIM_Processor': [fixtureElement('recorded/cim/physical/processor/get.xml')],
  'enumerate CIM_Chip': [fixtureElement('recorded/cim/chip/get.xml'), ...fixtureItems('recorded/cim/physical/memory/pull.xml')],
  'enumerate CIM_PhysicalMemory': fixtureItems('recorded/cim/physical/memory/pull.xml'),
  'enumerate CIM_MediaAccessDevice': fixtureItems('recorded/cim/mediaaccess/pull.xml'),
  'enumerate AMT_EthernetPortSettings': fixtureItems('recorded/amt/ethernetport/pull.xml'),
  'enumerate CIM_SoftwareIdentity': fixtureItems('recorded/cim/software/identity/pull.xml'),
};

const callsOf = (answers: Readonly<Record<string, ScriptedAnswer>>): InventoryCalls => createInventoryCalls(scriptedWsman(answers).wsman, { clock: createFakeClock() });

const memoryModule = {
  capacityBytes: 17_179_869_184,
  manufacturer: 'Crucial',
  manufacturerCode: '859B',
  partNumber: 'CT16G4SFD824A.M16FE',
  formFactor: 'SODIMM',
  type: 'DDR4',
  maximumSpeedMhz: 2400,
  configuredSpeedMhz: 2400,
};

describe('readInventory', () => {
  test('gathers what the recorded answers say, one class after the other', async () => {
    const device = scriptedWsman(RECORDED);
    const calls = createInventoryCalls(device.wsman, { clock: createFakeClock() });
    expect(await calls.readInventory()).toEqual({
      system: { name: 'ManagedSystem', description: 'Managed System', state: 'enabled' },
      uuid: '55e3ae13-bfd2-61bb-17a0-88aedd7037ea',
      chassis: { manufacturer: 'Intel(R) Client Systems', model: 'NUC9V7QNX', version: 'K47174-402', serialNumber: 'JRQN0243007J' },
      baseBoard: { manufacturer: 'Intel Corporation', model: 'NUC9V7QNB', version: 'K47180-402', serialNumber: 'KNQN0221020W' },
      bios: { manufacturer: 'Intel Corp.', version: 'QNCFLX70.0054.2020.0810.2227', releaseDate: new Date('2020-08-10T00:00:00Z') },
      processors: [{ id: 'CPU 0', family: 'Intel Core i7', stepping: '13', status: 'enabled', maximumSpeedMhz: 8300, currentSpeedMhz: 2400 }],
      processorChips: [{ id: 'CPU 0', manufacturer: 'Intel(R) Corporation', brand: 'Intel(R) Core(TM) i7-9850H CPU @ 2.60GHz' }],
      memoryModules: [
        { ...memoryModule, slot: 'BANK 0', serialNumber: 'E0E8D670' },
        { ...memoryModule, slot: 'BANK 2', serialNumber: 'E0E8D070' },
      ],
      // 960197124 and 500107862 units of 1000 bytes.
      media: [{ id: 'MEDIA DEV 0', capacityBytes: 960_197_124_000 }, { id: 'MEDIA DEV 1', capacityBytes: 500_107_862_000 }],
      networkPorts: [
        {
          id: 'Intel(r) AMT Ethernet Port Settings 0', kind: 'wired', connection: 'integrated lan', macAddress: '00:be:43:d8:22:a4', linkUp: true, dhcp: true,
          subnetMask: '255.255.255.0', defaultGateway: '192.168.6.1', primaryDns: '192.168.6.1', sharedMacAddress: true, sharedDynamicAddress: true,
          sharedStaticAddress: false, addressSynchronised: true, linkPolicy: ['s0 on ac', 'sx on ac'],
        },
        {
          id: 'Intel(r) AMT Ethernet Port Settings 1', kind: 'wireless', connection: 'wireless lan', linkUp: false, dhcp: true, sharedMacAddress: true,
          linkControl: 'host', linkPreference: 'host',
        },
      ],
      firmware: {
        amt: '12.0.67',
        buildNumber: '1579',
        sku: '16392',
        parts: {
          Flash: '12.0.67', Netstack: '12.0.67', AMTApps: '12.0.67', AMT: '12.0.67', Sku: '16392', VendorID: '8086', 'Build Number': '1579',
          'Recovery Version': '12.0.67', 'Recovery Build Num': '1579', 'Legacy Mode': 'False', 'AMT FW Core Version': '12.0.67',
        },
      },
      missingClasses: [],
      unreadableClasses: {},
    });
    expect(device.calls.map(({ call }) => call)).toEqual(Object.keys(RECORDED));
    expect(device.calls[0]?.selectors).toEqual({ CreationClassName: 'CIM_ComputerSystem', Name: 'ManagedSystem' });
  });

  test('leaves out and names what the device does not have', async () => {
    const { 'get CIM_Chassis': chassis = xml('<x/>') } = RECORDED;
    expect(await callsOf({ 'get CIM_Chassis': chassis, 'enumerate CIM_PhysicalMemory': [] }).readInventory()).toEqual({
      chassis: { manufacturer: 'Intel(R) Client Systems', model: 'NUC9V7QNX', version: 'K47174-402', serialNumber: 'JRQN0243007J' },
      memoryModules: [],
      missingClasses: [
        'CIM_ComputerSystem', 'CIM_ComputerSystemPackage', 'CIM_Card', 'CIM_BIOSElement', 'CIM_Processor', 'CIM_Chip', 'CIM_MediaAccessDevice',
        'AMT_EthernetPortSettings', 'CIM_SoftwareIdentity',
      ],
      unreadableClasses: {},
    });
  });

  test('one field that cannot be understood costs its class only', async () => {
    const inventory = await callsOf({
      ...RECORDED,
      'get CIM_BIOSElement': xml('<CIM_BIOSElement><ReleaseDate><Datetime>0000-00-00T00:00:00Z</Datetime></ReleaseDate></CIM_BIOSElement>'),
      'get CIM_ComputerSystemPackage': xml('<CIM_ComputerSystemPackage><PlatformGUID>none</PlatformGUID></CIM_ComputerSystemPackage>'),
    }).readInventory();
    expect(Object.keys(inventory)).not.toContain('bios');
    expect(inventory.unreadableClasses).toEqual({
      CIM_BIOSElement: 'CIM_BIOSElement.ReleaseDate is not a date and time such as 2024-01-03T00:44:35Z: elements Datetime "0000-00-00T00:00:00Z"',
      CIM_ComputerSystemPackage: 'CIM_ComputerSystemPackage.PlatformGUID is not 32 hex digits: "none"',
    });
    expect(inventory.chassis?.model).toBe('NUC9V7QNX');
  });

  const DENIED = new FerricError('REFUSED', 'access is denied', { details: { subcode: 'AccessDenied' } });

  test('names what this user may not read, and reads the rest', async () => {
    const inventory = await callsOf({ ...RECORDED, 'get CIM_Card': DENIED, 'enumerate CIM_Chip': DENIED }).readInventory();
    expect(inventory).toMatchObject({ chassis: { model: 'NUC9V7QNX' }, unreadableClasses: { CIM_Card: 'access is denied', CIM_Chip: 'access is denied' } });
    for (const part of ['baseBoard', 'processorChips']) expect(inventory).not.toHaveProperty(part);
  });

  test('fails for a user who may not read any of it', async () => {
    const answers = Object.fromEntries(Object.keys(RECORDED).map((call) => [call, DENIED]));
    await expect(createInventoryCalls(scriptedWsman(answers).wsman, { clock: createFakeClock() }).readInventory()).rejects.toBe(DENIED);
  });

  test.each(['UNREACHABLE', 'AUTH_FAILED', 'REFUSED', 'PROTOCOL_FAULT'] as const)('%s ends it', async (code) => {
    const device = scriptedWsman({ ...RECORDED, 'get CIM_Card': new FerricError(code, 'no') });
    await expect(createInventoryCalls(device.wsman, { clock: createFakeClock() }).readInventory()).rejects.toMatchObject({ code });
    expect(device.calls.at(-1)?.call).toBe('get CIM_Card');
  });

  test("an abort ends it with the caller's reason, and nothing more is asked", async () => {
    const caller = new AbortController();
    const device = scriptedWsman({
      ...RECORDED,
      'get CIM_Card': () => {
        caller.abort('enough');
        return new Promise<never>(() => undefined);
      },
    });
    await expect(createInventoryCalls(device.wsman, { clock: createFakeClock() }).readInventory({ signal: caller.signal })).rejects.toBe('enough');
    expect(device.calls.at(-1)?.call).toBe('get CIM_Card');
  });

  test('a silent device ends it in time', async () => {
    const clock = createFakeClock();
    const device = scriptedWsman({ 'get CIM_ComputerSystem': () => new Promise<never>(() => undefined) });
    const reading = createInventoryCalls(device.wsman, { clock }).readInventory();
    const outcome = reading.catch((reason: unknown) => reason);
    await clock.advance(180_000);
    expect(await outcome).toMatchObject({ code: 'TIMEOUT', details: { timeoutMs: 180_000 } });
  });
});

describe('the UUID', () => {
  test.each([
    ['13AEE355D2BFBB6117A088AEDD7037EA', '55e3ae13-bfd2-61bb-17a0-88aedd7037ea'],
    ['44454C4C4B0010428033B6C04F504633', '4c4c4544-004b-4210-8033-b6c04f504633'],
    [' fa4ec1d8f1b1ea11be6dc6d21730d800 ', 'd8c14efa-b1f1-11ea-be6d-c6d21730d800'],
  ])('%s is %s', (platformGuid, uuid) => {
    expect(platformUuid(platformGuid)).toBe(uuid);
  });

  test.each(['', '13AEE355', '55e3ae13-bfd2-61bb-17a0-88aedd7037ea', 'G'.repeat(32)])('%j is none', (platformGuid) => {
    expect(() => platformUuid(platformGuid)).toThrow(
      expect.objectContaining({ code: 'PROTOCOL_FAULT', details: { class: 'CIM_ComputerSystemPackage', field: 'PlatformGUID' } }),
    );
  });
});

describe('memory', () => {
  test.each([
    ['859B', 'Crucial'], ['859b', 'Crucial'], ['0x859B', 'Crucial'], ['80CE000080CE', 'Samsung'], ['80AD0000802C', 'SK hynix'], ['802C0000', 'Micron'],
    ['802C00000000802C', 'Micron'], ['0198', 'Kingston'], ['Kingston', undefined], ['FFFF', undefined], ['', undefined], ['859B1', undefined],
  ])('the maker behind %j is %s', (code, maker) => {
    expect(memoryMaker(code)).toBe(maker);
  });

  test('what the firmware does not know is left out', async () => {
    const slot = xml(`<CIM_PhysicalMemory><BankLabel> </BankLabel><Capacity>0</Capacity><Manufacturer>Acme</Manufacturer><MemoryType>99</MemoryType>
      <Speed>0</Speed><MaxMemorySpeed>3200</MaxMemorySpeed><IsSpeedInMhz>false</IsSpeedInMhz><PartNumber>00012   </PartNumber></CIM_PhysicalMemory>`);
    expect(await callsOf({ 'enumerate CIM_PhysicalMemory': [slot] }).readMemoryModules()).toEqual([
      { manufacturer: 'Acme', manufacturerCode: 'Acme', partNumber: '00012', type: 99 },
    ]);
  });

  test('numbers with letters stay texts', async () => {
    const slot = xml('<CIM_PhysicalMemory><SerialNumber>13E55</SerialNumber><PartNumber>0x1F</PartNumber></CIM_PhysicalMemory>');
    expect(await callsOf({ 'enumerate CIM_PhysicalMemory': [slot] }).readMemoryModules()).toEqual([{ serialNumber: '13E55', partNumber: '0x1F' }]);
  });
});

test('a chassis with a known type says so', async () => {
  const chassis = xml('<CIM_Chassis><ChassisPackageType>3</ChassisPackageType><Model></Model></CIM_Chassis>');
  expect(await callsOf({ 'get CIM_Chassis': chassis }).readChassis()).toEqual({ type: 'desktop' });
});

test('a part that the device does not have is NOT_FOUND', async () => {
  await expect(callsOf({}).readBios()).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

import { randomBytes } from 'node:crypto';
import { inflateSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { domain, errorOf, frame, maybe, RawClient, type RawMessage, text, u32, u64, type Values } from '../../test/simulator/raw-client.js';
import { startVirtualHypervisor, type VirtualHypervisor } from './virtual-hypervisor.js';

// Streams of volumes, consoles and screens. Packets as seen between the C library and libvirtd 9.0.0.

const STREAM = 3;
const HOLE = 6;
const OK = 0;
const ERROR = 1;
const CONTINUE = 2;
const UPLOAD = 208;
const DOWNLOAD = 209;
const CONSOLE = 201;
const SCREENSHOT = 211;

const FOLDER = '/var/lib/libvirt/images';
const volume = (name: string): string => text('default') + text(name) + text(`${FOLDER}/${name}`);
const range = (offset: bigint, length: bigint): string => u64(offset) + u64(length) + u32(0);

let hypervisor: VirtualHypervisor;
let client: RawClient;
let pool: string;

beforeEach(async () => {
  hypervisor = await startVirtualHypervisor({ domains: [{ name: 'vm' }], storageLimitBytes: 4 * 1024 * 1024 });
  client = await RawClient.open(hypervisor);
  pool = await client.read(84, text('default'), (values) => text(values.text()) + values.uuid().replaceAll('-', ''));
});

afterEach(async () => {
  client[Symbol.dispose]();
  await hypervisor[Symbol.asyncDispose]();
});

const create = (name: string, capacity: number) =>
  client.call(93, `${pool}${text(`<volume><name>${name}</name><capacity>${capacity}</capacity></volume>`)}${u32(0)}`);
const packet = (procedure: number, serial: number, status: number, payload: Buffer | string = ''): void =>
  client.send(frame(procedure, payload, { type: STREAM, status, serial }));
/** Packets of one stream, in their order. */
const packets = (serial: number): RawMessage[] => client.messages.filter((message) => message.type === STREAM && message.serial === serial);
const ends = (serial: number) => client.until(() => packets(serial).some(({ status }) => status !== CONTINUE));
const contentOf = (name: string): Buffer => hypervisor.volumes().find((each) => each.name === name)?.content() ?? Buffer.alloc(0);

async function upload(name: string, chunks: readonly Buffer[], serial: number, place = range(0n, 0n)): Promise<RawMessage | undefined> {
  expect((await client.call(UPLOAD, volume(name) + place, { serial })).status).toBe(0);
  for (const chunk of chunks) packet(UPLOAD, serial, CONTINUE, chunk);
  packet(UPLOAD, serial, OK);
  await ends(serial);
  return packets(serial).at(-1);
}

async function download(name: string, serial: number, place = range(0n, 0n)): Promise<Buffer> {
  expect((await client.call(DOWNLOAD, volume(name) + place, { serial })).status).toBe(0);
  await client.until(() => packets(serial).some(({ payload }) => payload.length === 0));
  const content = packets(serial).map(({ payload }) => payload);
  packet(DOWNLOAD, serial, OK);
  await ends(serial);
  expect(packets(serial).at(-1)).toMatchObject({ status: OK, payload: Buffer.alloc(0), procedure: DOWNLOAD });
  return Buffer.concat(content);
}

describe('a volume', () => {
  test('takes what is sent and gives it back', async () => {
    await create('image', 1_000_000);
    const content = randomBytes(600_000);
    const last = await upload('image', [content.subarray(0, 262_120), content.subarray(262_120, 262_121), content.subarray(262_121)], 100);
    expect(last).toMatchObject({ procedure: UPLOAD, type: STREAM, serial: 100, status: OK, payload: Buffer.alloc(0) });
    expect(contentOf('image').equals(content)).toBe(true);
    const back = await download('image', 101);
    expect(back.length).toBe(1_000_000);
    expect(back.subarray(0, 600_000).equals(content)).toBe(true);
    expect(back.subarray(600_000).every((byte) => byte === 0)).toBe(true);
    expect(Math.max(...packets(101).map(({ payload }) => payload.length))).toBe(262_120);
  });

  test('gives and takes parts', async () => {
    await create('image', 100);
    await upload('image', [Buffer.from('abc')], 100, range(10n, 0n));
    expect((await download('image', 101, range(9n, 5n))).toString('latin1')).toBe('\0abc\0');
    expect((await download('image', 102, range(99n, 50n))).length).toBe(1);
    expect((await download('image', 103, range(5000n, 0n))).length).toBe(0);
  });

  test('grows when it is written over its end', async () => {
    await create('image', 4);
    await upload('image', [Buffer.from('0123456789')], 100);
    expect((await download('image', 101)).toString()).toBe('0123456789');
    expect(await client.read(98, volume('image'), (values) => [values.int(), values.big(), values.big()])).toEqual([0, 10n, 65_536n]);
  });

  test('takes holes', async () => {
    await create('image', 0);
    expect((await client.call(UPLOAD, volume('image') + range(0n, 0n), { serial: 100 })).status).toBe(0);
    packet(UPLOAD, 100, CONTINUE, Buffer.from('ab'));
    client.send(frame(UPLOAD, u64(5n) + u32(0), { type: HOLE, status: CONTINUE, serial: 100 }));
    packet(UPLOAD, 100, CONTINUE, Buffer.from('cd'));
    packet(UPLOAD, 100, OK);
    await ends(100);
    expect((await download('image', 101)).toString('latin1')).toBe('ab\0\0\0\0\0cd');
  });

  test('that is full says so in the stream, and the connection goes on', async () => {
    await create('image', 100);
    for (const [serial, place, chunk] of [[100, range(0n, 4n), Buffer.from('12345')], [101, range(0n, 0n), Buffer.alloc(5 * 1024 * 1024)]] as const) {
      await client.call(UPLOAD, volume('image') + place, { serial });
      packet(UPLOAD, serial, CONTINUE, chunk);
      packet(UPLOAD, serial, CONTINUE, chunk);
      packet(UPLOAD, serial, OK);
      await ends(serial);
      expect(await client.read(3, '', (values) => values.text())).toBe('QEMU');
      expect(packets(serial)).toHaveLength(1);
      const [failure] = packets(serial);
      expect(failure === undefined ? undefined : errorOf({ ...failure, status: ERROR })).toEqual({
        code: 38, domain: 38, message: 'cannot write to stream: No space left on device',
      });
      expect(failure?.status).toBe(ERROR);
    }
  });

  test('gives its memory back when it is deleted, also while somebody writes', async () => {
    await create('image', 100);
    await client.call(UPLOAD, volume('image') + range(0n, 0n), { serial: 100 });
    packet(UPLOAD, 100, CONTINUE, Buffer.alloc(3 * 1024 * 1024));
    expect((await client.call(94, volume('image') + u32(0))).status).toBe(0);
    packet(UPLOAD, 100, CONTINUE, Buffer.alloc(10));
    await ends(100);
    expect(packets(100).at(-1)?.status).toBe(ERROR);
    await create('second', 100);
    expect((await upload('second', [Buffer.alloc(3 * 1024 * 1024, 1)], 101))?.status).toBe(OK);
  });

  test('a transfer can be given up', async () => {
    await create('image', 3_000_000);
    await client.call(UPLOAD, volume('image') + range(0n, 0n), { serial: 100 });
    packet(UPLOAD, 100, CONTINUE, Buffer.from('abc'));
    packet(UPLOAD, 100, ERROR);
    await client.call(DOWNLOAD, volume('image') + range(0n, 0n), { serial: 101 });
    packet(DOWNLOAD, 101, ERROR);
    await Promise.all([ends(100), ends(101)]);
    expect([packets(100).at(-1)?.status, packets(101).at(-1)?.status]).toEqual([OK, OK]);
    packet(DOWNLOAD, 101, OK);
    packet(UPLOAD, 100, CONTINUE, Buffer.from('late'));
    expect(await client.read(3, '', (values) => values.text())).toBe('QEMU');
    expect(contentOf('image').toString()).toBe('abc');
  });

  test('a large one flows no faster than its reader takes it', async () => {
    await create('huge', 300_000_000);
    client.socket.pause();
    client.send(frame(DOWNLOAD, volume('huge') + range(0n, 0n), { serial: 100 }));
    client.send(frame(3, '', { serial: 101 }));
    await expect.poll(() => hypervisor.activity.calls).toBeGreaterThanOrEqual(4);
    client.socket.resume();
    await client.until(() => packets(100).length > 20);
    packet(DOWNLOAD, 100, ERROR);
    await ends(100);
    expect(packets(100).length).toBeLessThan(1000);
    expect(await client.read(59, '', (values) => values.text())).toBe('virtual-hypervisor');
  });

  test('of many streams one is too many', async () => {
    await create('image', 100);
    const begin = (index: number) => client.call(UPLOAD, volume('image') + range(0n, 0n), { serial: 1000 + index });
    const answers = await Promise.all(Array.from({ length: 65 }, (_, index) => begin(index)));
    expect(answers.map(({ status }) => status)).toEqual([...Array.from({ length: 64 }, () => 0), 1]);
  });
});

describe('pools and volumes', () => {
  const POOL = "<pool type='dir'><name>p</name><target><path>/tmp/p</path></target></pool>";

  test('what cannot be', async () => {
    await create('v', 4);
    const make = (xml: string) => client.fail(93, pool + text(xml) + u32(0));
    expect(await make('<volume><name>v</name><capacity>4</capacity></volume>')).toEqual({
      code: 90, domain: 18, message: "storage volume 'v' exists already",
    });
    expect(await make('<volume><capacity>4</capacity></volume>')).toEqual({ code: 27, domain: 18, message: 'XML error: missing volume name element' });
    expect(await make('<volume><name>q</name></volume>')).toEqual({ code: 27, domain: 18, message: 'XML error: missing capacity element' });
    expect(await make('<volume><name>a/b</name><capacity>4</capacity></volume>')).toEqual({
      code: 55, domain: 18, message: "Requested operation is not valid: volume name 'a/b' cannot contain '/'",
    });
    expect(await client.fail(95, pool + text('gone'))).toEqual({
      code: 50, domain: 18, message: "Storage volume not found: no storage vol with matching name 'gone'",
    });
    expect(await client.fail(97, text('/gone'))).toEqual({
      code: 50, domain: 18, message: "Storage volume not found: no storage vol with matching path '/gone'",
    });
    expect(await client.fail(84, text('gone'))).toEqual({
      code: 49, domain: 18, message: "Storage pool not found: no storage pool with matching name 'gone'",
    });
    expect(await client.fail(UPLOAD, volume('gone') + range(0n, 0n))).toMatchObject({ code: 50 });
  });

  test('a pool of one’s own', async () => {
    const own = await client.read(77, text(POOL) + u32(0), (values) => text(values.text()) + values.uuid().replaceAll('-', ''));
    const inactive = { code: 55, domain: 18, message: "Requested operation is not valid: storage pool 'p' is not active" };
    expect(await client.fail(282, own + u32(1) + u32(0))).toEqual(inactive);
    expect(await client.fail(80, own)).toEqual(inactive);
    expect((await client.call(79, own + u32(0))).status).toBe(0);
    expect((await client.call(78, own + u32(0))).status).toBe(0);
    expect(await client.fail(78, own + u32(0))).toMatchObject({ message: "Requested operation is not valid: storage pool 'p' is already active" });
    expect(await client.fail(82, own)).toMatchObject({ message: "Requested operation is not valid: storage pool 'p' is still active" });
    expect(await client.fail(77, text(POOL) + u32(0))).toMatchObject({ code: 9, domain: 18 });
    const readKey = (values: Values): string[] => [values.text(), values.text(), values.text()];
    const xml = "<volume><name>v</name><capacity unit='KiB'>4</capacity></volume>";
    expect(await client.read(93, own + text(xml) + u32(0), readKey)).toEqual(['p', 'v', '/tmp/p/v']);
    expect(await client.read(282, own + u32(1) + u32(0), (values) => values.list(() => readKey(values)))).toEqual([['p', 'v', '/tmp/p/v']]);
    expect(await client.read(100, text('p') + text('v') + text('/tmp/p/v'), (values) => values.text())).toBe('/tmp/p/v');
    expect(await client.read(87, own, (values) => values.int())).toBe(2);
    for (const procedure of [80, 82]) expect((await client.call(procedure, own)).status).toBe(0);
    expect(hypervisor.volumes().map(({ name }) => name)).toEqual(['vm.qcow2']);
  });

  test('wiped, resized, copied', async () => {
    await create('v', 10);
    await upload('v', [Buffer.from('0123456789')], 100);
    expect((await client.call(260, volume('v') + u64(4n) + u32(0))).status).toBe(0);
    expect((await download('v', 101)).toString()).toBe('0123');
    expect((await client.call(125, `${pool}${text('<volume><name>copy</name><capacity>0</capacity></volume>')}${volume('v')}${u32(0)}`)).status).toBe(0);
    expect((await client.call(260, volume('v') + u64(6n) + u32(0))).status).toBe(0);
    expect((await download('v', 102)).toString('latin1')).toBe('0123\0\0');
    expect((await client.call(165, volume('v') + u32(0))).status).toBe(0);
    expect([(await download('v', 103)).toString('latin1'), (await download('copy', 104)).toString()]).toEqual(['\0\0\0\0\0\0', '0123']);
  });
});

describe('the serial console', () => {
  let vm: string;

  beforeEach(() => {
    const machine = hypervisor.domain('vm');
    machine.machine.power = 'power on';
    vm = domain('vm', machine.uuid);
  });

  const openConsole = (serial: number, alias: string | null = null, flags = 0) => client.call(CONSOLE, vm + maybe(alias) + u32(flags), { serial });
  const said = (serial: number): string =>
    Buffer.concat(packets(serial).filter(({ status }) => status === CONTINUE).map(({ payload }) => payload)).toString();

  test.each([null, 'serial0', 'console0'])('%j greets and says everything back', async (alias) => {
    expect((await openConsole(100, alias)).status).toBe(0);
    await client.until(() => said(100) !== '');
    expect(said(100)).toBe('\r\nvm login: ');
    packet(CONSOLE, 100, CONTINUE, Buffer.from('root\r'));
    await client.until(() => said(100).endsWith('root\r'));
    packet(CONSOLE, 100, OK);
    await ends(100);
    expect(packets(100).at(-1)).toMatchObject({ status: OK, procedure: CONSOLE });
  });

  test('is for one, unless another takes it', async () => {
    await openConsole(100);
    expect(errorOf(await openConsole(101))).toEqual({
      code: 9, domain: 10, message: 'operation failed: Active console session exists for this domain',
    });
    expect((await openConsole(102, null, 1)).status).toBe(0);
    await client.until(() => packets(100).some(({ payload }) => payload.length === 0));
    packet(CONSOLE, 102, ERROR);
    await ends(102);
    expect((await openConsole(103)).status).toBe(0);
  });

  test('ends with the machine', async () => {
    await openConsole(100);
    await client.call(12, vm);
    await client.until(() => packets(100).some(({ payload }) => payload.length === 0));
    expect(errorOf(await openConsole(101))).toMatchObject({ code: 55, message: 'Requested operation is not valid: domain is not running' });
    await client.call(9, vm);
    expect((await openConsole(102)).status).toBe(0);
  });

  test('is free again when its client is gone', async () => {
    const other = await RawClient.open(hypervisor);
    expect((await other.call(CONSOLE, vm + maybe(null) + u32(0))).status).toBe(0);
    other[Symbol.dispose]();
    await expect.poll(async () => (await openConsole(200)).status).toBe(0);
  });

  test('of another name is not there', async () => {
    expect(errorOf(await openConsole(100, 'nope'))).toEqual({ code: 1, domain: 10, message: 'internal error: cannot find character device nope' });
  });

  test('the screen is a picture', async () => {
    expect(await client.read(SCREENSHOT, vm + u32(0) + u32(0), (values) => values.maybe())).toBe('image/png');
    const { serial = 0 } = client.order.findLast(({ procedure, type }) => procedure === SCREENSHOT && type === 1) ?? {};
    await client.until(() => packets(serial).some(({ payload }) => payload.length === 0));
    const png = Buffer.concat(packets(serial).map(({ payload }) => payload));
    expect(png.subarray(0, 8).toString('hex')).toBe('89504e470d0a1a0a');
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([16, 12]);
    const data = png.subarray(png.indexOf('IDAT') + 4, png.indexOf('IEND') - 8);
    expect(inflateSync(data).toString('hex')).toBe(`00${'0000a8'.repeat(16)}`.repeat(12));
    expect(await client.fail(SCREENSHOT, vm + u32(5) + u32(0))).toEqual({
      code: 55, domain: 10, message: 'Requested operation is not valid: no such screen ID',
    });
  });

  test('a machine without a screen', async () => {
    const blind = hypervisor.define(
      "<domain type='qemu'><name>blind</name><memory>1024</memory><os><type>hvm</type></os><devices/></domain>",
    );
    blind.machine.power = 'power on';
    const reference = domain('blind', blind.uuid);
    expect(await client.fail(SCREENSHOT, reference + u32(0) + u32(0))).toEqual({
      code: 1, domain: 10, message: 'internal error: There is no console to take a screendump from',
    });
    expect(await client.fail(CONSOLE, reference + maybe(null) + u32(0))).toMatchObject({
      message: 'internal error: cannot find character device (null)',
    });
  });
});

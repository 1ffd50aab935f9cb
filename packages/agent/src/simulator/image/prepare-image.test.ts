import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { command } from '../../../test/simulator/api-client.js';
import { diskFixture, rawImage, sha256 } from '../../../test/simulator/raw-image.js';
import { NODE_UUID, startStubConductor, type StubConductor } from '../../../test/simulator/stub-conductor.js';
import { createVirtualDisk, startVirtualAgent, type Disk, type VirtualAgent, type VirtualAgentOptions } from '../index.js';

const GIBIBYTE = 1024 ** 3;
const MEBIBYTE = 1024 * 1024;
let server: StubConductor;
const cleanUps: AsyncDisposable[] = [];

beforeEach(async () => {
  server = await startStubConductor();
  cleanUps.push(server);
  serve('/image', rawImage());
  lookupAnswers({});
});

afterEach(async () => {
  for (const each of cleanUps.splice(0).toReversed()) await each[Symbol.asyncDispose]();
});

function serve(path: string, body: Buffer | string): void {
  server.on(`GET ${path}`, () => ({ status: 200, body }));
}

/** Every lookup gets a token: a test may start several agents. */
function lookupAnswers(config: object): void {
  const body = { node: { uuid: NODE_UUID }, config: { heartbeat_timeout: 20, agent_token: 'A'.repeat(43), ...config } };
  server.on('GET /v1/lookup', () => ({ status: 200, body }));
}

async function startAgent(options: Partial<VirtualAgentOptions> = {}): Promise<VirtualAgent> {
  const agent = await startVirtualAgent({
    kernelParameters: { 'ipa-api-url': server.url }, pacing: { downloadRetries: 2, downloadRetryMs: 1, lookupIntervalMs: 1, lookupTimeoutMs: 20 }, ...options,
  });
  cleanUps.push(agent);
  await agent.firstHeartbeat();
  return agent;
}

interface Written {
  readonly disk: Disk;
  readonly agent: VirtualAgent;
  readonly status: unknown;
  readonly error: { readonly type: string; readonly details: string } | null;
  readonly result: unknown;
}

/** Lets an agent write what `info` says, a raw image at /image unless it says otherwise. */
async function write(info: object = {}, options: { readonly disk?: Disk; readonly configDrive?: string; readonly node?: object } = {}): Promise<Written> {
  const disk = options.disk ?? createVirtualDisk();
  const agent = await startAgent({ disk });
  const image = { id: 'image-1', urls: [`${server.url}/image`], os_hash_algo: 'sha256', os_hash_value: sha256(rawImage()), disk_format: 'raw', stream_raw_images: true, node_uuid: NODE_UUID, ...info };
  const { body } = await command(agent, 'deploy.execute_deploy_step', {
    step: { step: 'write_image', interface: 'deploy', args: { image_info: image, configdrive: options.configDrive ?? null } }, node: options.node ?? {}, ports: [],
  });
  const result = (body['command_result'] as { deploy_result: unknown } | null)?.deploy_result ?? null;
  return { disk, agent, status: body['command_status'], error: body['command_error'] as Written['error'], result };
}

describe('a raw image', () => {
  test('is on the disk, byte for byte, and its number is told', async () => {
    const image = Buffer.concat([diskFixture('mbr.img.gz')]);
    serve('/image', image);
    const { disk, agent, result } = await write({ os_hash_value: sha256(image) });
    expect(result).toEqual({ result: 'prepare_image: image (image-1) written to device /dev/sda root_uuid=0x1234abcd' });
    expect((await disk.read(0, image.length)).equals(image)).toBe(true);
    expect((await command(agent, 'standby.get_partition_uuids')).body['command_result']).toEqual({ 'root uuid': '0x1234abcd' });
  });

  test('asks the conductor for the node again before it takes the disk, unless the node names one', async () => {
    await write();
    expect(server.requests('GET /v1/lookup')).toHaveLength(2);
    const { status } = await write({}, { node: { properties: { root_device: { name: 's== /dev/sda', size: 10 } } } });
    expect([status, server.requests('GET /v1/lookup').length]).toEqual(['SUCCEEDED', 3]);
  });

  test('keeps the token of the first lookup, whatever the later one says', async () => {
    const config = (count: number): object => ({ heartbeat_timeout: 20, agent_token: (count === 1 ? 'A' : 'B').repeat(43) });
    server.on('GET /v1/lookup', (_request, count) => ({ status: 200, body: { node: { uuid: NODE_UUID }, config: config(count) } }));
    const { agent, status } = await write();
    expect([status, server.requests('GET /v1/lookup').length, agent.token?.reveal()]).toEqual(['SUCCEEDED', 2, 'A'.repeat(43)]);
  });

  test('is not written when the conductor refuses that lookup', async () => {
    server.on('GET /v1/lookup', (_request, count) => ({ status: count === 1 ? 200 : 404, body: { node: { uuid: NODE_UUID }, config: { heartbeat_timeout: 20, agent_token: 'A'.repeat(43) } } }));
    const { error, disk } = await write();
    expect(error).toMatchObject({ type: 'LookupNodeError', details: expect.stringContaining('status 404') as string });
    expect(await disk.read(0, 4096 * 3)).toEqual(Buffer.alloc(4096 * 3));
  });

  test('is written once, however often it is asked for', async () => {
    const { agent, result } = await write();
    expect(result).toMatchObject({ result: expect.stringContaining('written to') as string });
    const { body } = await command(agent, 'standby.prepare_image', { image_info: { id: 'image-1', urls: [`${server.url}/image`], checksum: sha256(rawImage()) } });
    expect(body['command_result']).toEqual({ result: 'prepare_image: image (image-1) already present on device /dev/sda root_uuid=0x00000000' });
    expect(server.requests('GET /image')).toHaveLength(1);
  });

  test.each([
    ['sha512', () => ({ os_hash_algo: 'sha512', os_hash_value: createHash('sha512').update(rawImage()).digest('hex') })],
    ['the kind that the length of a checksum says', () => ({ os_hash_algo: '', os_hash_value: '', checksum: sha256(rawImage()).toUpperCase() })],
    ['md5', () => ({ os_hash_algo: undefined, os_hash_value: undefined, checksum: createHash('md5').update(rawImage()).digest('hex') })],
    ['a checksum file', () => ({ os_hash_algo: undefined, os_hash_value: undefined, checksum: `${server.url}/SUMS` })],
  ])('is checked by %s', async (_what, info) => {
    serve('/SUMS', `${'0'.repeat(64)}  other\n${sha256(rawImage())} *image\n`);
    expect(await write(info())).toMatchObject({ status: 'SUCCEEDED', error: null });
  });

  test('with another checksum fails, with both values', async () => {
    const { error } = await write({ os_hash_value: '0'.repeat(64) });
    expect(error).toMatchObject({
      type: 'ImageChecksumError',
      details: `Image failed to verify against checksum. location: /dev/sda; image ID: image-1; image checksum: ${'0'.repeat(64)}; verification checksum: ${sha256(rawImage())}`,
    });
  });

  test('is refused with MD5 when the conductor does not allow it', async () => {
    lookupAnswers({ agent_md5_checksum_enable: false });
    const { error } = await write({ os_hash_algo: undefined, os_hash_value: undefined, checksum: '0'.repeat(32) });
    expect(error?.details).toContain('MD5 support is disabled');
  });

  test('follows redirects and tries the next URL', async () => {
    server.on('GET /moved', () => ({ status: 302, headers: { Location: '/image' } }));
    const urls = [`${server.url}/missing`, `${server.url}/moved`];
    expect(await write({ urls })).toMatchObject({ status: 'SUCCEEDED' });
    expect(server.requests('GET /missing')).toHaveLength(1);
  });

  test('that is not there fails at once, naming the URL', async () => {
    server.on('GET /image', () => ({ status: 404, body: 'no such image' }));
    const { error } = await write();
    expect(error?.type).toBe('ImageDownloadError');
    expect(error?.details).toContain(`Received status code 404 from ${server.url}/image, expected 200. Response body: no such image`);
    expect(server.requests('GET /image')).toHaveLength(1);
  });

  test.each([[503, undefined], [200, 'cut']])('is asked for again after a failure that may pass (%s %s)', async (status, how) => {
    server.on('GET /image', (_request, count) => {
      if (count > 1) return { status: 200, body: rawImage() };
      return how === 'cut' ? { status, headers: { 'Content-Length': String(rawImage().length), Connection: 'close' }, body: '' } : { status };
    });
    const { status: outcome } = await write();
    expect([outcome, server.requests('GET /image').length]).toEqual(['SUCCEEDED', 2]);
  });

  test('gives up after so many tries', async () => {
    server.on('GET /image', () => 'reset');
    const { error } = await write();
    expect(error).toMatchObject({ type: 'ImageDownloadError', details: expect.stringContaining(`${server.url}/image`) as string });
    expect(server.requests('GET /image')).toHaveLength(3);
  });

  test('that is larger than the disk is not written', async () => {
    server.on('GET /image', () => ({ status: 200, headers: { 'Content-Length': String(9 * MEBIBYTE) }, body: Buffer.alloc(9 * MEBIBYTE, 1) }));
    const { error, disk } = await writeToSmallDisk({}, 8);
    expect(error).toMatchObject({ type: 'ImageDownloadError', details: expect.stringContaining('[Errno 28] No space left on device') as string });
    expect(await disk.read(0, 512)).toEqual(Buffer.alloc(512));
  });

  test('that is qcow2 in truth is refused, unless nobody wants to look', async () => {
    const image = diskFixture('zeros-v3.qcow2');
    serve('/image', image);
    expect((await write({ os_hash_value: sha256(image) })).error).toMatchObject({ type: 'InvalidImage' });
    lookupAnswers({ disable_deep_image_inspection: true });
    expect(await write({ os_hash_value: sha256(image) })).toMatchObject({ status: 'SUCCEEDED' });
  });

  test('goes to a server that wants to know who asks, and to no other', async () => {
    server.on('GET /private', () => ({ status: 302, headers: { Location: `${other.url}/image` } }));
    const other = await startStubConductor();
    cleanUps.push(other);
    other.on('GET /image', () => ({ status: 200, body: rawImage() }));
    const info = { urls: [`${server.url}/private`], image_server_auth_strategy: 'http_basic', image_server_user: 'me', image_server_password: 'secret' };
    expect(await write(info)).toMatchObject({ status: 'SUCCEEDED' });
    expect(server.requests('GET /private')[0]?.headers['authorization']).toBe(`Basic ${Buffer.from('me:secret').toString('base64')}`);
    expect(other.requests('GET /image')[0]?.headers).not.toHaveProperty('authorization');
  });
});

describe('the disk', () => {
  test('is the smallest that is large enough', async () => {
    const disks = [createVirtualDisk({ name: '/dev/sda', sizeBytes: 20 * GIBIBYTE }), createVirtualDisk({ name: '/dev/sdb', sizeBytes: GIBIBYTE }), createVirtualDisk({ name: '/dev/sdc', sizeBytes: 5 * GIBIBYTE })];
    const agent = await startAgent({ disk: disks });
    const image = { id: 'image-1', urls: [`${server.url}/image`], checksum: sha256(rawImage()) };
    const choose = async (node: object, id: string): Promise<unknown> => {
      const step = { step: 'write_image', args: { image_info: { ...image, id } } };
      const { body } = await command(agent, 'deploy.execute_deploy_step', { step, node, ports: [] });
      return (body['command_error'] as { details: string } | null)?.details ?? (body['command_result'] as { deploy_result: { result: string } }).deploy_result.result;
    };
    expect(await choose({}, 'a')).toContain('device /dev/sdc');
    expect(await choose({ properties: { root_device: { name: '/dev/sdb' } } }, 'b')).toContain('device /dev/sdb');
    expect(await choose({ properties: { root_device: { name: '/dev/sdb' } }, instance_info: { root_device: { serial: 'ferric0000' } } }, 'c')).toContain('device /dev/sda');
    expect(await choose({ properties: { root_device: { size: 6 } } }, 'd')).toBe('No suitable device was found for deployment using these hints {"size":6}');
  });

  test('must be there', async () => {
    const { error } = await write({}, { disk: createVirtualDisk({ sizeBytes: GIBIBYTE }) });
    expect(error).toMatchObject({ type: 'DeviceNotFound', details: expect.stringContaining('smaller than 4294967296B.') as string });
  });
});

describe('a qcow2 image', () => {
  test('is written as what it stands for, zeros included', async () => {
    const image = diskFixture('compressed-v2.qcow2');
    serve('/image', image);
    const disk = createVirtualDisk();
    await disk.write(0, Buffer.alloc(70_000, 0xff));
    const { status } = await write({ disk_format: 'qcow2', os_hash_value: sha256(image) }, { disk });
    expect(status).toBe('SUCCEEDED');
    expect((await disk.read(0, 65_536)).equals(rawImage())).toBe(true);
    expect(await disk.read(65_536, 4)).toEqual(Buffer.alloc(4, 0xff));
  });

  test('that cannot be read is told why', async () => {
    serve('/image', diskFixture('backed.qcow2'));
    const { error } = await write({ disk_format: 'qcow2', os_hash_value: sha256(diskFixture('backed.qcow2')) });
    expect(error).toMatchObject({ type: 'InvalidImage', details: 'Image image-1 cannot be converted: it has a backing file' });
  });

  test('that is larger than the disk is told with both sizes', async () => {
    const image = Buffer.from(diskFixture('zeros-v3.qcow2'));
    image.writeBigUInt64BE(BigInt(2 * MEBIBYTE), 24);
    serve('/image', image);
    const { error } = await writeToSmallDisk({ disk_format: 'qcow2', os_hash_value: sha256(image) }, 1);
    expect(error).toMatchObject({ type: 'ImageWriteError', details: expect.stringContaining(`needs ${2 * MEBIBYTE} bytes, the disk has ${MEBIBYTE}`) as string });
  });
});

/** The same on a disk that is too small for the usual rule. Sizes in MiB. */
async function writeToSmallDisk(info: object, mebibytes: number): Promise<Written> {
  return write(info, { disk: createVirtualDisk({ sizeBytes: mebibytes * MEBIBYTE }), node: { properties: { root_device: { name: '/dev/sda' } } } });
}

describe('other images are refused', () => {
  test.each([
    [{ image_type: 'partition' }, 'DeploymentError', 'partition image'],
    [{ disk_format: 'vmdk' }, 'InvalidImage', 'vmdk'],
  ])('%j', async (info, type, text) => {
    const { error } = await write(info);
    expect(error).toMatchObject({ type, details: expect.stringContaining(text) as string });
  });

  test.each([
    [{ urls: [] }, "Image 'urls' must be a list with at least one element."],
    [{ os_hash_value: 5 }, "Image 'os_hash_value' must be a non-empty string."],
    [{ os_hash_algo: undefined, os_hash_value: undefined }, "Image checksum is not available, either the 'checksum' field or the 'os_hash_algo' and 'os_hash_value' fields pair must be set for image verification."],
  ])('%j', async (info, details) => {
    expect((await write(info)).error).toMatchObject({ type: 'InvalidCommandParamsError', details });
  });
});

describe('a config drive', () => {
  const drive = Buffer.concat([Buffer.from('config-2 '), Buffer.alloc(100_000, 7)]);
  const packed = gzipSync(drive).toString('base64');

  test('goes into a new partition at the end of an MBR disk', async () => {
    const image = diskFixture('mbr.img.gz');
    serve('/image', image);
    const { disk, status } = await write({ os_hash_value: sha256(image) }, { configDrive: packed });
    const start = disk.sizeBytes - 64 * MEBIBYTE;
    expect(status).toBe('SUCCEEDED');
    expect((await disk.read(start, drive.length)).equals(drive)).toBe(true);
    const entry = (await disk.read(0, 512)).subarray(446 + 16, 446 + 32);
    expect([entry[4], entry.readUInt32LE(8) * 512, entry.readUInt32LE(12) * 512]).toEqual([0x83, start, 64 * MEBIBYTE]);
  });

  test('may come from a URL, packed or as it is', async () => {
    const image = diskFixture('mbr.img.gz');
    serve('/image', image);
    serve('/drive', packed);
    serve('/plain', drive);
    for (const path of ['/drive', '/plain']) {
      const { disk } = await write({ os_hash_value: sha256(image) }, { configDrive: `${server.url}${path}` });
      expect((await disk.read(disk.sizeBytes - 64 * MEBIBYTE, drive.length)).equals(drive)).toBe(true);
    }
  });

  test.each([
    ['what is no base64', '%%%', 'is not base64 encoded'],
    ['what is not packed', Buffer.from('hello').toString('base64'), 'is not base64 encoded or the content is malformed'],
    ['what is too large', gzipSync(Buffer.alloc(64 * MEBIBYTE + 1)).toString('base64'), 'Config drive size exceeds maximum limit of 64MiB'],
    ['a packet that is cut', packed.slice(0, 40), 'Encountered error while decompressing'],
  ])('%s is refused before the disk is touched', async (_what, configDrive, text) => {
    const { error, disk } = await write({}, { configDrive });
    expect(error).toMatchObject({ type: 'CommandExecutionError', details: expect.stringContaining(text) as string });
    expect(await disk.read(4096, 1)).toEqual(Buffer.alloc(1));
  });

  test('needs a partition table with room', async () => {
    expect((await write({}, { configDrive: packed })).error?.details).toContain('there is no valid partition table on it');
    const full = Buffer.from(diskFixture('mbr.img.gz'));
    for (const index of [1, 2, 3]) full.copy(full, 446 + index * 16, 446, 462);
    serve('/image', full);
    const { error } = await write({ os_hash_value: sha256(full) }, { configDrive: packed });
    expect(error?.details).toContain('already has 4 primary partitions');
  });
});

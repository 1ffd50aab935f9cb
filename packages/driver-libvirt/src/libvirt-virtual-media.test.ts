import { inspect } from 'node:util';
import type { VirtualMediaType } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { startImageServer, type ImageServer } from '../test/image-server.js';
import { failureOf, openLibvirtBench, type LibvirtBench } from '../test/libvirt-bench.js';
import { createLibvirtClient } from './client/libvirt-client.js';
import { parseXml } from './domain-xml/document.js';
import { cdromDrives } from './domain-xml/media.js';

const CONTENT = Buffer.from('an image of a CD-ROM '.repeat(20_000));

const serve = async (): Promise<ImageServer> =>
  startImageServer((request, response) => {
    if (request.url?.startsWith('/missing') === true) response.writeHead(404).end();
    else if (request.url?.startsWith('/chunked') === true) {
      response.write(CONTENT.subarray(0, 1000));
      response.end(CONTENT.subarray(1000));
    } else if (request.url?.startsWith('/cut') === true) {
      response.writeHead(200, { 'content-length': String(CONTENT.length) });
      response.write(CONTENT.subarray(0, 1000), () => response.destroy());
    } else response.writeHead(200, { 'content-length': String(CONTENT.length) }).end(CONTENT);
  });

const images = ({ hypervisor, domain }: LibvirtBench): readonly string[] =>
  hypervisor
    .volumes()
    .filter(({ name }) => name.startsWith(`ferric-${domain.uuid}-`))
    .map(({ path }) => path);
const pathIn = (xml: string | undefined): string | undefined => (xml === undefined ? undefined : cdromDrives(parseXml(xml))[0]?.path);
const withoutDrive = (xml: string): string => xml.replace(/<disk [^>]*device=['"]cdrom['"][^]*?<\/disk>\s*/, '');

async function redefine({ hypervisor, domain }: LibvirtBench, change: (xml: string) => string): Promise<void> {
  await using client = createLibvirtClient({ uri: hypervisor.uri });
  await client.domains.define(change(domain.definition));
}

test('takes CD-ROMs, from the web or from the hypervisor', async () => {
  await using bench = await openLibvirtBench();
  const { virtualMedia } = bench.device;
  expect([...virtualMedia.supported]).toEqual(['cdrom']);
  const attempts: readonly (readonly [string, Promise<unknown>])[] = [
    ['UNSUPPORTED', virtualMedia.insert('floppy', new URL('http://127.0.0.1/a.img'))],
    ['UNSUPPORTED', virtualMedia.eject('disk')],
    ['UNSUPPORTED', virtualMedia.eject('tape' as VirtualMediaType)],
    ['INVALID_OPTIONS', virtualMedia.insert('cdrom', new URL('ftp://127.0.0.1/a.iso'))],
  ];
  expect(
    await bench.callsOf(async () => {
      for (const [code, attempt] of attempts) expect((await failureOf(attempt)).code).toBe(code);
    }),
  ).toBe(0);
});

describe.each(['power off', 'power on'] as const)('a machine that is %s', (power) => {
  test('gets an image from the web, shows it without secrets, and gives it back', async () => {
    await using server = await serve();
    await using bench = await openLibvirtBench();
    const { virtualMedia } = bench.device;
    bench.domain.machine.power = power;
    const before = bench.domain.definition;
    const shown = `${server.origin}/a%20b.iso`;
    await virtualMedia.insert('cdrom', new URL(`${shown.replace('http://', 'http://me:hidden-1@')}?token=hidden-2`));

    const [path, ...others] = images(bench);
    expect.assert(path !== undefined && others.length === 0);
    expect(
      bench.hypervisor
        .volumes()
        .find((volume) => volume.path === path)
        ?.content()
        .equals(CONTENT),
    ).toBe(true);
    expect(pathIn(bench.domain.definition)).toBe(path);
    expect(pathIn(bench.domain.liveDefinition)).toBe(power === 'power on' ? path : undefined);
    expect(await virtualMedia.read()).toEqual([{ type: 'cdrom', url: shown }]);
    expect(bench.domain.definition + inspect(await virtualMedia.read()) + bench.logger.text()).not.toContain('hidden');
    expect(bench.logger.at('info').map(({ fields }) => fields['sentBytes'])).toEqual([undefined, CONTENT.length]);

    await virtualMedia.eject('cdrom');
    expect(await virtualMedia.read()).toEqual([]);
    expect([images(bench), pathIn(bench.domain.liveDefinition)]).toEqual([[], undefined]);
    expect(bench.domain.definition).toBe(before);
    await virtualMedia.eject('cdrom');
    expect(bench.domain.definition).toBe(before);
  });

  test('without a drive: gets one for the next start, which goes with the image', async () => {
    await using server = await serve();
    await using bench = await openLibvirtBench();
    await redefine(bench, withoutDrive);
    bench.domain.machine.power = power;
    const before = bench.domain.definition;
    const { virtualMedia } = bench.device;
    await virtualMedia.insert('cdrom', new URL(`${server.origin}/a.iso`));
    expect(await virtualMedia.read()).toEqual([{ type: 'cdrom', url: `${server.origin}/a.iso` }]);
    expect(pathIn(bench.domain.liveDefinition)).toBeUndefined();
    await bench.device.power.set('rebooting');
    expect(pathIn(bench.domain.liveDefinition)).toBe(images(bench)[0]);
    await virtualMedia.eject('cdrom');
    expect([pathIn(bench.domain.liveDefinition), bench.domain.definition, images(bench)]).toEqual([undefined, before, []]);
  });

  test('another image takes the place of the first, whose copy goes', async () => {
    await using server = await serve();
    await using bench = await openLibvirtBench();
    bench.domain.machine.power = power;
    const { virtualMedia } = bench.device;
    await virtualMedia.insert('cdrom', new URL(`${server.origin}/a.iso`));
    const [first] = images(bench);
    await virtualMedia.insert('cdrom', new URL(`${server.origin}/b.iso`));
    expect(images(bench)).toEqual([pathIn(bench.domain.definition)]);
    expect(images(bench)[0]).not.toBe(first);
    await virtualMedia.insert('cdrom', new URL('file:///var/lib/libvirt/images/own.iso'));
    expect([await virtualMedia.read(), images(bench)]).toEqual([[{ type: 'cdrom', url: 'file:///var/lib/libvirt/images/own.iso' }], []]);
  });
});

test('an image whose server does not tell its length grows as it comes', async () => {
  await using server = await serve();
  await using bench = await openLibvirtBench();
  await bench.device.virtualMedia.insert('cdrom', new URL(`${server.origin}/chunked.iso`));
  const volume = bench.hypervisor.volumes().find(({ path }) => path === images(bench)[0]);
  expect(volume?.content().equals(CONTENT)).toBe(true);
});

test.each([
  ['missing', 'NOT_FOUND'],
  ['cut', 'UNREACHABLE'],
])('an image that is %s leaves nothing behind', async (path, code) => {
  await using server = await serve();
  await using bench = await openLibvirtBench();
  const before = bench.domain.definition;
  expect((await failureOf(bench.device.virtualMedia.insert('cdrom', new URL(`${server.origin}/${path}.iso`)))).code).toBe(code);
  expect([images(bench), bench.domain.definition]).toEqual([[], before]);
});

test('a pool that does not exist is named, and nothing is fetched', async () => {
  await using server = await serve();
  await using bench = await openLibvirtBench({ info: { libvirt_storage_pool: 'nowhere' } });
  expect(await failureOf(bench.device.virtualMedia.insert('cdrom', new URL(`${server.origin}/a.iso`)))).toMatchObject({
    code: 'NOT_FOUND',
    details: { pool: 'nowhere' },
    hint: expect.stringContaining('libvirt_storage_pool') as string,
  });
  expect(server.requests).toEqual([]);
  // What lies on the hypervisor needs no pool.
  await bench.device.virtualMedia.insert('cdrom', new URL('file:///own.iso'));
  expect(await bench.device.virtualMedia.read()).toEqual([{ type: 'cdrom', url: 'file:///own.iso' }]);
});

test('a machine that cannot be changed keeps its medium, and the copy goes', async () => {
  await using server = await serve();
  await using bench = await openLibvirtBench({
    driver: {
      transcript: {
        record({ direction, label }) {
          if (direction === 'out' && label.startsWith('domain_define')) bench.hypervisor.faults.inject({ kind: 'command failure', times: 1 });
        },
      },
    },
  });
  bench.domain.machine.power = 'power on';
  const { definition, liveDefinition } = bench.domain;
  expect((await failureOf(bench.device.virtualMedia.insert('cdrom', new URL(`${server.origin}/a.iso`)))).code).not.toBe('INTERNAL');
  expect([bench.domain.definition, pathIn(bench.domain.liveDefinition), images(bench)]).toEqual([definition, pathIn(liveDefinition), []]);
});

test('who gives up gets the own reason, and the copy goes', async () => {
  await using server = await startImageServer((_request, response) => {
    response.writeHead(200, { 'content-length': String(CONTENT.length) });
    response.write(CONTENT.subarray(0, 1000));
  });
  await using bench = await openLibvirtBench();
  const caller = new AbortController();
  const inserting = bench.device.virtualMedia
    .insert('cdrom', new URL(`${server.origin}/a.iso`), { signal: caller.signal })
    .catch((reason: unknown) => reason);
  await expect.poll(() => images(bench).length).toBe(1);
  caller.abort('left');
  expect(await inserting).toBe('left');
  await expect.poll(() => [images(bench).length, server.open]).toEqual([0, 0]);
});

test('what a crash has left is found and removed the next time', async () => {
  await using bench = await openLibvirtBench();
  await using client = createLibvirtClient({ uri: bench.hypervisor.uri });
  const pool = await client.storage.pools.lookupByName('default');
  const make = async (name: string): Promise<unknown> =>
    client.storage.volumes.create(pool, `<volume><name>${name}</name><capacity>1</capacity><target><format type='raw'/></target></volume>`);
  await make(`ferric-${bench.domain.uuid}-0123.iso`);
  await make('ferric-somebody-else.iso');
  await bench.device.virtualMedia.insert('cdrom', new URL('file:///own.iso'));
  expect([images(bench), bench.hypervisor.volumes().some(({ name }) => name === 'ferric-somebody-else.iso')]).toEqual([[], true]);
});

test('what somebody else has inserted is shown and can be taken out', async () => {
  await using bench = await openLibvirtBench();
  await redefine(bench, (xml) => xml.replace(/(<disk [^>]*device=['"]cdrom['"][^>]*>)/, "$1<source file='/images/install.iso'/>"));
  expect(await bench.device.virtualMedia.read()).toEqual([{ type: 'cdrom', url: 'file:///images/install.iso' }]);
  await bench.device.virtualMedia.eject('cdrom');
  expect(await bench.device.virtualMedia.read()).toEqual([]);
});

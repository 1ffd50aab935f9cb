import type { BootDeviceName } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { failureOf, openLibvirtBench, type LibvirtBench } from '../test/libvirt-bench.js';
import { createLibvirtClient } from './client/libvirt-client.js';
import { parseXml } from './domain-xml/document.js';
import { readMarks } from './domain-xml/marks.js';

const IRONIC_OF: Readonly<Record<string, BootDeviceName>> = { network: 'pxe', hd: 'disk', cdrom: 'cdrom', fd: 'floppy' };
const marked = ({ domain }: LibvirtBench): boolean => readMarks(parseXml(domain.definition))['boot-once'] !== undefined;

/** A definition with places for devices instead of classes. */
const byDevices = (xml: string): string =>
  xml
    .replaceAll(/<boot dev=['"][a-z]+['"]\/>/g, '')
    .replace(/(<disk [^>]*device=['"]disk['"][^]*?)(<\/disk>)/, "$1<boot order='1'/>$2")
    .replace(/(<interface [^]*?)(<\/interface>)/, "$1<boot order='2'/>$2");

async function redefine({ hypervisor, domain }: LibvirtBench, change: (xml: string) => string): Promise<void> {
  await using client = createLibvirtClient({ uri: hypervisor.uri });
  await client.domains.define(change(domain.definition));
}

test('knows the devices of Ironic that a domain has', async () => {
  await using bench = await openLibvirtBench();
  expect([...bench.device.bootDevice.supported]).toEqual(['pxe', 'disk', 'cdrom', 'floppy']);
  for (const wrong of ['wanboot', 'bios', 'safe', 'iscsiboot', 'uefihttp', 'hd'] as BootDeviceName[]) {
    expect(
      await bench.callsOf(async () => expect((await failureOf(bench.device.bootDevice.set(wrong, { persistent: true }))).code).toBe('UNSUPPORTED')),
    ).toBe(0);
  }
});

describe.each([
  ['classes', (xml: string) => xml],
  ['devices', byDevices],
] as const)('an order by %s', (style, change) => {
  test('for good: counts at every start, others behind it', async () => {
    await using bench = await openLibvirtBench();
    await redefine(bench, change);
    expect(await bench.device.bootDevice.read()).toEqual({ device: 'disk', persistent: true });
    await bench.device.bootDevice.set('pxe', { persistent: true });
    expect(await bench.device.bootDevice.read()).toEqual({ device: 'pxe', persistent: true });
    expect(bench.domain.bootOrder.slice(0, 2)).toEqual(['network', 'hd']);
    for (let start = 0; start < 2; start += 1) {
      await bench.device.power.set('rebooting');
      expect(bench.domain.bootedFrom?.[0]).toBe('network');
    }
    expect(marked(bench)).toBe(false);
  });

  test('once: counts at the next start, which puts back what was', async () => {
    await using bench = await openLibvirtBench();
    await redefine(bench, change);
    const before = bench.domain.definition;
    await bench.device.bootDevice.set('pxe', { persistent: false });
    expect(await bench.device.bootDevice.read()).toEqual({ device: 'pxe', persistent: false });
    await bench.device.power.set('power on');
    expect([bench.domain.bootedFrom?.[0], bench.domain.bootOrder[0]]).toEqual(['network', 'hd']);
    expect(bench.domain.definition).toBe(before);
    expect(await bench.device.bootDevice.read()).toMatchObject({
      device: 'disk',
      persistent: true,
      detail: expect.stringContaining('until then it boots from pxe') as string,
    });
    await bench.device.power.set('rebooting');
    expect(bench.domain.bootedFrom?.[0]).toBe('hd');
    expect(await bench.device.bootDevice.read()).toEqual({ device: 'disk', persistent: true });
  });

  test('once, while it runs: counts when it is rebooted', async () => {
    await using bench = await openLibvirtBench();
    await redefine(bench, change);
    await bench.device.power.set('power on');
    await bench.device.bootDevice.set('cdrom', { persistent: false });
    await bench.device.bootDevice.set('pxe', { persistent: false });
    expect(await bench.device.bootDevice.read()).toMatchObject({
      device: 'pxe',
      persistent: false,
      detail: expect.stringContaining('Counts once') as string,
    });
    expect(bench.domain.bootedFrom?.[0]).toBe('hd');
    await bench.device.power.set('soft rebooting');
    expect([bench.domain.bootedFrom?.[0], bench.domain.bootOrder[0], marked(bench)]).toEqual(['network', 'hd', false]);
  });

  test('once, and somebody else starts it: it is used up', async () => {
    await using bench = await openLibvirtBench();
    await redefine(bench, change);
    await bench.device.bootDevice.set('pxe', { persistent: false });
    bench.domain.machine.power = 'power on';
    expect(bench.domain.bootedFrom?.[0]).toBe('network');
    // Reading changes nothing, and tells what lasts.
    expect(await bench.device.bootDevice.read()).toMatchObject({ device: 'disk', persistent: true });
    expect(marked(bench)).toBe(true);
    await bench.device.power.set('rebooting');
    expect([bench.domain.bootedFrom?.[0], bench.domain.bootOrder[0], marked(bench)]).toEqual(['hd', 'hd', false]);
  });

  test('once twice, or once and then for good: goes back to what lasts', async () => {
    await using bench = await openLibvirtBench();
    await redefine(bench, change);
    await bench.device.bootDevice.set('pxe', { persistent: false });
    const once = bench.domain.definition;
    const changes = bench.hypervisor.activity.changeCommands;
    await bench.device.bootDevice.set('pxe', { persistent: false });
    expect([bench.domain.definition, bench.hypervisor.activity.changeCommands]).toEqual([once, changes]);
    await bench.device.bootDevice.set('disk', { persistent: false });
    expect(await bench.device.bootDevice.read()).toEqual({ device: 'disk', persistent: false });
    await bench.device.power.set('power on');
    expect(bench.domain.bootOrder[0]).toBe('hd');
    await bench.device.bootDevice.set('pxe', { persistent: false });
    await bench.device.bootDevice.set('pxe', { persistent: true });
    await bench.device.power.set('rebooting');
    expect([bench.domain.bootOrder[0], marked(bench)]).toEqual(['network', false]);
  });

  test('once, and somebody gives it another order: that stays', async () => {
    await using bench = await openLibvirtBench();
    await redefine(bench, change);
    await bench.device.bootDevice.set('pxe', { persistent: false });
    await redefine(bench, (xml) =>
      style === 'classes' ? xml.replace(/<boot dev=['"]hd['"]\/>/, "<boot dev='cdrom'/>") : xml.replace(/<boot order=['"]2['"]\/>/, ''),
    );
    expect(await bench.device.bootDevice.read()).toEqual({ device: 'pxe', persistent: true });
    await bench.device.power.set('power on');
    expect([bench.domain.bootOrder[0], bench.domain.bootOrder.includes('hd'), marked(bench)]).toEqual(['network', false, false]);
  });
});

test('setting what is set defines nothing', async () => {
  await using bench = await openLibvirtBench();
  const changes = bench.hypervisor.activity.changeCommands;
  await bench.device.bootDevice.set('disk', { persistent: true });
  expect(bench.hypervisor.activity.changeCommands).toBe(changes);
});

test('a definition keeps its passwords and everything else', async () => {
  await using bench = await openLibvirtBench();
  const withoutOrder = (xml: string): string => xml.replaceAll(/<boot dev=['"][a-z]+['"]\/>\s*/g, '');
  const before = bench.domain.definition;
  expect(before).toContain('screen12');
  await bench.device.bootDevice.set('cdrom', { persistent: true });
  expect(withoutOrder(bench.domain.definition)).toBe(withoutOrder(before));
});

test('the live definition of a running machine is not what is defined', async () => {
  await using bench = await openLibvirtBench();
  bench.domain.machine.power = 'power on';
  await bench.device.bootDevice.set('pxe', { persistent: true });
  // What only runs has an id, and aliases.
  expect(bench.domain.definition).not.toMatch(/<domain[^>]* id=|<alias name='net0'/);
});

test('two changes at the same time do not undo one another', async () => {
  await using bench = await openLibvirtBench();
  await Promise.all([
    bench.device.bootDevice.set('pxe', { persistent: true }),
    bench.open().bootMode.set('uefi'),
    bench.open().bootDevice.set('cdrom', { persistent: false }),
  ]);
  expect(await bench.device.bootMode.read()).toBe('uefi');
  expect(await bench.device.bootDevice.read()).toEqual({ device: 'cdrom', persistent: false });
  expect(bench.domain.bootOrder.slice(0, 2)).toEqual(['cdrom', 'network']);
});

test('a machine that boots a kernel boots from no device', async () => {
  await using bench = await openLibvirtBench();
  await redefine(bench, (xml) => xml.replace('</os>', '<kernel>/boot/vmlinuz</kernel></os>'));
  expect(await bench.device.bootDevice.read()).toMatchObject({ device: null, persistent: null, detail: expect.stringContaining('kernel') as string });
  expect(await failureOf(bench.device.bootDevice.set('pxe', { persistent: true }))).toMatchObject({
    code: 'CONFLICT',
    hint: expect.stringContaining('kernel') as string,
  });
});

test('a device that is not there cannot be put first by its place', async () => {
  await using bench = await openLibvirtBench();
  await redefine(bench, byDevices);
  expect(await failureOf(bench.device.bootDevice.set('floppy', { persistent: true }))).toMatchObject({ code: 'CONFLICT' });
});

test('a start whose definition cannot be put back is a start, and the next change puts it back', async () => {
  const defined: string[] = [];
  await using bench = await openLibvirtBench({
    driver: {
      transcript: {
        record({ direction, label }) {
          if (direction === 'out' && label.startsWith('domain_define')) defined.push(label);
          if (direction === 'out' && label.startsWith('domain_define') && defined.length === 2)
            bench.hypervisor.faults.inject({ kind: 'command failure', times: 1 });
        },
      },
    },
  });
  await bench.device.bootDevice.set('pxe', { persistent: false });
  expect((await bench.device.power.set('power on')).status).toBe('done');
  expect(bench.logger.at('warn').map(({ message }) => message)).toEqual([expect.stringContaining('could not be put back yet')]);
  expect(await bench.device.bootDevice.read()).toMatchObject({ device: 'disk', persistent: true });
  await bench.device.power.set('rebooting');
  expect([bench.domain.bootedFrom?.[0], marked(bench)]).toEqual(['hd', false]);
});

test('the names are those of Ironic', async () => {
  await using bench = await openLibvirtBench();
  for (const [name, device] of Object.entries(IRONIC_OF)) {
    await bench.device.bootDevice.set(device, { persistent: true });
    expect([bench.domain.bootOrder[0], (await bench.device.bootDevice.read()).device]).toEqual([name, device]);
  }
});

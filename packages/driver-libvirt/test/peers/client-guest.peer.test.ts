import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { defineGuest, type Guest, GUEST_LINES, openWitness, type PrivateLibvirtd, startPrivateLibvirtd, waitFor, type Witness } from '@ferric/lab';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLibvirtClient, type Domain, type LibvirtClient, type RpcStream } from '../../src/client/index.js';

let libvirtd: PrivateLibvirtd;
let witness: Witness;
let client: LibvirtClient;
beforeAll(async () => {
  libvirtd = await startPrivateLibvirtd();
  witness = await openWitness(libvirtd, 'qemu');
  client = createLibvirtClient({ uri: libvirtd.uris.unix });
});
afterAll(async () => {
  await client?.close();
  await witness?.[Symbol.asyncDispose]();
  await libvirtd?.[Symbol.asyncDispose]();
});

async function start(guest: Guest): Promise<Domain> {
  const domain = await client.domains.create(await client.domains.lookupByName(guest.name));
  await guest.waitUntilReady();
  return domain;
}

/** Reads a stream until it has said this. */
async function readUntil({ incoming }: RpcStream, text: string): Promise<string> {
  let said = '';
  for await (const chunk of incoming) {
    said += chunk.toString('latin1');
    if (said.includes(text)) return said;
  }
  throw new Error(`The stream ended after ${JSON.stringify(said)}`);
}

describe('a machine that runs', () => {
  let guest: Guest;
  let domain: Domain;
  beforeAll(async () => {
    guest = await defineGuest(libvirtd, { video: true });
    domain = await start(guest);
  });
  afterAll(async () => guest?.[Symbol.asyncDispose]());

  test('answers on its console, in capitals', async () => {
    await using console = await client.domains.openConsole(domain);
    await console.write(Buffer.from('hello over there'));
    expect(await readUntil(console, 'THERE')).toBe('HELLO OVER THERE');
    await console.finish();
    await guest.waitForSerial('HELLO OVER THERE');
  });

  test('has one console, which can be taken over', async () => {
    await using first = await client.domains.openConsole(domain);
    await expect(client.domains.openConsole(domain)).rejects.toMatchObject({ message: expect.stringContaining('Active console session exists') });
    const firstEnds = (async () => {
      for await (const chunk of first.incoming) expect(chunk.length).toBeGreaterThan(0);
    })().then(() => 'ended', () => 'failed');
    await using second = await client.domains.openConsole(domain, { force: true });
    await second.write(Buffer.from('mine now'));
    expect(await readUntil(second, 'NOW')).toContain('MINE NOW');
    expect(await firstEnds).toBe('failed');
  });

  test('shows its screen', async () => {
    await using picture = await client.domains.screenshot(domain);
    const chunks: Buffer[] = [];
    for await (const chunk of picture.incoming) chunks.push(chunk);
    await picture.finish();
    const bytes = Buffer.concat(chunks);
    const signatures: Readonly<Record<string, string>> = { 'image/png': '\u0089PNG\r\n\u001a\n', 'image/x-portable-pixmap': 'P6\n' };
    expect(Object.keys(signatures)).toContain(picture.reply);
    expect(bytes.toString('latin1', 0, 8)).toContain(signatures[picture.reply]);
    // A text screen has some hundred thousand dots; an empty file has none.
    expect(bytes.length).toBeGreaterThan(1000);
  });

  test('gets keys and an NMI, and says so', async () => {
    // KEY_F, KEY_E
    await client.domains.sendKeys(domain, [33]);
    await guest.waitForSerial('f');
    await client.domains.sendKeys(domain, [18], { holdMs: 50 });
    await guest.waitForSerial('fe');
    await client.domains.injectNmi(domain);
    await guest.waitForSerial(GUEST_LINES.nmi);
    expect(guest.serialText()).toMatch(/fe.*NMI/s);
  });

  test('is paused and goes on', async () => {
    await client.domains.suspend(domain);
    expect([witness.state(guest.name), witness.reason(guest.name)]).toEqual(['paused', 'user']);
    expect(await client.domains.state(domain)).toEqual({ state: 'paused', reason: 'user' });
    await client.domains.resume(domain);
    expect(witness.state(guest.name)).toBe('running');
    expect(await client.domains.state(domain)).toEqual({ state: 'running', reason: 'unpaused' });
  });

  test('carries what is written at it', async () => {
    const uri = 'https://example.org/ferric';
    await client.domains.setMetadata(domain, { kind: 'title', value: 'Rack 7' }, { live: true, config: true });
    await client.domains.setMetadata(domain, { kind: 'element', value: '<node uuid="1"/>', key: 'ferric', uri }, { config: true });
    expect(witness.command('desc', guest.name, '--title')).toBe('Rack 7');
    expect(witness.command('metadata', guest.name, uri, '--config')).toContain('<node uuid="1"/>');
    expect(await client.domains.metadata(domain, 'element', uri, { scope: 'config' })).toContain('uuid="1"');
    expect(await client.domains.metadata(domain, 'title')).toBe('Rack 7');
    await client.domains.setMetadata(domain, { kind: 'element', value: null, key: 'ferric', uri }, { config: true });
    await expect(client.domains.metadata(domain, 'element', uri, { scope: 'config' })).rejects.toMatchObject({ code: 'NOT_FOUND', details: { libvirtCode: 80 } });
    expect(() => witness.command('metadata', guest.name, uri, '--config')).toThrow('metadata');
  });

  test('is counted by all kinds of statistics', async () => {
    const [stats] = await client.domains.stats([domain], ['state', 'cpu-total', 'balloon', 'vcpu', 'interface', 'block']);
    expect(stats?.domain.uuid).toBe(domain.uuid);
    expect(stats?.values).toMatchObject({ 'state.state': 1, 'vcpu.current': 1, 'block.0.name': 'hda', 'balloon.maximum': 32_768n });
    expect(Object.keys(stats?.values ?? {}).length).toBeGreaterThan(20);
    const theirs = witness.command('domstats', '--block', guest.name);
    expect(theirs).toContain(`block.0.capacity=${stats?.values['block.0.capacity']}`);
  });

  test('starts with the host when told so', async () => {
    await client.domains.setAutostart(domain, true);
    expect(await client.domains.autostart(domain)).toBe(true);
    expect(witness.command('dominfo', guest.name)).toMatch(/Autostart: +enable/);
    await client.domains.setAutostart(domain, false);
    expect(witness.command('dominfo', guest.name)).toMatch(/Autostart: +disable/);
  });
});

describe('a machine that is asked to', () => {
  test('shut down does so by itself', async () => {
    await using guest = await defineGuest(libvirtd);
    const domain = await start(guest);
    await client.domains.shutdown(domain, { by: 'acpi' });
    await waitFor('the guest to be off', () => (witness.isOn(guest.name) ? undefined : true));
    expect(guest.serialText()).toContain(GUEST_LINES.off);
    expect(await client.domains.state(domain)).toEqual({ state: 'shut off', reason: 'shutdown' });
    expect(witness.reason(guest.name)).toBe('shutdown');
  });

  test('shut down may ignore it; its plug cannot be ignored', async () => {
    await using guest = await defineGuest(libvirtd, { obeysPowerButton: false });
    const domain = await start(guest);
    await client.domains.shutdown(domain);
    await client.domains.sendKeys(domain, [30]);
    await guest.waitForSerial('a');
    expect(witness.state(guest.name)).toBe('running');
    await client.domains.destroy(domain, { graceful: true });
    expect([witness.state(guest.name), witness.reason(guest.name)]).toEqual(['shut off', 'destroyed']);
  });

  test('reboot comes back, and is heard of', async () => {
    await using guest = await defineGuest(libvirtd);
    const domain = await start(guest);
    await client.domains.reboot(domain, { by: 'acpi' });
    await guest.waitForSerial(`${GUEST_LINES.off}\r\n${GUEST_LINES.ready('DISK')}`);
    expect(witness.id(guest.name)).toBe(domain.id);
  });

  test('reset starts at once, without a word', async () => {
    await using guest = await defineGuest(libvirtd);
    const domain = await start(guest);
    await client.domains.reset(domain);
    await guest.waitForSerial(`${GUEST_LINES.ready('DISK')}\r\n${GUEST_LINES.ready('DISK')}`);
    expect(guest.serialText()).not.toContain(GUEST_LINES.off);
    expect(witness.id(guest.name)).toBe(domain.id);
  });
});

describe('the device to boot from', () => {
  /** The same definition with another order, as somebody with an editor would do it. */
  function withBootOrder(xml: string, from: string, to: string): string {
    const changed = xml.replace(from, to);
    if (changed === xml) throw new Error(`There is no ${from} in ${xml}`);
    return changed;
  }

  test('counts at the next start, and neither at a reset nor at a reboot', async () => {
    await using guest = await defineGuest(libvirtd, { cdrom: 'bootable' });
    const domain = await start(guest);
    const definition = await client.domains.xml(domain, { inactive: true, secure: true });
    await client.domains.define(withBootOrder(definition, "<boot dev='hd'/>", "<boot dev='cdrom'/>"));
    expect(witness.firstBootDevice(guest.name)).toBe('cdrom');
    await client.domains.reset(domain);
    await guest.waitForSerial(`${GUEST_LINES.ready('DISK')}\r\n${GUEST_LINES.ready('DISK')}`);
    await client.domains.destroy(domain);
    await client.domains.create(domain);
    await guest.waitUntilReady('CDROM');
    expect(guest.serialText()).not.toContain('DISK');
  });

  test('may stand at the devices', async () => {
    await using guest = await defineGuest(libvirtd, { cdrom: 'bootable', bootStyle: 'device', bootOrder: ['hd', 'cdrom'] });
    const domain = await start(guest);
    await client.domains.destroy(domain);
    const definition = await client.domains.xml(domain, { inactive: true, secure: true });
    const swapped = definition.replace(/<boot order='([12])'\/>/g, (_whole, order: string) => `<boot order='${3 - Number(order)}'/>`);
    await client.domains.define(swapped);
    await client.domains.create(domain);
    await guest.waitUntilReady('CDROM');
    expect(witness.firstBootDevice(guest.name)).toBe('cdrom');
  });

  test('of a drive that is filled while the machine is off is found', async () => {
    await using guest = await defineGuest(libvirtd, { cdrom: 'empty', bootOrder: ['cdrom', 'hd'] });
    const domain = await start(guest);
    expect(guest.serialText()).toContain('DISK');
    const drive = (source: string): string =>
      `<disk type='file' device='cdrom'><driver name='qemu' type='raw'/>${source}<target dev='hdc' bus='ide'/><readonly/></disk>`;
    await client.domains.updateDevice(domain, drive(`<source file='${guest.cdromImage}'/>`), { live: true, config: true });
    expect(witness.command('domblklist', guest.name)).toContain(guest.cdromImage);
    await client.domains.reset(domain);
    await guest.waitUntilReady('CDROM');
    await client.domains.updateDevice(domain, drive(''), { live: true, config: true });
    expect(witness.command('domblklist', guest.name)).not.toContain(guest.cdromImage);
  });
});

test('a machine that is not defined is gone when it stops', async () => {
  await using guest = await defineGuest(libvirtd);
  const [name, uuid] = [`transient-${guest.name}`, randomUUID()];
  const xml = guest.xml.replaceAll(guest.name, name).replace(guest.uuid, uuid).replaceAll(join('guests', name), join('guests', guest.name));
  const domain = await client.domains.createTransient(xml);
  await guest.waitUntilReady();
  expect(domain).toEqual({ name, uuid, id: witness.id(name) });
  expect(await client.domains.list({ persistent: false })).toEqual([domain]);
  await client.domains.destroy(domain);
  expect(witness.exists(name)).toBe(false);
});

test('a machine with UEFI leaves its variables when told to, else not', async () => {
  await using guest = await defineGuest(libvirtd, { firmware: 'uefi' });
  const domain = await client.domains.create(await client.domains.lookupByName(guest.name));
  await client.domains.destroy(domain);
  await expect(client.domains.undefine(domain)).rejects.toMatchObject({ message: expect.stringContaining('nvram') });
  await client.domains.undefine(domain, { nvram: 'remove' });
  expect(witness.exists(guest.name)).toBe(false);
});

test('a slow call does not hold up the others', async () => {
  await using guest = await defineGuest(libvirtd);
  const domain = await client.domains.lookupByName(guest.name);
  const order: string[] = [];
  const slow = client.domains.create(domain).then(() => order.push('started'));
  const quick = client.host.hostname().then(() => order.push('hostname'));
  await Promise.all([slow, quick]);
  expect(order).toEqual(['hostname', 'started']);
});

import { readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { pathToFileURL } from 'node:url';
import type { JsonObject } from '@ferric/core';
import { createSelfSignedCertificate, type SelfSignedCertificate } from '@ferric/core/testing';
import { waitFor } from '@ferric/lab';
import { beforeAll, describe, expect, test } from 'vitest';
import { type RunningConductor, startConductor } from '../support/conductor.js';
import { type IloHttpsMachine, type IloHttpsMachineOptions, startIloHttpsMachine } from '../support/ilo-https-machine.js';
import { type ImageServer, randomImage, startImageServer } from '../support/image-server.js';
import { createMediaTools } from '../support/media-machine.js';
import { createBootFiles } from '../support/simulated-machine.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';

const MEBIBYTE = 1024 ** 2;

/** What the conductors of these tests say that they are. */
let identity: SelfSignedCertificate;

beforeAll(async () => {
  identity = await createSelfSignedCertificate({ names: ['127.0.0.1'], now: new Date() });
  // For the client of these tests, which is the built-in fetch.
  setDefaultCACertificates([...getCACertificates(), identity.certificate]);
});

/** A conductor that speaks HTTPS with a certificate that it signed itself, and a ProLiant that knows nothing of it. */
interface Site extends AsyncDisposable {
  readonly machine: IloHttpsMachine;
  readonly images: ImageServer;
  readonly conductor: RunningConductor;
  readonly folder: string;
  /** SHA-256 of the conductor's certificate, as an iLO writes it. */
  readonly fingerprint: string;
  /** What is served now: a folder for each node. */
  served(): readonly string[];
}

async function openSite(options: Omit<IloHttpsMachineOptions, 'agentTrusts'> = {}): Promise<Site> {
  await using place = new AsyncDisposableStack();
  const files = place.use(await createBootFiles());
  const data = place.use(await createTemporaryFolder());
  const images = place.use(await startImageServer());
  const { certificate, privateKey, fingerprint } = identity;
  const machine = place.use(await startIloHttpsMachine({ generation: 'gen10', ...options, agentTrusts: certificate }));
  const file = (name: string): string => join(files.folder, name);
  await Promise.all([writeFile(file('esp.img'), 'a boot loader'), writeFile(file('api.pem'), certificate), writeFile(file('api-key.pem'), privateKey, { mode: 0o600 })]);
  const conductor = place.use(await startConductor({
    dataDir: data.path, env: { PATH: await createMediaTools(files.folder) },
    args: [...files.args, '--bootloader', pathToFileURL(file('esp.img')).href, '--tls-cert', file('api.pem'), '--tls-key', file('api-key.pem')],
  }));
  const kept = place.move();
  return {
    machine, images, conductor,
    folder: files.folder,
    fingerprint: (fingerprint.toUpperCase().match(/../g) ?? []).join(':'),
    served: () => readdirSync(join(data.path, 'media')),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

async function enrol({ conductor: { api }, machine: { device, mac } }: Site, name: string, driverInfo: JsonObject = {}): Promise<string> {
  const { uuid } = (await api.call('POST', '/v1/nodes', {
    name, driver: 'ilo5', driver_info: { ...(device.driverInfo as JsonObject), ...driverInfo }, automated_clean: true,
    boot_interface: 'ilo-uefi-https', deploy_interface: 'direct', inspect_interface: 'agent',
  })) as { uuid: string };
  await api.call('POST', '/v1/ports', { node_uuid: uuid, address: mac });
  await api.provision(name, 'manage', 'manageable');
  return uuid;
}

const told = async ({ conductor: { api } }: Site, name: string): Promise<string> => (await api.timeline(name)).map(({ message }) => message).join('\n');
const recordsOf = ({ machine: { device } }: Site) => device.ilo.machine.boot.records;
const trustedBy = ({ machine: { device } }: Site): readonly string[] => device.ilo.machine.trustedCertificates.trusted.map(({ fingerprint }) => fingerprint);

describe.concurrent('a simulated ProLiant whose firmware boots over HTTPS', () => {
  test('in BIOS mode is brought to UEFI, cleaned, deployed and given back', async () => {
    await using site = await openSite({ bootMode: 'bios' });
    const { machine, images, conductor: { api, log }, served } = site;
    const uuid = await enrol(site, 'by-https');
    await api.provision('by-https', 'provide', 'available');
    expect([machine.device.ilo.machine.bios.mode, machine.nextUrl, served(), machine.device.state.power]).toEqual(['uefi', '', [], 'power off']);

    const image = randomImage(2 * MEBIBYTE);
    const going = Promise.withResolvers<void>();
    await api.call('PATCH', '/v1/nodes/by-https', [{ op: 'add', path: '/instance_info', value: images.offer('os.img', image) }] as never);
    images.answerWith('os.img', (response, bytes) => void going.promise.then(() => response.writeHead(200, { 'Content-Length': bytes.length }).end(bytes)));
    await api.call('PUT', '/v1/nodes/by-https/states/provision', { target: 'active' });
    // While the agent works its medium is served; the firmware shows whoever reads its settings no address that opens it.
    await waitFor('the agent to load the image', () => (images.downloads.has('os.img') ? true : undefined));
    const { UrlBootFile: shown } = await api.call('GET', '/v1/nodes/by-https/bios/UrlBootFile');
    expect(shown).toMatchObject({ value: `${api.url}/ferric/v1/media/${uuid}/******/boot.iso` });
    going.resolve();

    await api.waitForNode('by-https', (node) => node['provision_state'] === 'active' && node['reservation'] === null);
    expect((await machine.disk.read(0, image.length)).equals(image)).toBe(true);
    await waitFor('the machine to run what is on its disk', () => (machine.boot.running.kind === 'disk' ? true : undefined));
    expect([machine.nextUrl, served(), machine.device.state.bootDevice?.device]).toEqual(['', [], 'disk']);
    await api.provision('by-https', 'deleted', 'available');

    // Cleaned, deployed, its own system, cleaned again: each ramdisk from an address of its own.
    const records = recordsOf(site);
    expect(records.map(({ source, mode }) => `${source} ${mode}`)).toEqual(['http uefi', 'http uefi', 'disk uefi', 'http uefi']);
    const urls = records.flatMap(({ source, image: url }) => (source === 'http' ? [url] : []));
    expect(new Set(urls).size).toBe(3);
    for (const url of urls) expect(url).toMatch(new RegExp(`^${api.url}/ferric/v1/media/${uuid}/[0-9a-f]{32}/boot\\.iso$`));
    // The certificate was given to it once, and is all that it trusts.
    expect([trustedBy(site), machine.device.ilo.activity.operations['set trusted certificates']]).toEqual([[site.fingerprint], 1]);
    expect([machine.nextUrl, served(), machine.device.state.power]).toEqual(['', [], 'power off']);

    const story = await told(site, 'by-https');
    for (const words of ['Changing the boot mode of the firmware from bios to uefi', 'The firmware trusts 1 more certificate', 'its token came with what it booted from']) expect(story).toContain(words);
    expect(JSON.stringify([await api.timeline('by-https'), await api.node('by-https'), log()])).not.toMatch(/media\/[0-9a-f-]{36}\/[0-9a-f]{32}/);
  });

  test('boots an ISO image that is there already, which knows the conductor by itself', async () => {
    await using site = await openSite();
    const image = join(site.folder, 'agent.iso');
    await writeFile(image, `\n  append initrd=/initrd ipa-api-url=${site.conductor.api.url}\n`);
    await enrol(site, 'by-iso', { deploy_iso: pathToFileURL(image).href });
    await site.conductor.api.provision('by-iso', 'provide', 'available');
    expect(recordsOf(site)).toMatchObject([{ source: 'http', image: expect.stringMatching(/^https:.*\/images\/0\/agent\.iso$/) as string }]);
    expect([site.machine.nextUrl, await told(site, 'by-iso')]).toEqual(['', expect.stringContaining('found its node and got its token')]);
  });

  test('does not boot from a conductor that it may not trust, until somebody gives it the certificate', async () => {
    await using site = await openSite();
    const { machine, conductor: { api } } = site;
    await enrol(site, 'by-owner', { ilo_add_certificates: false });
    await api.call('PUT', '/v1/nodes/by-owner/states/provision', { target: 'provide' });
    const record = await waitFor('the machine to start', () => recordsOf(site)[0]);
    expect(record).toMatchObject({ source: 'disk', httpsFailure: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    await api.waitForNode('by-owner', (node) => node['provision_state'] === 'clean wait' && node['reservation'] === null);
    await api.call('PUT', '/v1/nodes/by-owner/states/provision', { target: 'abort' });
    await api.waitForNode('by-owner', (node) => node['provision_state'] === 'clean failed' && node['reservation'] === null);
    expect([trustedBy(site), machine.nextUrl]).toEqual([[], '']);

    machine.device.ilo.machine.trustedCertificates.add([identity.certificate]);
    await api.provision('by-owner', 'manage', 'manageable');
    await api.provision('by-owner', 'provide', 'available');
    expect(recordsOf(site).map(({ source }) => source)).toEqual(['disk', 'http']);
    expect([machine.nextUrl, machine.device.ilo.activity.operations['set trusted certificates'] ?? 0]).toEqual(['', 0]);
  });

  test('is told what is missing where the image has another address than one of https', async () => {
    await using site = await openSite();
    const { api } = site.conductor;
    await enrol(site, 'by-http', { deploy_iso: `${site.images.url}/agent.iso` });
    const { boot } = await api.call('GET', '/v1/nodes/by-http/validate');
    expect(boot).toMatchObject({ result: false, reason: expect.stringContaining('driver_info.deploy_iso') as string });
  });
});

import { defineGuest, openWitness, type PrivateLibvirtd, startPrivateLibvirtd, waitFor, type Witness } from '@ferric/lab';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLibvirtClient, type LibvirtClient, type Network } from '../../src/client/index.js';

let libvirtd: PrivateLibvirtd;
let witness: Witness;
let client: LibvirtClient;
beforeAll(async () => {
  libvirtd = await startPrivateLibvirtd({ networkNamespace: true });
  witness = await openWitness(libvirtd, 'qemu');
  client = createLibvirtClient({ uri: libvirtd.uris.unix });
});
afterAll(async () => {
  await client?.close();
  await witness?.[Symbol.asyncDispose]();
  await libvirtd?.[Symbol.asyncDispose]();
});

const UUID = '0b1f2a55-8e30-4d3a-9b5e-6f7f0c1f7a10';
// `open` asks for no firewall programs. Without router advertisements iPXE waits long for some.
const XML = `<network><name>lab</name><uuid>${UUID}</uuid><bridge name="frlab0" stp="off" delay="0"/><forward mode="open"/>
  <ip address="192.0.2.1" netmask="255.255.255.0"><dhcp><range start="192.0.2.50" end="192.0.2.60"/></dhcp></ip></network>`;

test('a network lives its life, and virsh sees every change', async () => {
  const { networks } = client;
  const network = await networks.define(XML);
  expect(network).toEqual({ name: 'lab', uuid: UUID });
  expect(await networks.list({ active: false })).toEqual([network]);
  expect(await networks.lookupByName('lab')).toEqual(network);
  expect(await networks.lookupByUuid(UUID)).toEqual(network);
  expect((await networks.xml(network, { inactive: true })).trim()).toBe(witness.command('net-dumpxml', 'lab', '--inactive'));
  await expect(networks.destroy(network)).rejects.toMatchObject({ code: 'CONFLICT' });

  await networks.create(network);
  expect(witness.command('net-info', 'lab')).toMatch(/Active: +yes/);
  expect(await networks.bridgeName(network)).toBe('frlab0');
  expect(await networks.leases(network)).toEqual([]);
  await expect(networks.create(network)).rejects.toMatchObject({ code: 'CONFLICT' });
  await networks.setAutostart(network, true);
  expect([await networks.autostart(network), /Autostart: +yes/.test(witness.command('net-info', 'lab'))]).toEqual([true, true]);

  await networks.update(network, { command: 'add-last', section: 'ip-dhcp-host', xml: '<host mac="52:54:00:00:00:01" ip="192.0.2.10"/>' }, { live: true, config: true });
  expect(witness.command('net-dumpxml', 'lab')).toContain("<host mac='52:54:00:00:00:01' ip='192.0.2.10'/>");
  expect(witness.command('net-dumpxml', 'lab', '--inactive')).toContain('192.0.2.10');
});

test('a machine that boots from the network has an address, and the client tells which', async () => {
  const { networks, domains } = client;
  const network: Network = await networks.lookupByName('lab');
  await using guest = await defineGuest(libvirtd, { bootOrder: ['network'], network: 'lab' });
  await networks.update(network, { command: 'add-last', section: 'ip-dhcp-host', xml: `<host mac="${guest.mac}" ip="192.0.2.20"/>` }, { live: true });
  const startedAt = Date.now();
  const domain = await domains.create(await domains.lookupByName(guest.name));
  await guest.waitForSerial('iPXE (http://ipxe.org)');
  const [lease, ...others] = await waitFor('a lease', async () => {
    const leases = await networks.leases(network);
    return leases.length > 0 ? leases : undefined;
  }, { timeoutMs: 40_000 });
  expect(others).toEqual([]);
  expect(lease).toMatchObject({ interfaceName: 'frlab0', family: 'ipv4', mac: guest.mac, address: '192.0.2.20', prefix: 24 });
  expect(lease?.expiresAt?.getTime()).toBeGreaterThan(startedAt);
  expect(witness.command('net-dhcp-leases', 'lab')).toMatch(new RegExp(`${guest.mac} +ipv4 +192\\.0\\.2\\.20/24`));
  expect(await networks.leases(network, { mac: guest.mac })).toEqual([lease]);
  expect(await networks.leases(network, { mac: '52:54:00:00:00:02' })).toEqual([]);
  expect(await domains.interfaceAddresses(domain)).toEqual([
    { name: 'vnet0', hardwareAddress: guest.mac, addresses: [{ family: 'ipv4', address: '192.0.2.20', prefix: 24 }] },
  ]);
});

test('a network that is stopped and forgotten is gone', async () => {
  const { networks } = client;
  const network = await networks.lookupByName('lab');
  await networks.destroy(network);
  expect(witness.command('net-info', 'lab')).toMatch(/Active: +no/);
  await networks.undefine(network);
  expect(witness.command('net-list', '--all')).not.toContain('lab');
  await expect(networks.xml(network)).rejects.toMatchObject({ code: 'NOT_FOUND', details: { libvirtCode: 43 } });
  const transient = await networks.createTransient(XML);
  await networks.destroy(transient);
  expect(await networks.list()).toEqual([]);
});

import { afterEach, beforeEach, expect, test } from 'vitest';
import { domain, maybe, RawClient, text, u32, type Values } from '../../test/simulator/raw-client.js';
import { startVirtualHypervisor, type VirtualHypervisor } from './virtual-hypervisor.js';

const [FIRST, SECOND] = ['52:54:00:00:00:01', '52:54:00:00:00:02'] as const;
const ACTIVE = 1;

let hypervisor: VirtualHypervisor;
let client: RawClient;
let network: string;

beforeEach(async () => {
  hypervisor = await startVirtualHypervisor({ domains: [{ name: 'a', macAddresses: [FIRST] }, { name: 'b', macAddresses: [SECOND], running: true }] });
  client = await RawClient.open(hypervisor);
  network = await client.read(46, text('default'), reference);
});

afterEach(async () => {
  client[Symbol.dispose]();
  await hypervisor[Symbol.asyncDispose]();
});

const reference = (values: Values): string => text(values.text()) + values.uuid().replaceAll('-', '');
const lease = (values: Values) => ({
  bridge: values.text(), expiry: values.big(), type: values.int(), mac: values.maybe(), iaid: values.maybe(), address: values.text(), prefix: values.int(),
  hostname: values.maybe(), client: values.maybe(),
});
const leases = async (mac: string | null = null) => client.read(341, network + maybe(mac) + u32(1) + u32(0), (values) => values.list(() => lease(values)));
const update = (command: number, xml: string, section = 4) => client.call(291, network + u32(command) + u32(section) + u32(-1) + text(xml) + u32(ACTIVE));

test('there is one, and it is active', async () => {
  expect(await client.read(283, u32(1) + u32(2), (values) => [values.list(() => reference(values)), values.int()])).toEqual([[network], 1]);
  expect(await client.read(283, u32(1) + u32(1), (values) => values.list(() => reference(values)))).toEqual([]);
  expect(await client.read(45, network, (values) => values.text())).toBe('virbr0');
  expect(await client.read(43, network + u32(0), (values) => values.text())).toContain("<range start='192.168.122.2' end='192.168.122.254'/>");
  expect(hypervisor.networks).toEqual(['default']);
});

test('machines that run have addresses, the same at every look', async () => {
  const found = await leases();
  expect(found).toEqual([
    {
      bridge: 'virbr0', expiry: expect.any(BigInt) as bigint, type: 0, mac: SECOND, iaid: null, address: '192.168.122.3', prefix: 24, hostname: 'b', client: null,
    },
  ]);
  expect(Number(found[0]?.expiry) - Date.now() / 1000).toBeGreaterThan(3500);
  hypervisor.domain('a').machine.power = 'power on';
  expect((await leases()).map(({ mac, address }) => [mac, address])).toEqual([[FIRST, '192.168.122.2'], [SECOND, '192.168.122.3']]);
  expect((await leases(SECOND.toUpperCase())).map(({ address }) => address)).toEqual(['192.168.122.3']);
  expect(hypervisor.leases('default').map(({ hostname }) => hostname)).toEqual(['a', 'b']);
});

test('the addresses of one machine', async () => {
  const addresses = async (name: string, source: number) =>
    client.read(353, domain(name, hypervisor.domain(name).uuid) + u32(source) + u32(0), (values) =>
      values.list(() => [values.text(), values.maybe(), values.list(() => [values.int(), values.text(), values.int()])]),
    );
  expect(await addresses('b', 0)).toEqual([['vnet10', SECOND, [[0, '192.168.122.3', 24]]]]);
  expect(await addresses('b', 2)).toEqual([['vnet10', SECOND, [[0, '192.168.122.3', 0]]]]);
  await expect(addresses('b', 1)).rejects.toThrow('74: argument unsupported: QEMU guest agent is not configured');
  await expect(addresses('a', 0)).rejects.toThrow('55: Requested operation is not valid: domain is not running');
});

test('an address can be reserved', async () => {
  const host = `<host mac='${SECOND}' name='x' ip='192.168.122.77'/>`;
  expect((await update(3, host)).status).toBe(0);
  expect((await leases()).map(({ address }) => address)).toEqual(['192.168.122.77']);
  expect(await client.fail(291, network + u32(3) + u32(4) + u32(-1) + text(host) + u32(0))).toEqual({
    code: 55, domain: 19, message: `Requested operation is not valid: there is an existing dhcp host entry in network 'default' that matches "${host}"`,
  });
  expect((await update(1, host.replace('77', '78'))).status).toBe(0);
  expect((await leases()).map(({ address }) => address)).toEqual(['192.168.122.78']);
  expect((await update(2, host)).status).toBe(0);
  expect(await client.fail(291, network + u32(2) + u32(4) + u32(-1) + text(host) + u32(0))).toMatchObject({
    code: 55, message: "Requested operation is not valid: couldn't locate a matching dhcp host entry in network 'default'",
  });
  expect((await leases()).map(({ address }) => address)).toEqual(['192.168.122.3']);
  expect((await update(3, '<portgroup/>', 8)).status).toBe(1);
});

test('one of one’s own comes and goes', async () => {
  const xml = "<network><name>own</name><forward mode='nat'/><ip address='10.0.0.1' netmask='255.255.0.0'/></network>";
  const own = await client.read(41, text(xml), reference);
  expect(await client.fail(42, own)).toEqual({ code: 55, domain: 19, message: "Requested operation is not valid: network 'own' is not active" });
  expect((await client.call(39, own)).status).toBe(0);
  expect(await client.fail(39, own)).toMatchObject({ message: 'Requested operation is not valid: network is already active' });
  expect(await client.read(45, own, (values) => values.text())).toBe('virbr1');
  expect(await client.fail(41, text(xml))).toMatchObject({ code: 9, domain: 19 });
  for (const procedure of [42, 49]) expect((await client.call(procedure, own)).status).toBe(0);
  expect(await client.fail(43, own + u32(0))).toMatchObject({ code: 43, domain: 19 });
  expect(await client.fail(46, text('own'))).toEqual({ code: 43, domain: 19, message: "Network not found: no network with matching name 'own'" });
  const brief = await client.read(40, text(xml), reference);
  expect(await client.read(153, brief, (values) => values.int())).toBe(0);
  await client.call(42, brief);
  expect(hypervisor.networks).toEqual(['default']);
  expect(await client.fail(41, text('<network/>'))).toEqual({ code: 21, domain: 19, message: 'missing name information' });
});

test('without its network a machine has no address', async () => {
  await client.call(42, network);
  expect(await leases()).toEqual([]);
});

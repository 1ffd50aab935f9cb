import { CONTRACT, type FerricPlugin, type HardwareType, type SealedObject } from '@ferric/core';
import { array, assert, asyncProperty, constantFrom, oneof, string, tuple } from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { StoredNode } from '../../src/nodes/stored-node.js';
import type { NodeUpdate } from '../../src/store/store.js';
import { createMachineApi, wrapped, type MachineApi } from '../support/machine-api.js';

const BASE = 'http://192.0.2.1:6385';
const MAC = '52:54:00:cf:2d:31';
const KERNEL = 'http://images.example/ipa.kernel';
const DRIVER_PATH = '/v1/drivers/fake-hardware/vendor_passthru/ipxe_config';
const NEUTRAL_PATH = '/ferric/v1/boot/ipxe';
const UNKNOWN_UUID = '00000000-0000-4000-8000-000000000000';

let api: MachineApi;
beforeEach(async () => void (api = await createMachineApi()));
afterEach(() => api[Symbol.asyncDispose]());

const prepared = (purpose: string): SealedObject => ({ network_boot: { purpose, kernel_parameters: {} } });
const DRIVER_INFO = { deploy_kernel: KERNEL, deploy_ramdisk: 'https://images.example/ipa.initramfs' };

/** A node that boots the deploy agent now. */
async function add(changes: NodeUpdate = {}, address = MAC): Promise<StoredNode> {
  const { node } = await api.addMachine({ provisionState: 'wait call-back', driverInfo: DRIVER_INFO, driverInternalInfo: prepared('deploy'), ...changes }, address, { boot: 'ipxe', ...changes.interfaces });
  return node;
}

/** The error script without its reference. */
const withoutReference = (text: string): string => text.replaceAll(/req-[0-9a-f-]{36}/g, 'req-x');
const isError = (text: string): boolean => text.startsWith('#!ipxe\n') && text.includes('echo Ferric has nothing to boot for this machine now.');

describe('the script of a machine', () => {
  test.each([
    ['by MAC address', `${DRIVER_PATH}?port_address=${MAC}`],
    ['as iPXE writes the address into a DHCP file name', `${DRIVER_PATH}?port_address=52%3A54%3A00%3Acf%3A2d%3A31`],
    ['with hyphens, in upper case', `${DRIVER_PATH}?port_address=52-54-00-CF-2D-31`],
    ['without separators', `${DRIVER_PATH}?port_address=525400CF2d31`],
    ['without the version in the path', `${DRIVER_PATH.slice(3)}?port_address=${MAC}`],
    ['whatever its hardware type is', `${NEUTRAL_PATH}?port_address=${MAC}`],
  ])('is found %s', async (_case, url) => {
    const { uuid } = await add();
    const answer = await api.boots(url);
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.headers).not.toHaveProperty('content-encoding');
    expect(answer.text.startsWith('#!ipxe\n')).toBe(true);
    expect(answer.text).toContain(`kernel --name kernel ${BASE}/ferric/v1/boot/${uuid}/deploy_kernel `);
    expect(answer.text).toContain(`initrd --name ramdisk ${BASE}/ferric/v1/boot/${uuid}/deploy_ramdisk `);
    expect(answer.text).toContain(`ipa-api-url=${BASE} `);
  });

  test('is made for a hardware type that has a name of its own for iPXE, and for none that has it for something else', async () => {
    const acme: HardwareType = {
      name: 'acme', description: 'a machine', interfaces: { power: ['fake-hardware', 'fake'], boot: ['acme-ipxe', 'acme-media'] },
      strategyNames: { boot: { 'acme-ipxe': 'ipxe', 'acme-media': 'virtual-media' } },
    };
    const plugin: FerricPlugin = { contract: CONTRACT, create: () => ({ hardwareTypes: [acme], drivers: [], strategies: [] }) };
    await using site = await createMachineApi({ plugins: [{ packageName: 'acme', version: '1.0.0', plugin }] });
    const machine = async (address: string, boot: string) =>
      (await site.addMachine({ driver: 'acme', provisionState: 'wait call-back', driverInfo: DRIVER_INFO, driverInternalInfo: prepared('deploy') }, address, { boot })).node;
    const [own, other] = [await machine(MAC, 'acme-ipxe'), await machine('52:54:00:00:00:01', 'acme-media')];
    const script = await site.boots(`/v1/drivers/acme/vendor_passthru/ipxe_config?node_uuid=${own.uuid}`);
    expect(script.text).toContain(`/ferric/v1/boot/${own.uuid}/deploy_kernel `);
    expect((await site.boots(`/ferric/v1/boot/${own.uuid}/deploy_kernel`)).status).toBe(302);
    expect(isError((await site.boots(`${NEUTRAL_PATH}?node_uuid=${other.uuid}`)).text)).toBe(true);
    const methods = await site.request('GET', '/v1/drivers/acme/vendor_passthru/methods', { version: '1.82' });
    expect(methods.body).toHaveProperty('ipxe_config');
  });

  test('is found by UUID in any case, with any version header and none, and by every client', async () => {
    const { uuid } = await add();
    const url = `${DRIVER_PATH}?node_uuid=${uuid.toUpperCase()}`;
    const first = await api.boots(url);
    expect(first.text).toContain('deploy_kernel');
    for (const options of [{ version: '1.1' }, { version: '1.999' }, { version: 'nonsense' }, { headers: { 'accept-encoding': 'gzip' } }]) {
      const answer = await api.boots(url, options);
      expect([answer.status, answer.text]).toEqual([200, first.text]);
    }
    expect((await api.request('GET', url)).text).toBe(first.text);
  });

  test('answers HEAD with the same headers', async () => {
    const { uuid } = await add();
    const url = `${DRIVER_PATH}?node_uuid=${uuid}`;
    const [got, asked] = [await api.boots(url), await api.boots(url, { method: 'HEAD' })];
    expect([asked.status, asked.text, asked.headers['content-length'], asked.headers['content-type']]).toEqual([200, '', got.headers['content-length'], got.headers['content-type']]);
  });

  test('names the address under which the machine asked, or the configured one', async () => {
    const { uuid } = await add();
    const asked = await api.boots(`${DRIVER_PATH}?node_uuid=${uuid}`, { headers: { host: 'conductor.lan:8080' } });
    expect(asked.text).toContain(`http://conductor.lan:8080/ferric/v1/boot/${uuid}/deploy_kernel`);
    await using configured = await createMachineApi({ publicEndpoint: 'https://boot.example/ironic/' });
    const { node } = await configured.addMachine({ provisionState: 'wait call-back', driverInfo: DRIVER_INFO, driverInternalInfo: prepared('deploy') }, MAC, { boot: 'pxe' });
    expect((await configured.boots(`${DRIVER_PATH}?node_uuid=${node.uuid}`)).text).toContain(`https://boot.example/ironic/ferric/v1/boot/${node.uuid}/deploy_kernel`);
    expect((await configured.boots('/boot.ipxe')).text).toContain('chain https://boot.example/ironic/ferric/v1/boot/ipxe?port_address=${net${n}/mac} ');
  });

  test('follows the state of the node', async () => {
    const { uuid } = await add({ provisionState: 'active', driverInternalInfo: prepared('instance') });
    const disk = await api.boots(`${DRIVER_PATH}?node_uuid=${uuid}`);
    expect(disk.text).toContain('sanboot --no-describe --drive 0x80');
    await api.store.write((transaction) => transaction.nodes.update(uuid, { provisionState: 'inspect wait', driverInternalInfo: prepared('inspect') }));
    expect((await api.boots(`${DRIVER_PATH}?node_uuid=${uuid}`)).text).toContain(`ipa-inspection-callback-url=${BASE}/v1/continue_inspection`);
  });
});

describe('whatever goes wrong, iPXE gets 200 and the error script', () => {
  test('the same for an unknown machine, a wrong state, a wrong driver and bad values', async () => {
    const busy = await add();
    const idle = await add({ provisionState: 'available' }, '52:54:00:00:00:01');
    const unprepared = await add({ driverInternalInfo: {} }, '52:54:00:00:00:02');
    const other = await add({ interfaces: { ...busy.interfaces, boot: 'fake' } }, '52:54:00:00:00:03');
    const injected = await add({ driverInfo: { ...DRIVER_INFO, kernel_append_params: 'quiet\nchain http://evil.example/' } }, '52:54:00:00:00:04');
    const expanded = await add({ driverInfo: { ...DRIVER_INFO, kernel_append_params: 'x=${evil}' } }, '52:54:00:00:00:05');
    const noKernel = await add({ driverInfo: { deploy_ramdisk: KERNEL } }, '52:54:00:00:00:06');
    const urls = [
      `${DRIVER_PATH}?port_address=52:54:00:99:99:99`,
      `${DRIVER_PATH}?node_uuid=${UNKNOWN_UUID}`,
      ...[idle, unprepared, other, injected, expanded, noKernel].map(({ uuid }) => `${DRIVER_PATH}?node_uuid=${uuid}`),
      `${NEUTRAL_PATH}?node_uuid=${idle.uuid}`,
      `/v1/drivers/staging-wol/vendor_passthru/ipxe_config?node_uuid=${busy.uuid}`,
      `/v1/drivers/${encodeURIComponent('no\0such "driver"')}/vendor_passthru/ipxe_config?node_uuid=${busy.uuid}`,
      DRIVER_PATH,
      NEUTRAL_PATH,
      `${DRIVER_PATH}?`,
      `${DRIVER_PATH}?node_uuid=${busy.uuid}&port_address=${MAC}`,
      `${DRIVER_PATH}?node_uuid=${busy.uuid}&node_uuid=${busy.uuid}`,
      `${DRIVER_PATH}?node_uuid=${busy.uuid}&serial=7`,
      `${DRIVER_PATH}?node_uuid=`,
      `${DRIVER_PATH}?port_address=${encodeURIComponent('${mac}')}`,
      `${DRIVER_PATH}?port_address=%00`,
      `${DRIVER_PATH}?port_address=%zz`,
      `${DRIVER_PATH}?port_address=${'5'.repeat(5000)}`,
      `/boot.ipxe?driver=${encodeURIComponent('x\necho evil')}`,
      '/boot.ipxe?driver=a&driver=b',
    ];
    const answers = [];
    for (const [index, url] of urls.entries()) answers.push(await api.boots(url, { from: `192.0.2.${index}` }));
    expect(answers.map(({ status }) => status)).toEqual(urls.map(() => 200));
    expect(answers.map(({ headers }) => headers['content-type'])).toEqual(urls.map(() => 'text/plain; charset=utf-8'));
    for (const { headers, text } of answers) {
      expect(isError(text)).toBe(true);
      expect(text).toContain(`Reference: ${String(headers['openstack-request-id'])}\n`);
      expect(headers).not.toHaveProperty('retry-after');
      expect(text.endsWith('exit 1\n')).toBe(true);
    }
    expect(new Set(answers.map(({ text }) => withoutReference(text))).size).toBe(1);
    expect(answers.map(({ text }) => text).join()).not.toMatch(/evil|available|fake-hardware/);
  });

  test('for any query, driver and host that can be sent', async () => {
    await using open = await createMachineApi({ scriptsPerMinute: 100_000 });
    const { node } = await open.addMachine({ provisionState: 'wait call-back', driverInfo: DRIVER_INFO, driverInternalInfo: prepared('deploy') }, MAC, { boot: 'ipxe' });
    const text = oneof(constantFrom('', MAC, node.uuid, '${mac}', '\r\n', '#!ipxe', ' ; reboot', '\0', '__proto__', 'fake-hardware'), string({ unit: 'binary', maxLength: 30 }));
    const escaped = text.map((each) => encodeURIComponent(each.toWellFormed()));
    const queries = array(tuple(oneof(constantFrom('node_uuid', 'port_address', 'driver'), escaped), escaped), { maxLength: 3 });
    const hosts = oneof(constantFrom('192.0.2.1:6385', '${x}', 'a b', ';', '[::1]'), string({ maxLength: 20 }).map((each) => each.replaceAll(/[^\x20-\x7e]/g, '')));
    await assert(
      asyncProperty(oneof(constantFrom(DRIVER_PATH, NEUTRAL_PATH, '/boot.ipxe'), escaped.filter((name) => name !== '').map((name) => DRIVER_PATH.replace('fake-hardware', name))), queries, hosts, async (path, query, host) => {
        const answer = await open.boots(`${path}?${query.map(([name, value]) => `${name}=${value}`).join('&')}`, { headers: { host } });
        expect([answer.status, answer.text.slice(0, 7)]).toEqual([200, '#!ipxe\n']);
        expect(answer.text).toMatch(/^[\n\x20-\x7e]*$/);
        // What iPXE expands is ours alone.
        expect(answer.text.replaceAll(/\$\{net\$\{n\}\/mac\}|\$\{(?:mac|i|n|attempts|platform)\}/g, '')).not.toContain('${');
      }),
      { numRuns: 1500 },
    );
  });

  test.each(['evil.example ${x}', 'a b', '"', 'user:pw@h', 'h?x', '..'])('for the host header %j', async (host) => {
    const { uuid } = await add();
    for (const url of [`${DRIVER_PATH}?node_uuid=${uuid}`, '/boot.ipxe']) {
      const answer = await api.boots(url, { headers: { host } });
      expect([answer.status, answer.text.startsWith('#!ipxe\n')]).toEqual([200, true]);
      expect(answer.text).not.toMatch(/evil|user|"/);
    }
  });

  test('while the store fails', async () => {
    let isBroken = false;
    const failing = <T extends object>(reader: T): T =>
      new Proxy(reader, {
        get: (target, name) => {
          const value: unknown = Reflect.get(target, name, target);
          return typeof value !== 'function' ? value : (...args: unknown[]) => (isBroken ? Promise.reject(new Error('planted-database-password')) : (value as (...all: unknown[]) => unknown).apply(target, args));
        },
      });
    await using broken = await createMachineApi({ wrapStore: (store) => wrapped(store, { nodes: failing(store.nodes), ports: failing(store.ports) }) });
    const { node } = await broken.addMachine();
    isBroken = true;
    for (const query of [`node_uuid=${node.uuid}`, `port_address=${MAC}`]) {
      const answer = await broken.boots(`${DRIVER_PATH}?${query}`);
      expect([answer.status, isError(answer.text)]).toEqual([200, true]);
      expect(answer.text).not.toContain('planted');
    }
    expect(broken.logger.at('warn')).toHaveLength(1);
  });

  test('with the shell only where the operator allows it', async () => {
    expect((await api.boots(DRIVER_PATH)).text).not.toContain('shell');
    await using open = await createMachineApi({ boot: { allowShell: true } });
    expect((await open.boots(DRIVER_PATH)).text).toContain('\nshell');
  });

  test('with one line in the log for each node, or address, and minute', async () => {
    const { uuid } = await add({ provisionState: 'available' });
    const ask = async (): Promise<void> => {
      for (let time = 0; time < 10; time += 1) {
        await api.boots(`${DRIVER_PATH}?node_uuid=${uuid}`, { from: `198.51.100.${time}` });
        await api.boots(`${DRIVER_PATH}?port_address=52:54:00:99:99:9${time}`, { from: '198.51.100.66' });
      }
    };
    await ask();
    const warnings = api.logger.at('warn');
    expect(warnings).toHaveLength(2);
    expect(warnings).toMatchObject([
      { fields: { node: uuid, address: '198.51.100.0', requestId: expect.stringMatching(/^req-/) as string, reason: expect.stringContaining('state "available"') as string } },
      { fields: { address: '198.51.100.66' } },
    ]);
    await api.clock.advance(60_000);
    await ask();
    expect(api.logger.at('warn')).toHaveLength(4);
  });
});

describe('callers that are not iPXE', () => {
  test.each([
    ['', 'One of node_uuid and port_address is required.'],
    [`?node_uuid=${UNKNOWN_UUID}&port_address=${MAC}`, 'Only one of node_uuid and port_address is accepted.'],
    ['?node_uuid=x', 'Expected one UUID for node_uuid.'],
    ['?port_address=x', 'Expected one MAC address for port_address.'],
    [`?port_address=${MAC}&port_address=${MAC}`, 'Expected one MAC address for port_address.'],
    [`?port_address=${MAC}&x=1`, 'Unexpected arguments: only node_uuid or port_address is accepted.'],
  ])('are told what is wrong with the parameters: %s', async (query, faultstring) => {
    for (const path of [DRIVER_PATH, NEUTRAL_PATH]) {
      const answer = await api.request('GET', `${path}${query}`);
      expect([answer.status, answer.headers['content-type'], answer.error?.['faultstring']]).toEqual([400, 'application/json', faultstring]);
    }
    expect((await api.request('GET', '/boot.ipxe?x=1')).status).toBe(400);
  });

  test('learn nothing about nodes', async () => {
    const { uuid } = await add({ provisionState: 'available' });
    const [known, unknown] = [await api.request('GET', `${DRIVER_PATH}?node_uuid=${uuid}`), await api.request('GET', `${DRIVER_PATH}?node_uuid=${UNKNOWN_UUID}`)];
    expect([known.status, unknown.status]).toEqual([200, 200]);
    expect(withoutReference(known.text)).toBe(withoutReference(unknown.text));
  });

  test('find the method listed for machines that can boot by it', async () => {
    const methods = async ({ request }: MachineApi): Promise<unknown> => (await request('GET', '/v1/drivers/fake-hardware/vendor_passthru/methods', { version: '1.82' })).body;
    expect(await methods(api)).toEqual({ ipxe_config: { http_methods: ['GET'], async: false, attach: true, description: expect.stringContaining('iPXE') as string } });
    await using without = await createMachineApi({ strategies: false });
    expect(await methods(without)).toEqual({});
  });

  test('may name the method in the query, and no other HTTP method', async () => {
    const named = await api.request('GET', `/v1/drivers/fake-hardware/vendor_passthru?method=ipxe_config&port_address=${encodeURIComponent(MAC)}`);
    expect([named.status, named.headers['location']]).toEqual([302, `${DRIVER_PATH}?port_address=52%3A54%3A00%3Acf%3A2d%3A31`]);
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      const answer = await api.request(method, DRIVER_PATH, method === 'DELETE' ? {} : { body: {} });
      expect([answer.status, answer.error?.['faultstring']]).toEqual([400, `The method ipxe_config does not support HTTP ${method}`]);
      expect((await api.request(method, NEUTRAL_PATH)).status).toBe(405);
      expect((await api.request(method, '/boot.ipxe')).status).toBe(405);
    }
  });
});

describe('the entry script', () => {
  test('serves racks with machines of every type, or those of one', async () => {
    const neutral = await api.boots('/boot.ipxe');
    expect([neutral.status, neutral.headers['content-type']]).toEqual([200, 'text/plain; charset=utf-8']);
    expect(neutral.text).toContain(`chain ${BASE}/ferric/v1/boot/ipxe?port_address=\${net\${n}/mac} || goto next\n`);
    expect((await api.boots('/boot.ipxe?driver=staging-wol')).text).toContain(`chain ${BASE}/v1/drivers/staging-wol/vendor_passthru/ipxe_config?port_address=\${net\${n}/mac} ||`);
    expect((await api.boots('/boot.ipxe?driver=', { method: 'HEAD' })).headers['content-length']).toBe(neutral.headers['content-length']);
  });
});

describe('the limit of scripts', () => {
  test('is per address, answers with the error script, and never makes iPXE wait', async () => {
    await using limited = await createMachineApi({ scriptsPerMinute: 3 });
    const ask = async (from: string) => limited.boots('/boot.ipxe', { from });
    for (let time = 0; time < 3; time += 1) expect(isError((await ask('192.0.2.10')).text)).toBe(false);
    for (const url of ['/boot.ipxe', DRIVER_PATH, NEUTRAL_PATH]) {
      const answer = await limited.boots(`${url}?node_uuid=${UNKNOWN_UUID}`, { from: '192.0.2.10' });
      expect([answer.status, isError(answer.text)]).toEqual([200, true]);
      expect(Object.keys(answer.headers).filter((name) => /retry|rate/.test(name))).toEqual([]);
    }
    expect(isError((await ask('192.0.2.11')).text)).toBe(false);
    // One machine has a whole network of IPv6 addresses.
    for (let time = 1; time <= 3; time += 1) expect(isError((await ask(`2001:db8::${time}`)).text)).toBe(false);
    expect(isError((await ask('2001:db8::4')).text)).toBe(true);
    expect(limited.logger.at('warn').map(({ fields }) => fields['reason'])).toContain('this address asked for more than 3 scripts in a minute');
  });
});

describe('the history of a node', () => {
  test('tells which script was served, to whom, once a minute', async () => {
    const { uuid } = await add();
    const url = `${DRIVER_PATH}?node_uuid=${uuid}`;
    const { text } = await api.boots(url);
    for (let time = 0; time < 10; time += 1) await api.boots(url);
    const [served, ...more] = await api.events(uuid, 'boot-script-served');
    expect(more).toEqual([]);
    expect(served).toMatchObject({ severity: 'INFO', details: { kind: 'deploy', address: '192.0.2.10', files: ['deploy_kernel', 'deploy_ramdisk'], script: text } });
    await api.clock.advance(60_000);
    await api.boots(url);
    expect(await api.events(uuid, 'boot-script-served')).toHaveLength(2);
  });

  test('tells why there was none', async () => {
    const { uuid } = await add({ provisionState: 'available' });
    for (let time = 0; time < 10; time += 1) await api.boots(`${DRIVER_PATH}?node_uuid=${uuid}`);
    expect(await api.events(uuid, 'boot-script-refused')).toMatchObject([{ severity: 'WARNING', message: expect.stringContaining('state "available"') as string }]);
  });

  test('is told after the answer, and what fails there fails nothing', async () => {
    const written = Promise.withResolvers<never>();
    await using broken = await createMachineApi({ wrapStore: (store) => wrapped(store, { write: () => written.promise }) });
    const { node } = await broken.addMachine({ provisionState: 'active', driverInternalInfo: prepared('instance') }, MAC, { boot: 'ipxe' });
    expect((await broken.boots(`${DRIVER_PATH}?node_uuid=${node.uuid}`)).text).toContain('sanboot');
    written.reject(new Error('disk full'));
    await broken.events(node.uuid);
    expect(broken.logger.at('warn')).toMatchObject([{ fields: { node: node.uuid }, message: 'A boot event could not be written into the history' }]);
  });
});

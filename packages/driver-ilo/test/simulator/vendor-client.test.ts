import type { JsonObject } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { type IloOptions, startIlo, type VirtualIlo } from '../../src/simulator/index.js';
import { ask } from './bench.js';

// What HPE's own command insists on; test/peers/simulator-ilorest.peer.test.ts runs it.

const start = (generation: IloOptions['generation']): Promise<VirtualIlo> => startIlo({ generation, name: 'vendor', post: { heldForReads: 0 } });
const get = async (ilo: VirtualIlo, path: string): Promise<JsonObject> => (await ask(ilo, path)).json() as JsonObject;
const send = async (ilo: VirtualIlo, method: string, path: string, body: unknown): Promise<number> => (await ask(ilo, path, { method, body })).status;

const STYLES = [
  ['gen9', '/rest/v1', '', 'href', 'Type', 'ComputerSystem.1.0.1'],
  ['gen9', '/redfish/v1', '/', '@odata.id', '@odata.type', '#ComputerSystem.1.0.1.ComputerSystem'],
  ['gen10', '/redfish/v1', '/', '@odata.id', '@odata.type', '#ComputerSystem.v1_10_0.ComputerSystem'],
  ['gen11', '/redfish/v1', '', '@odata.id', '@odata.type', '#ComputerSystem.v1_17_0.ComputerSystem'],
] as const;

describe.each(STYLES)('%s %s tells of itself', (generation, root, end, link, type, systemType) => {
  test('which resources it has, of which type, with logs and without their lines', async () => {
    await using ilo = await start(generation);
    const { Instances: instances } = (await get(ilo, `${root}/ResourceDirectory${end}`)) as { Instances: JsonObject[] };
    const system = await ask(ilo, `${root}/Systems/1${end}`);
    expect(instances.find((instance) => instance[link] === `${root}/Systems/1${end}`)).toMatchObject({ [type]: systemType, ETag: system.headers['etag'] });
    const links = instances.map((instance) => String(instance[link]));
    expect([links.includes(`${root}/Systems/1/LogServices/IML${end}`), links.some((each) => /Entries\/\d/.test(each)), new Set(links).size]).toEqual([true, false, links.length]);
    // One link of iLO 5 lacks its slash.
    for (const path of links) expect([path, (await ask(ilo, path)).status]).toEqual([path, end === '/' && !path.endsWith('/') ? 308 : 200]);
  });

  test('what can be written, in the schema that each answer names', async () => {
    await using ilo = await start(generation);
    const place = /<(.*)>; rel=describedby/.exec(String((await ask(ilo, `${root}/Systems/1${end}`)).headers['link']))?.[1] ?? '';
    const schema = await get(ilo, place);
    expect(schema['title']).toBe(systemType);
    expect(schema['properties']).toMatchObject({ AssetTag: { type: 'string', readonly: false }, SerialNumber: { type: 'string', readonly: true }, Boot: { readonly: false } });
  });

  test('what the attributes of its BIOS can be, in the registry that they name', async () => {
    await using ilo = await start(generation);
    const bios = await get(ilo, `${root}/systems/1/bios${end}`);
    const registries = await get(ilo, `${root}/Registries${end}`);
    const member = (root === '/rest/v1' ? (registries['links'] as { Member: JsonObject[] }).Member : (registries['Members'] as JsonObject[]))[0]?.[link];
    const [location] = (await get(ilo, String(member)))['Location'] as { Uri: string | { extref: string } }[];
    const uri = typeof location?.Uri === 'string' ? location.Uri : (location?.Uri.extref ?? '');
    const { RegistryEntries: entries, RegistryPrefix: prefix } = (await get(ilo, uri)) as { RegistryEntries: { Attributes: JsonObject[] }; RegistryPrefix: string };
    expect(String(bios['AttributeRegistry']).startsWith(prefix)).toBe(true);
    expect(entries.Attributes.find((entry) => (entry['AttributeName'] ?? entry['Name']) === 'BootMode')).toMatchObject({
      Type: 'Enumeration', ReadOnly: false, Value: [{ ValueName: 'LegacyBios' }, { ValueName: 'Uefi' }],
    });
  });

  test('to look at it is not to look at its self test', async () => {
    await using ilo = await startIlo({ generation, name: 'vendor', post: { heldForReads: 1000 } });
    ilo.machine.power.switchOn();
    const before = ilo.machine.power.postState;
    await get(ilo, `${root}/ResourceDirectory${end}`);
    expect(ilo.machine.power.postState).toBe(before);
  });
});

describe.each([['gen9', '/rest/v1/AccountService/Accounts', '', 'Hp', []], ['gen10', '/redfish/v1/AccountService/Accounts', '/', 'Hpe', ['LoginPriv']]] as const)('users of %s', (generation, path, end, oem, least) => {
  test('are added, changed and removed', async () => {
    await using ilo = await start(generation);
    const { accounts } = ilo.machine;
    const user = { UserName: 'alice', Password: 'password12', Oem: { [oem]: { LoginName: 'Alice' } } };
    const added = await ask(ilo, `${path}${end}`, { method: 'POST', body: user });
    expect([added.status, added.headers['location']]).toEqual([201, expect.stringMatching(new RegExp(`${path}/2${end}$`))]);
    const alice = accounts.withLogin('alice');
    expect([alice?.name, [...(alice?.privileges ?? [])]]).toEqual(['Alice', least]);
    expect([await send(ilo, 'POST', `${path}${end}`, user), await send(ilo, 'POST', `${path}${end}`, { ...user, UserName: 'bob', Password: 'short' })]).toEqual([400, 400]);
    await send(ilo, 'PATCH', `${path}/2${end}`, { Oem: { [oem]: { Privileges: { LoginPriv: true, VirtualMediaPriv: true } } } });
    await send(ilo, 'PATCH', `${path}/2${end}`, { Oem: { [oem]: { Privileges: { VirtualMediaPriv: false } } } });
    expect([...(alice?.privileges ?? [])]).toEqual(['LoginPriv']);
    expect([await send(ilo, 'DELETE', `${path}/2${end}`, undefined), accounts.all.length]).toEqual([200, 1]);
    expect(ilo.activity.operations).toEqual({ 'add account': 3, 'change account': 2, 'remove account': 1 });
  });

  test('are twelve at most', async () => {
    await using ilo = await start(generation);
    const statuses: number[] = [];
    for (let index = 2; index <= 13; index += 1) statuses.push(await send(ilo, 'POST', `${path}${end}`, { UserName: `user${index}`, Password: 'password12' }));
    expect([statuses.at(-2), statuses.at(-1), ilo.machine.accounts.all.length]).toEqual([201, 400, 12]);
  });
});

test('a session is where its location says, in every style', async () => {
  for (const [generation, path] of [['gen9', '/rest/v1/Sessions'], ['gen9', '/redfish/v1/SessionService/Sessions/'], ['gen10', '/redfish/v1/SessionService/Sessions/']] as const) {
    await using ilo = await start(generation);
    const session = await ask(ilo, path, { method: 'POST', body: { UserName: ilo.username, Password: ilo.password }, anonymous: true });
    const location = new URL(String(session.headers['location'])).pathname;
    expect([location, await send(ilo, 'DELETE', location, undefined), ilo.activity.openSessions]).toEqual([expect.stringContaining(path), 200, 0]);
  }
});

test.each([['gen9', '/rest/v1/Systems/1', 'NIC.LOM.1.2.IPv4'], ['gen10', '/redfish/v1/Systems/1/', 'NIC.LOM.1.2.IPv4']] as const)(
  '%s boots by the path that was set before, when only the time is said',
  async (generation, path, name) => {
    await using ilo = await start(generation);
    await send(ilo, 'PATCH', path, { Boot: { UefiTargetBootSourceOverride: name } });
    expect(ilo.machine.boot.override).toMatchObject({ enabled: 'Disabled', target: 'None' });
    await send(ilo, 'PATCH', path, { Boot: { BootSourceOverrideEnabled: 'Once' } });
    expect(ilo.machine.boot.override).toMatchObject({ enabled: 'Once', target: 'UefiTarget', uefiTarget: name });
  },
);

test('iLO 4 takes the factory settings and the password of the BIOS among its settings, and media by an action of the drive', async () => {
  await using ilo = await start('gen9');
  const { bios, media } = ilo.machine;
  const settings = '/rest/v1/systems/1/bios/Settings';
  await send(ilo, 'PATCH', settings, { Sriov: 'Disabled' });
  await send(ilo, 'PUT', settings, { BaseConfig: 'default' });
  expect([bios.pending['Sriov'], 'BaseConfig' in bios.pending]).toEqual(['Enabled', false]);
  expect([await send(ilo, 'PATCH', settings, { AdminPassword: 'secret', OldAdminPassword: 'wrong' }), bios.adminPassword]).toEqual([400, undefined]);
  expect([await send(ilo, 'PATCH', settings, { AdminPassword: 'secret', OldAdminPassword: '' }), bios.adminPassword]).toEqual([200, 'secret']);
  expect((await ask(ilo, settings)).text).not.toContain('secret');
  const drive = '/rest/v1/Managers/1/VirtualMedia/2';
  const image = 'http://192.0.2.1/boot.iso';
  expect([await send(ilo, 'POST', drive, { Action: 'InsertVirtualMedia', Target: '/Oem/Hp', Image: image }), media.cdrom.image]).toEqual([200, image]);
  expect([await send(ilo, 'POST', drive, { Action: 'EjectVirtualMedia', Target: '/Oem/Hp' }), media.cdrom.image]).toEqual([200, undefined]);
  expect(await send(ilo, 'POST', drive, { Action: 'Nonsense' })).toBe(400);
});

import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { type IloOptions, startIlo, type VirtualIlo } from '../../src/simulator/index.js';
import { type Answer, ask, startStill } from './bench.js';

// The generations that speak REST, asked by hand.

type Rest = 'gen9' | 'gen10' | 'gen11';
const REDFISH: Readonly<Record<Rest, string>> = { gen9: '/redfish/v1/Systems/1/', gen10: '/redfish/v1/Systems/1/', gen11: '/redfish/v1/Systems/1' };

const start = (generation: IloOptions['generation'], options: Partial<IloOptions> = {}): Promise<VirtualIlo> => startIlo({ generation, name: 'rest', ...options });

/** Keys of the messages in an answer, whatever its style. */
function keys(answer: Answer): readonly string[] {
  const body = answer.json() as { error?: { '@Message.ExtendedInfo'?: Record<string, string>[] }; Messages?: Record<string, string>[] };
  const list = body.error?.['@Message.ExtendedInfo'] ?? body.Messages ?? [];
  return list.map((message) => (message['MessageId'] ?? message['MessageID'] ?? '').split('.').at(-1) ?? '');
}

const system = async (ilo: VirtualIlo, generation: Rest): Promise<Record<string, unknown>> => (await ask(ilo, REDFISH[generation])).json();

describe('who may read', () => {
  test.each(['gen9', 'gen10', 'gen11'] as const)('%s shows everybody its root and nothing else', async (generation) => {
    await using ilo = await start(generation);
    const root = await ask(ilo, '/redfish/v1/', { anonymous: true });
    expect([root.status, JSON.stringify(root.json())]).toEqual([200, expect.stringContaining(`"ManagerType":"iLO ${ilo.machine.identity.facts.iloNumber}"`)]);
    const denied = await ask(ilo, REDFISH[generation], { anonymous: true });
    expect([denied.status, keys(denied)]).toEqual([401, ['NoValidSession']]);
    const wrong = await ask(ilo, REDFISH[generation], { anonymous: true, headers: { Authorization: `Basic ${Buffer.from('Administrator:wrong').toString('base64')}` } });
    expect(wrong.status).toBe(401);
    expect(ilo.activity.authenticationAttempts).toBe(1);
  });

  test('a name says who may change what', async () => {
    await using ilo = await start('gen10', { users: [{ username: 'guest', password: 'guest-password', privileges: ['LoginPriv'] }] });
    const headers = { Authorization: `Basic ${Buffer.from('guest:guest-password').toString('base64')}` };
    const path = '/redfish/v1/Systems/1/Actions/ComputerSystem.Reset/';
    const denied = await ask(ilo, path, { method: 'POST', body: { ResetType: 'On' }, anonymous: true, headers });
    expect([denied.status, keys(denied), ilo.machine.power.isOn]).toEqual([403, ['InsufficientPrivilege'], false]);
    const own = await ask(ilo, '/redfish/v1/AccountService/Accounts/2/', { method: 'PATCH', body: { Password: 'new-password' }, anonymous: true, headers });
    expect(own.status).toBe(200);
  });
});

describe('sessions', () => {
  const login = (ilo: VirtualIlo, password = ilo.password): Promise<Answer> =>
    ask(ilo, '/redfish/v1/SessionService/Sessions/', { method: 'POST', body: { UserName: ilo.username, Password: password }, anonymous: true });

  test('are opened, used, counted and closed', async () => {
    await using ilo = await start('gen10', { mostSessions: 2 });
    const opened = await login(ilo);
    const token = String(opened.headers['x-auth-token']);
    const location = String(opened.headers['location']);
    expect([opened.status, location]).toEqual([201, expect.stringMatching(`^https://127\\.0\\.0\\.1:${ilo.port}/redfish/v1/SessionService/Sessions/[^/]+/$`)]);
    const headers = { 'X-Auth-Token': token };
    expect((await ask(ilo, REDFISH.gen10, { anonymous: true, headers })).status).toBe(200);
    await login(ilo);
    const third = await login(ilo);
    expect([third.status, keys(third)]).toEqual([503, ['SessionLimitExceeded']]);
    expect(ilo.activity).toMatchObject({ openSessions: 2, mostOpenSessions: 2, logins: 2, openConnections: 2 });
    expect((await ask(ilo, new URL(location).pathname, { method: 'DELETE', anonymous: true, headers })).status).toBe(200);
    expect((await ask(ilo, REDFISH.gen10, { anonymous: true, headers })).status).toBe(401);
    expect((await login(ilo, 'wrong-password')).status).toBe(401);
    expect(ilo.activity).toMatchObject({ openSessions: 1, mostOpenSessions: 2, logins: 2 });
  });

  test('end when nobody uses them, or at once', async () => {
    await using own = await startStill({ generation: 'gen10', behaviour: { sessionTimeoutMs: 1000 } });
    const { ilo, clock } = own;
    const headers = { 'X-Auth-Token': String((await login(ilo)).headers['x-auth-token']) };
    await clock.advance(900);
    expect((await ask(ilo, REDFISH.gen10, { anonymous: true, headers })).status).toBe(200);
    await clock.advance(900);
    expect((await ask(ilo, REDFISH.gen10, { anonymous: true, headers })).status).toBe(200);
    await clock.advance(1001);
    expect((await ask(ilo, REDFISH.gen10, { anonymous: true, headers })).status).toBe(401);
    await login(ilo);
    ilo.expireSessions();
    expect(ilo.activity.openSessions).toBe(0);
  });

  test('iLO 4 calls a wrong password a bad request', async () => {
    await using ilo = await start('gen9');
    const answer = await login(ilo, 'wrong-password');
    expect([answer.status, keys(answer)]).toEqual([400, ['UnauthorizedLoginAttempt']]);
  });
});

describe('paths', () => {
  test('iLO 5 wants a slash at the end, keeps method and body on the way, and knows the old root', async () => {
    await using ilo = await start('gen10');
    const moved = async (path: string): Promise<unknown> => {
      const { status, headers } = await ask(ilo, path, { anonymous: true });
      return [status, headers['location']];
    };
    expect(await moved('/redfish/v1')).toEqual([308, '/redfish/v1/']);
    expect(await moved('/redfish/v1/Systems/1?$expand=.')).toEqual([308, '/redfish/v1/Systems/1/?$expand=.']);
    expect(await moved('/rest/v1/Systems/1')).toEqual([308, '/redfish/v1/Systems/1']);
    expect((await ask(ilo, '/redfish')).json()).toEqual({ v1: '/redfish/v1/' });
  });

  test('iLO 6 has none, and takes both', async () => {
    await using ilo = await start('gen11');
    expect((await ask(ilo, '/redfish/v1/Systems/1/')).json()['@odata.id']).toBe('/redfish/v1/Systems/1');
    expect((await ask(ilo, '/rest/v1/Systems/1')).status).toBe(404);
  });

  test('the case does not matter, and links come in several', async () => {
    await using ilo = await start('gen10');
    expect((await ask(ilo, '/REDFISH/V1/SYSTEMS/1/BIOS/')).json()['@odata.id']).toBe('/redfish/v1/systems/1/bios/');
    ilo.behaviour.redirects = 'case';
    const { status, headers } = await ask(ilo, '/redfish/v1/Systems/1/Bios/');
    expect([status, headers['location']]).toEqual([308, '/redfish/v1/systems/1/bios/']);
    ilo.behaviour.redirects = 'loop';
    expect((await ask(ilo, REDFISH.gen10)).headers['location']).toBe(REDFISH.gen10);
    ilo.behaviour.redirects = 'elsewhere';
    expect((await ask(ilo, REDFISH.gen10)).headers['location']).toBe(`https://192.0.2.1${REDFISH.gen10}`);
  });

  test('what is not there is said with its place, what cannot be done with its name', async () => {
    await using ilo = await start('gen10');
    const missing = await ask(ilo, '/redfish/v1/Systems/2/');
    expect([missing.status, keys(missing), missing.text]).toEqual([404, ['ResourceMissingAtURI'], expect.stringContaining('/redfish/v1/Systems/2/')]);
    const wrong = await ask(ilo, '/redfish/v1/Systems/', { method: 'DELETE' });
    expect([wrong.status, wrong.headers['allow']]).toEqual([405, 'GET, HEAD']);
    expect((await ask(ilo, REDFISH.gen10, { method: 'PATCH', body: 'not json' })).status).toBe(400);
  });

  test('members can be read along, and the only one by itself', async () => {
    await using ilo = await start('gen10');
    const members = (await ask(ilo, '/redfish/v1/Systems/1/Processors/?$expand=.')).json()['Members'] as Record<string, unknown>[];
    expect(members.map((member) => member['TotalThreads'])).toEqual([16, 16]);
    expect((await ask(ilo, '/redfish/v1/Systems/?only')).json()['PowerState']).toBe('Off');
  });
});

describe('tags', () => {
  test('change with what is shown, and guard what is changed', async () => {
    await using ilo = await start('gen10');
    const before = await ask(ilo, REDFISH.gen10);
    const tag = String(before.headers['etag']);
    expect([tag, before.json()['@odata.etag'], (await ask(ilo, REDFISH.gen10)).headers['etag']]).toEqual([expect.stringMatching(/^W\/"[0-9A-F]{8}"$/), tag, tag]);
    const patch = (match: string): Promise<Answer> => ask(ilo, REDFISH.gen10, { method: 'PATCH', body: { AssetTag: 'new' }, headers: { 'If-Match': match } });
    expect((await patch(tag.replace('W/', ''))).status).toBe(200);
    const outdated = await patch(tag);
    expect([outdated.status, keys(outdated)]).toEqual([412, ['PreconditionFailed']]);
    expect((await ask(ilo, REDFISH.gen10)).headers['etag']).not.toBe(tag);
  });
});

describe('power', () => {
  const reset = (ilo: VirtualIlo, generation: Rest, type: string): Promise<Answer> =>
    ask(ilo, `${REDFISH[generation].replace(/\/$/, '')}/Actions/ComputerSystem.Reset${generation === 'gen11' ? '' : '/'}`, { method: 'POST', body: { ResetType: type } });

  test.each(['gen9', 'gen10', 'gen11'] as const)('%s: on, and not twice', async (generation) => {
    await using ilo = await start(generation);
    const seen: string[] = [];
    using _watch = ilo.machine.power.watch((change) => seen.push(change));
    expect([(await reset(ilo, generation, 'On')).status, (await system(ilo, generation))['PowerState']]).toEqual([200, 'On']);
    const again = await reset(ilo, generation, 'On');
    expect([again.status, keys(again), again.text]).toEqual([400, ['InvalidOperationForSystemState'], expect.stringContaining('Power is on')]);
    expect((await reset(ilo, generation, 'ForceRestart')).status).toBe(200);
    expect((await reset(ilo, generation, 'ForceOff')).status).toBe(200);
    const unknown = await reset(ilo, generation, 'Sideways');
    expect([unknown.status, keys(unknown)]).toEqual([400, ['PropertyValueNotInList']]);
    expect([seen, ilo.activity.changeCommands]).toEqual([['on', 'reset', 'off'], 4]);
  });

  test('the state of the self test stays until it was read twice', async () => {
    await using ilo = await start('gen10', { post: { inPostMs: 0, discoveryCompleteMs: 0, heldAtMostMs: 60_000 } });
    await reset(ilo, 'gen10', 'On');
    const state = async (): Promise<unknown> => ((await system(ilo, 'gen10'))['Oem'] as { Hpe: { PostState: string } }).Hpe.PostState;
    const states = [await state(), await state()];
    await expect.poll(state).toBe('FinishedPost');
    expect(states).toEqual(['InPost', 'InPost']);
  });

  test('settings cannot be changed during the self test', async () => {
    await using ilo = await start('gen10', { post: { heldAtMostMs: 60_000 } });
    await reset(ilo, 'gen10', 'On');
    const boot = await ask(ilo, REDFISH.gen10, { method: 'PATCH', body: { Boot: { BootSourceOverrideEnabled: 'Once', BootSourceOverrideTarget: 'Cd' } } });
    const bios = await ask(ilo, '/redfish/v1/systems/1/bios/settings/', { method: 'PATCH', body: { Attributes: { Sriov: 'Disabled' } } });
    expect([boot.status, keys(boot), keys(bios)]).toEqual([400, ['UnableToModifyDuringSystemPOST'], ['UnableToModifyDuringSystemPOST']]);
    const media = await ask(ilo, '/redfish/v1/Managers/1/VirtualMedia/2/', { method: 'PATCH', body: { Oem: { Hpe: { BootOnNextServerReset: true } } } });
    expect([media.status, ilo.machine.media.cdrom.bootsNext]).toEqual([200, true]);
  });
});

describe('what can be written', () => {
  test.each([
    ['gen10', { Boot: { BootSourceOverrideMode: 'Legacy' } }, 'PropertyNotWritable', 'BootSourceOverrideMode'],
    ['gen10', { PowerState: 'On' }, 'PropertyNotWritable', 'PowerState'],
    ['gen10', { Colour: 'red' }, 'PropertyNotWritableOrUnknown', 'Colour'],
    ['gen10', { Boot: { BootSourceOverrideTarget: 'Moon' } }, 'PropertyValueNotInList', 'Moon'],
    ['gen9', { Colour: 'red' }, 'PropertyUnknown', 'Colour'],
  ] as const)('%s refuses %j', async (generation, body, key, name) => {
    await using ilo = await start(generation);
    const answer = await ask(ilo, REDFISH[generation], { method: 'PATCH', body });
    expect([answer.status, keys(answer), answer.text]).toEqual([400, [key], expect.stringContaining(name)]);
    expect(ilo.activity.changeCommands).toBe(0);
  });

  test('iLO 4 calls `Inserted` of virtual media unknown', async () => {
    await using ilo = await start('gen9');
    const path = '/redfish/v1/Managers/1/VirtualMedia/2/';
    const answer = await ask(ilo, path, { method: 'PATCH', body: { Image: 'http://x/y.iso', Inserted: true }, headers: { 'OData-Version': '4.0' } });
    expect(answer.json()).toEqual({
      error: {
        '@Message.ExtendedInfo': [{ MessageArgs: ['Inserted'], MessageId: 'Base.0.10.PropertyUnknown' }],
        code: 'iLO.0.10.ExtendedInfo',
        message: 'See @Message.ExtendedInfo for more information.',
      },
    });
  });
});

describe('virtual media', () => {
  test.each<[string, IloOptions['generation'], Partial<IloOptions>, string, string, unknown, unknown]>([
    ['RIS', 'gen9', {}, '/rest/v1/Managers/1/VirtualMedia/2', '/rest/v1/Managers/1/VirtualMedia/2', { Image: 'http://x/y.iso' }, { Image: null }],
    [
      'the vendor', 'gen10', { firmwareVersion: '1.15' }, '/redfish/v1/Managers/1/VirtualMedia/2/Actions/Oem/Hpe/HpeiLOVirtualMedia.InsertVirtualMedia/',
      '/redfish/v1/Managers/1/VirtualMedia/2/Actions/Oem/Hpe/HpeiLOVirtualMedia.EjectVirtualMedia/', { Image: 'http://x/y.iso' }, {},
    ],
    [
      'the standard', 'gen11', {}, '/redfish/v1/Managers/1/VirtualMedia/2/Actions/VirtualMedia.InsertMedia',
      '/redfish/v1/Managers/1/VirtualMedia/2/Actions/VirtualMedia.EjectMedia', { Image: 'http://x/y.iso' }, {},
    ],
  ])('by %s', async (_style, generation, options, insert, eject, image, nothing) => {
    await using ilo = await start(generation, options);
    const method = insert.includes('Actions') ? 'POST' : 'PATCH';
    expect((await ask(ilo, insert, { method, body: image })).status).toBe(200);
    expect(ilo.machine.media.cdrom).toMatchObject({ image: 'http://x/y.iso', isConnected: true });
    const full = await ask(ilo, insert, { method, body: image });
    expect([full.status, keys(full)]).toEqual([400, ['MaxVirtualMediaConnectionEstablished']]);
    if (method === 'POST') expect((await ask(ilo, eject, { method, body: '' })).status).toBe(400);
    expect((await ask(ilo, eject, { method, body: nothing })).status).toBe(200);
    const empty = await ask(ilo, eject, { method, body: nothing });
    expect([empty.status, keys(empty)]).toEqual([400, ['NoVirtualMediaConnectionAvailable']]);
  });

  test('takes a licence and a URL', async () => {
    await using ilo = await start('gen10', { licence: 'standard' });
    const insert = (image: string): Promise<Answer> => ask(ilo, '/redfish/v1/Managers/1/VirtualMedia/2/Actions/VirtualMedia.InsertMedia/', { method: 'POST', body: { Image: image } });
    const denied = await insert('http://x/y.iso');
    expect([denied.status, keys(denied)]).toEqual([403, ['LicenseKeyRequired']]);
    await ask(ilo, '/redfish/v1/Managers/1/LicenseService/', { method: 'POST', body: { LicenseKey: 'XXXXX-XXXXX-XXXXX-XXXXX-XXXXX' } });
    expect(keys(await insert('y.iso'))).toEqual(['PropertyValueNotInList']);
    expect((await insert('http://x/y.iso')).status).toBe(200);
  });
});

describe('what differs by version', () => {
  test('early iLO 5 has its ports and actions among its own; late iLO 5 has a list of PCI links', async () => {
    const links = async (firmwareVersion: string): Promise<{ top: boolean; own: boolean; list: boolean; standard: boolean }> => {
      await using ilo = await start('gen10', { firmwareVersion });
      const shown = await system(ilo, 'gen10');
      const own = (shown['Oem'] as { Hpe: { Links: Record<string, unknown> } }).Hpe.Links;
      const media = (await ask(ilo, '/redfish/v1/Managers/1/VirtualMedia/2/')).json();
      return { top: 'EthernetInterfaces' in shown, own: 'EthernetInterfaces' in own, list: Array.isArray(own['PCIDevices']), standard: 'Actions' in media };
    };
    expect([await links('1.10'), await links('2.44'), await links('2.72')]).toEqual([
      { top: false, own: true, list: false, standard: false },
      { top: true, own: false, list: false, standard: true },
      { top: true, own: false, list: true, standard: true },
    ]);
  });

  test('iLO 4 gets RIS with 2.00 and Redfish with 2.30, and Gen8 has no BIOS there', async () => {
    const seen = async (generation: 'gen8' | 'gen9', firmwareVersion: string): Promise<readonly number[]> => {
      await using ilo = await start(generation, { firmwareVersion });
      const statuses: number[] = [];
      for (const path of ['/rest/v1', '/redfish/v1/', '/rest/v1/systems/1/bios']) statuses.push((await ask(ilo, path)).status);
      return statuses;
    };
    expect([await seen('gen8', '1.51'), await seen('gen9', '2.20'), await seen('gen9', '2.55'), await seen('gen8', '2.55')]).toEqual([
      [404, 404, 404], [200, 404, 200], [200, 200, 200], [200, 200, 404],
    ]);
  });

  test('early Redfish shows both styles, unless the client wants one', async () => {
    await using ilo = await start('gen9');
    const both = await ask(ilo, REDFISH.gen9);
    expect(both.json()).toMatchObject({
      '@odata.type': '#ComputerSystem.1.0.1.ComputerSystem', Type: 'ComputerSystem.1.0.1', Power: 'Off', PowerState: 'Off', links: { self: { href: REDFISH.gen9 } },
      Links: { Chassis: [{ '@odata.id': '/redfish/v1/Chassis/1/' }] },
      Oem: { Hp: { links: { BIOS: { href: '/redfish/v1/systems/1/bios/' } }, Links: { BIOS: { '@odata.id': '/redfish/v1/systems/1/bios/' } } } },
    });
    const strict = (await ask(ilo, REDFISH.gen9, { headers: { 'OData-Version': '4.0' } })).text;
    expect([strict.includes('"links"'), strict.includes('"Type"'), strict.includes('"Power"'), strict.includes('"PowerState"')]).toEqual([false, false, false, true]);
    const error = await ask(ilo, '/redfish/v1/Nothing/');
    expect(error.json()).toMatchObject({ Messages: [{ MessageID: 'Base.0.10.ResourceMissingAtURI' }], error: { '@Message.ExtendedInfo': [{ MessageID: 'Base.0.10.ResourceMissingAtURI' }] } });
    expect((await ask(ilo, '/rest/v1/Nothing')).json()).toEqual({
      Messages: [{ MessageArgs: ['/rest/v1/Nothing'], MessageID: 'Base.0.10.ResourceMissingAtURI' }], Name: 'Extended Error Information', Type: 'ExtendedError.0.9.6',
    });
  });

  test('iLO 6 has volumes instead of its own drives', async () => {
    await using ilo = await start('gen11');
    expect((await ask(ilo, '/redfish/v1/Systems/1/SmartStorage')).status).toBe(404);
    expect(JSON.stringify(await system(ilo, 'gen11'))).not.toContain('SmartStorage');
    const volumes = '/redfish/v1/Systems/1/Storage/DE00A000/Volumes';
    const [member] = (await ask(ilo, volumes)).json()['Members'] as { '@odata.id': string }[];
    expect((await ask(ilo, member?.['@odata.id'] ?? '', { method: 'DELETE' })).status).toBe(200);
    const drives = [0, 1].map((id) => ({ '@odata.id': `/redfish/v1/Chassis/DE00A000/Drives/${id}` }));
    const created = await ask(ilo, volumes, { method: 'POST', body: { RAIDType: 'RAID1', Links: { Drives: drives } } });
    expect([created.status, created.headers['location'], ilo.machine.storage.logicalDrives[0]?.level]).toEqual([201, expect.stringContaining(`${volumes}/1`), '1']);
    const erase = await ask(ilo, '/redfish/v1/Chassis/DE00A000/Drives/2/Actions/Drive.SecureErase', { method: 'POST', body: '' });
    expect([erase.status, ilo.machine.storage.drives[2]?.erase]).toEqual([200, 'EraseInProgress']);
  });
});

test('a password of the BIOS has to come along at Gen9', async () => {
  await using ilo = await start('gen9');
  ilo.machine.bios.adminPassword = 'secret';
  const patch = (headers: Record<string, string>): Promise<Answer> => ask(ilo, '/rest/v1/systems/1/bios/Settings', { method: 'PATCH', body: { Sriov: 'Disabled' }, headers });
  expect((await patch({})).status).toBe(403);
  const digest = createHash('sha256').update('secret').digest('hex').toUpperCase();
  expect([(await patch({ 'X-HPRESTFULAPI-AuthToken': digest })).status, ilo.machine.bios.pending['Sriov']]).toEqual([200, 'Disabled']);
});

test('events are sent to those who asked', async () => {
  await using ilo = await start('gen10');
  const body = { Destination: 'https://192.0.2.9/events', EventTypes: ['Alert'], Context: 'ferric', Protocol: 'Redfish' };
  const created = await ask(ilo, '/redfish/v1/EventService/Subscriptions/', { method: 'POST', body });
  const path = new URL(String(created.headers['location'])).pathname;
  expect((await ask(ilo, path)).json()).toMatchObject(body);
  expect((await ask(ilo, path, { method: 'DELETE' })).status).toBe(200);
  expect((await ask(ilo, path)).status).toBe(404);
});

test('answers can be compressed although nobody asked', async () => {
  await using ilo = await start('gen9');
  const plain = await ask(ilo, '/rest/v1');
  ilo.behaviour.gzip = 'labelled';
  const labelled = await ask(ilo, '/rest/v1');
  expect([labelled.headers['content-encoding'], gunzipSync(labelled.bytes).toString()]).toEqual(['gzip', plain.text]);
  ilo.behaviour.gzip = 'unlabelled';
  const unlabelled = await ask(ilo, '/rest/v1');
  expect([unlabelled.headers['content-encoding'], gunzipSync(unlabelled.bytes).toString()]).toEqual([undefined, plain.text]);
});

test('each link that is shown leads somewhere', async () => {
  for (const generation of ['gen9', 'gen10', 'gen11'] as const) {
    await using ilo = await start(generation);
    const seen = new Set<string>();
    const left = ['/redfish/v1/', ...(generation === 'gen9' ? ['/rest/v1'] : [])];
    for (let path = left.pop(); path !== undefined; path = left.pop()) {
      if (seen.has(path)) continue;
      seen.add(path);
      let answer = await ask(ilo, path);
      if (answer.status === 308) answer = await ask(ilo, String(answer.headers['location']));
      expect(`${generation} ${path} ${answer.status}`).toBe(`${generation} ${path} 200`);
      for (const [, found = ''] of answer.text.matchAll(/"(?:@odata\.id|href)":"([^"#]+)"/g)) left.push(found);
    }
    expect(seen.size).toBeGreaterThan(50);
  }
}, 60_000);

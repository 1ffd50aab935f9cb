import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { optionIssues } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { Counter } from '../../src/simulator/activity.js';
import { GENERATIONS, type IloOptions, startIlo } from '../../src/simulator/index.js';
import { ask, openSocket, startStill } from './bench.js';

describe('what cannot be', () => {
  test.each<[field: string, options: Partial<IloOptions>]>([
    ['generation', { generation: 'gen7' as never }],
    ['port', { port: 65_536 }],
    ['mostSessions', { mostSessions: 0 }],
    ['tls', { tls: 'ancient' as never }],
    ['bootModes', { bootModes: 'none' as never }],
    ['bootMode', { bootMode: 'both' as never }],
    ['licence', { licence: 'free' as never }],
    ['firmwareVersion', { firmwareVersion: 'newest' }],
    ['username', { username: '' }],
    ['post.inPostMs', { post: { inPostMs: Number.NaN } }],
    ['resetDurations.offlineMs', { resetDurations: { offlineMs: -1 } }],
    ['updateMs', { updateMs: Number.POSITIVE_INFINITY }],
    ['delayMs', { behaviour: { delayMs: -1 } }],
    ['sessionTimeoutMs', { behaviour: { sessionTimeoutMs: 0 } }],
  ])('%s is named', async (field, options) => {
    const error = await startIlo({ generation: 'gen10', ...options }).then(() => undefined, (reason: unknown) => reason);
    expect(optionIssues(error).map((issue) => issue.field)).toEqual([field]);
  });

  test('two at one port', async () => {
    await using first = await startIlo({ generation: 'gen10' });
    await expect(startIlo({ generation: 'gen10', port: first.port })).rejects.toMatchObject({ code: 'CONFLICT', details: { port: first.port } });
  });
});

test('one name makes one machine, another name another', async () => {
  await using first = await startIlo({ generation: 'gen10', name: 'a' });
  await using second = await startIlo({ generation: 'gen10', name: 'a' });
  await using third = await startIlo({ generation: 'gen10', name: 'b' });
  const facts = ({ machine }: typeof first): unknown => [machine.identity.serialNumber, machine.identity.uuid, machine.hardware.networkPorts.map(({ macAddress }) => macAddress)];
  expect(facts(first)).toEqual(facts(second));
  expect(facts(first)).not.toEqual(facts(third));
  expect(first.password).not.toBe(second.password);
});

describe('encryption', () => {
  test('modern: its own certificate, of its own name and address', async () => {
    await using ilo = await startIlo({ generation: 'gen10' });
    const socket = await openSocket(ilo, { ca: [ilo.certificate] });
    const certificate = new X509Certificate(ilo.certificate);
    expect([socket.authorized, socket.getProtocol()]).toEqual([true, 'TLSv1.3']);
    expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(certificate.fingerprint256.replaceAll(':', '').toLowerCase()).toBe(ilo.fingerprint.toLowerCase());
    expect(certificate.subject).toContain(`ILO${ilo.machine.identity.serialNumber}`);
    socket.destroy();
    await expect(openSocket(ilo, { maxVersion: 'TLSv1.1', minVersion: 'TLSv1' })).rejects.toThrow(/SSL|TLS|ssl/);
  });

  test('legacy: nothing that is on by default today', async () => {
    await using ilo = await startIlo({ generation: 'gen8', tls: 'legacy' });
    await expect(openSocket(ilo, { rejectUnauthorized: false })).rejects.toThrow(/SSL|TLS|ssl/);
    await expect(openSocket(ilo, { rejectUnauthorized: false, minVersion: 'TLSv1' })).rejects.toThrow(/SSL|TLS|ssl/);
    const socket = await openSocket(ilo, { rejectUnauthorized: false, minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' });
    const certificate = socket.getPeerX509Certificate();
    expect([socket.getProtocol(), certificate?.publicKey.asymmetricKeyDetails?.modulusLength]).toEqual(['TLSv1', 1024]);
    expect(certificate?.fingerprint256.replaceAll(':', '').toLowerCase()).toBe(ilo.fingerprint.toLowerCase());
    socket.destroy();
  });
});

describe('away', () => {
  test('a new start of the iLO ends sessions and media, and leaves the machine alone', async () => {
    await using still = await startStill({ generation: 'gen10', resetDurations: { leaveMs: 10, offlineMs: 100, startingMs: 100 } });
    const { ilo, clock } = still;
    ilo.machine.power.put(true);
    ilo.machine.media.insert('cdrom', 'http://x/y.iso', { overwrite: false, connect: true });
    await ask(ilo, '/redfish/v1/SessionService/Sessions/', { method: 'POST', body: { UserName: ilo.username, Password: ilo.password }, anonymous: true });
    const answer = await ask(ilo, '/redfish/v1/Managers/1/Actions/Manager.Reset/', { method: 'POST', body: {} });
    expect([answer.status, answer.text]).toEqual([200, expect.stringContaining('ResetInProgress')]);
    await clock.advance(10);
    await expect(openSocket(ilo)).rejects.toThrow(/ECONNREFUSED/);
    await clock.advance(100);
    await expect.poll(async () => (await ask(ilo, '/redfish/v1/').catch(() => undefined))?.status).toBe(503);
    await clock.advance(100);
    expect((await ask(ilo, '/redfish/v1/')).status).toBe(200);
    expect([ilo.activity.openSessions, ilo.machine.media.cdrom.image, ilo.machine.power.isOn]).toEqual([0, undefined, true]);
  });

  test.each(GENERATIONS)('%s can be unplugged and put back', async (generation) => {
    await using ilo = await startIlo({ generation });
    const connected = await openSocket(ilo);
    const ended = once(connected, 'close');
    await ilo.unplug();
    await ended;
    await expect(openSocket(ilo)).rejects.toThrow(/ECONNREFUSED/);
    await ilo.plugIn();
    (await openSocket(ilo)).destroy();
  });
});

test('each generation has its interfaces', async () => {
  const statuses: Record<string, readonly number[]> = {};
  for (const generation of GENERATIONS) {
    await using ilo = await startIlo({ generation });
    const get = async (path: string): Promise<number> => (await ask(ilo, path, { anonymous: true })).status;
    statuses[generation] = [await get('/redfish/v1/'), await get('/rest/v1'), await get('/xmldata?item=all')];
    const script = await ask(ilo, '/ribcl', { method: 'POST', body: '<?xml version="1.0"?><RIBCL VERSION="2.0"/>', anonymous: true });
    expect([generation, script.text.includes('RIBCLI is disabled')]).toEqual([generation, generation === 'gen11']);
  }
  expect(statuses).toEqual({ gen8: [404, 404, 200], gen9: [200, 200, 200], gen10: [200, 308, 200], gen11: [200, 404, 200] });
});

test('what it tells everybody by XML', async () => {
  await using ilo = await startIlo({ generation: 'gen8', name: 'xml' });
  const all = await ask(ilo, '/xmldata?item=All', { anonymous: true });
  const key = await ask(ilo, '/xmldata?item=cpqkey', { anonymous: true });
  expect([all.text, key.text]).toEqual([expect.stringContaining(`<cUUID>${ilo.machine.identity.uuid}</cUUID>`), expect.stringContaining('<LNAME>iLO Advanced</LNAME>')]);
  ilo.behaviour.xmldata = false;
  expect((await ask(ilo, '/xmldata?item=all', { anonymous: true })).status).toBe(404);
});

test('the content type can be wrong', async () => {
  await using ilo = await startIlo({ generation: 'gen10', behaviour: { contentType: 'text/html' } });
  const answer = await ask(ilo, '/redfish/v1/');
  expect([answer.headers['content-type'], answer.json()['Id']]).toEqual(['text/html', 'RootService']);
});

test('people are told of each request, without secrets', async () => {
  const lines: string[] = [];
  await using ilo = await startIlo({ generation: 'gen10', password: 'do-not-tell', onLine: (line) => lines.push(line) });
  await ask(ilo, '/redfish/v1/Systems/1/?token=do-not-tell');
  await ask(ilo, '/redfish/v1/SessionService/Sessions/', { method: 'POST', body: { UserName: ilo.username, Password: ilo.password }, anonymous: true });
  const commands = '<GET_VM_STATUS DEVICE="Floppy"/><LICENSE DEVICE="do-not-tell"><ACTIVATE KEY="do-not-tell"/></LICENSE><DO_NOT_TELL/>';
  const script = `<?xml version="1.0"?>\r\n<RIBCL VERSION="2.0"><LOGIN USER_LOGIN="${ilo.username}" PASSWORD="do-not-tell"><RIB_INFO MODE="write">${commands}</RIB_INFO></LOGIN></RIBCL>`;
  await ask(ilo, '/ribcl', { method: 'POST', body: script });
  await ask(ilo, '/ribcl', { method: 'POST', body: '<RIBCL' });
  await ask(ilo, '/ribcl', { method: 'POST', body: '<?xml version="1.0"?><RIBCL VERSION="2.0"></RIBCL>' });
  expect(lines).toEqual([
    'GET /redfish/v1/Systems/1/: 200',
    'POST /redfish/v1/SessionService/Sessions/: 201',
    'POST /ribcl GET_VM_STATUS FLOPPY, LICENSE, an unknown command: 200',
    'POST /ribcl syntax error: 200',
    'POST /ribcl no command: 200',
  ]);
});

test('changes are remembered in their order, also those that are refused', async () => {
  await using ilo = await startIlo({ generation: 'gen9' });
  const reset = (ResetType: string): Promise<unknown> => ask(ilo, '/rest/v1/Systems/1', { method: 'POST', body: { Action: 'Reset', ResetType } });
  await reset('ForceRestart');
  await reset('On');
  await ask(ilo, '/rest/v1/Managers/1/VirtualMedia/2', { method: 'PATCH', body: { Image: 'http://192.0.2.1/boot.iso' } });
  expect(ilo.activity.latestOperations).toEqual(['reset server', 'power on', 'insert media']);

  const counter = new Counter();
  counter.change('power off');
  for (let count = 0; count < 1000; count += 1) counter.change('power on');
  expect([counter.changes, counter.latest.length, counter.latest[0]]).toEqual([1001, 1000, 'power on']);
});

test('exchanges and connections are counted', async () => {
  await using ilo = await startIlo({ generation: 'gen10', behaviour: { delayMs: 50 } });
  await Promise.all([ask(ilo, '/redfish/v1/'), ask(ilo, '/redfish/v1/'), ask(ilo, '/redfish/v1/')]);
  expect(ilo.activity).toMatchObject({ mostConcurrentExchanges: 3, requests: 3, changeCommands: 0 });
  await expect.poll(() => ilo.activity.openConnections).toBe(0);
});

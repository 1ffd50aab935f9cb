import { findFile, run } from '@ferric/lab';
import { beforeAll, expect, test } from 'vitest';
import { startIlo, type VirtualIlo } from '../../src/simulator/index.js';

// The DMTF's own command reads every generation that has Redfish, also the early one of iLO 4.

let tool = '';
beforeAll(() => {
  tool = findFile('redfishtool', '/usr/bin/redfishtool');
});

/** Runs the command as a user would; the environment's authorities would win over its own choice not to verify. */
async function ask(ilo: VirtualIlo, ...args: readonly string[]): Promise<string> {
  const access = ['-r', `${ilo.host}:${ilo.port}`, '-u', ilo.username, '-p', ilo.password, '-S', 'Always'];
  return run('/usr/bin/env', ['-u', 'REQUESTS_CA_BUNDLE', '-u', 'CURL_CA_BUNDLE', tool, ...access, ...args], { timeoutMs: 30_000 });
}

test.each(['gen9', 'gen10', 'gen11'] as const)('redfishtool reads %s and drives it', async (generation) => {
  await using ilo = await startIlo({ generation, name: 'tool', post: { heldForReads: 0 } });
  const read = async (...args: readonly string[]): Promise<unknown> => JSON.parse(await ask(ilo, ...args)) as unknown;
  expect(await read('root')).toMatchObject({ UUID: ilo.machine.identity.uuid.toLowerCase() });
  expect(await ask(ilo, '-A', 'Session', 'Systems', 'list')).toContain('Systems/1');
  expect(await ask(ilo, '-A', 'Basic', 'Systems', '-I', '1', '-P', 'PowerState')).toContain('"PowerState": "Off"');
  await ask(ilo, '-A', 'Session', 'Systems', '-I', '1', 'setBootOverride', 'Once', 'Pxe');
  expect(ilo.machine.boot.override).toMatchObject({ enabled: 'Once', target: 'Pxe' });
  await ask(ilo, 'Systems', '-I', '1', 'reset', 'On');
  await expect.poll(() => ilo.machine.boot.records.map(({ source }) => source), { timeout: 5000 }).toEqual(['pxe']);
  expect(await read('Systems', '-I', '1', 'Processors')).toMatchObject({ 'Members@odata.count': 2 });
  expect(await read('Systems', '-I', '1', 'EthernetInterfaces')).toMatchObject({ 'Members@odata.count': 4 });
  expect(await read('Systems', '-I', '1', 'Logs')).toMatchObject({ 'Members@odata.count': 1 });
  expect(await read('Chassis', '-I', '1', 'Thermal')).toMatchObject({ Fans: { length: 4 }, Temperatures: { length: 4 } });
  expect(await read('Chassis', '-I', '1', 'Power')).toMatchObject({ PowerSupplies: { length: 2 } });
  expect(await read('Managers', '-I', '1', 'NetworkProtocol')).toMatchObject({ IPMI: { ProtocolEnabled: false } });
  expect(await read('AccountService', 'Accounts')).toMatchObject({ 'Members@odata.count': 1 });
  expect(await read('SessionService')).toMatchObject({ ServiceEnabled: true });
  await expect(ask(ilo, '-p', 'wrong-password', 'Systems', '-I', '1')).rejects.toThrow('401');
  expect(ilo.activity).toMatchObject({ openSessions: 0, mostOpenSessions: 1, logins: 2, operations: { 'set boot override': 1, 'power on': 1 } });
});

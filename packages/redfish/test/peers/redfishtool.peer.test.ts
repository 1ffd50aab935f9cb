import { findFile, run } from '@ferric/lab';
import { expect, test } from 'vitest';
import { createRedfishClient, findSystem, resetSystem, setBootOverride, setIdentifyLight } from '../../src/index.js';
import { type PeerService, startPeerService, USER } from './peer-service.js';

/** One run of DMTF's command-line client, which logs in and out by itself. */
async function redfishtool({ service }: PeerService, ...command: readonly string[]): Promise<unknown> {
  const tool = findFile('redfishtool', '/usr/bin/redfishtool');
  const options = ['-r', service.address, '-S', 'Never', '-n', '-A', 'Session', '-u', USER.username, '-p', USER.password];
  const output = await run(tool, [...options, ...command]);
  return output.trim() === '' ? undefined : (JSON.parse(output) as unknown);
}

test('redfishtool and this client read the same system and send the same changes', async () => {
  await using theirs = await startPeerService();
  await using ours = await startPeerService();
  const client = createRedfishClient({ url: ours.service.url, ...USER });
  const system = await findSystem(client);
  expect(system.body).toEqual(await redfishtool(theirs, 'Systems', '-1'));

  await redfishtool(theirs, 'Systems', '-1', 'reset', 'ForceRestart');
  await resetSystem(client, system, 'ForceRestart');
  await redfishtool(theirs, 'Systems', '-1', 'setBootOverride', 'Once', 'Pxe');
  await setBootOverride(client, system, { enabled: 'Once', target: 'Pxe' });
  await redfishtool(theirs, 'Systems', '-1', 'setIndicatorLed', 'Lit');
  await setIdentifyLight(client, system, 'on');
  await client[Symbol.asyncDispose]();
  expect(ours.changes).toHaveLength(3);
  expect(ours.changes).toEqual(theirs.changes);
  expect([ours.sessions.open.size, theirs.sessions.open.size, ours.sessions.logins]).toEqual([0, 0, 1]);
});

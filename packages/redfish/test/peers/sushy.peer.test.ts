import { fileURLToPath } from 'node:url';
import { findFile, run } from '@ferric/lab';
import { expect, test } from 'vitest';
import {
  changeBios, createRedfishClient, decodeBootOverride, decodeManagerFacts, decodeSystemFacts, decodeSystemPower, findManager, findSystem, readBios, readPendingBios, readSecureBoot,
  readVirtualMedia, resetSecureBootKeys, resetSystem, resetTypes, setBootOverride, setSecureBoot,
} from '../../src/index.js';
import { startPeerService, USER } from './peer-service.js';

const SCRIPT = fileURLToPath(new URL('./sushy_client.py', import.meta.url));

// Debian has no Redfish service that could be started. So the same recorded resources are given to OpenStack's client and to ours: both have to read the
// same values, and to ask for the same changes in the same way.
test('sushy and this client read the same values and send the same changes', async () => {
  findFile('python3-sushy', '/usr/lib/python3/dist-packages/sushy/__init__.py');
  await using theirs = await startPeerService();
  const expected = JSON.parse(await run('/usr/bin/python3', [SCRIPT], { input: JSON.stringify({ url: theirs.service.url, ...USER }) })) as Record<string, unknown>;
  expect(theirs.sessions.open.size).toBe(0);

  await using ours = await startPeerService();
  const client = createRedfishClient({ url: ours.service.url, ...USER });
  const system = await findSystem(client);
  const manager = await findManager(client, system);
  const drives = await readVirtualMedia(client, manager);
  const bios = await readBios(client, system);
  const secureBoot = await readSecureBoot(client, system);
  const { hostName = null, manufacturer, uuid, biosVersion, memoryGib } = decodeSystemFacts(system);
  const boot = decodeBootOverride(system);
  expect({
    hostName, manufacturer, uuid, biosVersion, memoryGib,
    power: decodeSystemPower(system).state,
    bootEnabled: boot.enabled,
    bootTarget: boot.target,
    bootTargets: boot.targets.toSorted(),
    resets: resetTypes(system).toSorted(),
    bios: bios.attributes,
    pendingBios: await readPendingBios(client, bios),
    secureBoot: secureBoot.next,
    secureBootMode: secureBoot.mode,
    managerFirmware: decodeManagerFacts(manager).firmwareVersion,
    drives: drives.map(({ mediaTypes, image, inserted }) => [mediaTypes.toSorted(), image ?? null, inserted]),
    memberPaths: drives.map(({ resource }) => resource.path.replace(/\/$/, '')),
  }).toEqual(expected);

  await resetSystem(client, system, 'ForceOff');
  await setBootOverride(client, system, { enabled: 'Once', target: 'Cd' });
  await changeBios(client, bios, { BootMode: 'LegacyBios' });
  await setSecureBoot(client, secureBoot, true);
  await resetSecureBootKeys(client, secureBoot, 'DeletePK');
  await client[Symbol.asyncDispose]();
  expect(ours.changes).toHaveLength(5);
  expect(ours.changes).toEqual(theirs.changes);
  expect([ours.sessions.open.size, ours.sessions.logins]).toEqual([0, 1]);
});

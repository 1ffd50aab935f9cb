import { findFile } from '@ferric/lab';
import { beforeAll, expect, test } from 'vitest';
import { startIlo } from '../../src/simulator/index.js';
import { type CallResult, type Failure, runClient, unexplained, valueOf } from './simulator-bench.js';

// A client of plain Redfish, which knows nothing of the vendor, on the two generations that claim to conform.

const IMAGE = 'http://192.0.2.1/boot.iso';

const FAILURES: readonly Failure[] = [
  { calls: ['set boot source with a mode'], error: 'BadRequestError', says: 'PropertyNotWritable', because: 'the mode belongs to the BIOS' },
  { calls: ['insert again'], error: 'BadRequestError', says: 'MaxVirtualMediaConnectionEstablished', because: 'the drive is full' },
  { calls: ['power on again'], error: 'BadRequestError', says: 'InvalidOperationForSystemState', because: 'the machine is on' },
  { calls: ['simple update'], error: 'MissingHeaderError', says: 'did not contain a Location header', because: 'the iLO shows an update at its service, without a task' },
  { calls: ['wrong password'], error: 'AccessError', says: 'UnauthorizedLoginAttempt', because: 'the password is wrong' },
];
const NO_VOLUMES: Failure = {
  calls: ['delete volume', 'create volume'],
  error: 'IndexError',
  says: 'out of range',
  because: 'the drives of iLO 5 are behind its own resource, not behind the standard one',
};

beforeAll(() => {
  findFile('python3-sushy', '/usr/lib/python3/dist-packages/sushy/main.py');
});

test.each([
  ['gen10', '/', [...FAILURES, NO_VOLUMES], []],
  ['gen11', '', FAILURES, [3]],
] as const)('%s is a Redfish service', async (generation, end, failures, storage) => {
  await using ilo = await startIlo({ generation, name: 'plain' });
  const drives = [0, 1].map((id) => `/redfish/v1/Chassis/DE00A000/Drives/${id}`);
  const url = `https://${ilo.host}:${ilo.port}`;
  const told = { url, user: ilo.username, password: ilo.password, end, imageUrl: IMAGE, firmwareUrl: 'http://192.0.2.1/ilo6_160.bin', drives };
  const results = await runClient<CallResult[]>('simulator_sushy.py', told, 60_000);
  expect(unexplained(results, failures)).toEqual([]);
  const expected = {
    identity: ['HPE', 'PowerState.OFF', 32],
    processors: [32, 'ProcessorArchitecture.X86'],
    ethernet: 4,
    'boot source': ['BootSource.CD', 'BootSourceOverrideEnabled.ONCE'],
    image: [IMAGE, true],
    bios: 'Enabled',
    'pending bios': 'Disabled',
    'bios after': 'Disabled',
    'secure boot': false,
    'secure boot after': true,
    'power state': 'PowerState.ON',
    'power supplies': 2,
    storage,
  };
  expect(Object.fromEntries(Object.keys(expected).map((name) => [name, valueOf(results, name)]))).toEqual(expected);
  expect(ilo.machine.boot.records.map(({ source }) => source)).toEqual(['cdrom']);
  expect(ilo.machine.power.nonMaskableInterrupts).toBe(1);
  expect(ilo.machine.identifyLight).toBe('On');
  expect(ilo.activity).toMatchObject({ openSessions: 0, mostOpenSessions: 1, logins: 1, authenticationAttempts: 2 });
  if (generation === 'gen11') expect(ilo.machine.storage.logicalDrives).toMatchObject([{ name: 'root', level: '1', drives: ['1I:1:1', '1I:1:2'] }]);
});

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { databaseFiles, type RunningConductor, startConductor } from '../support/conductor.js';
import { dumpDatabase, type StoredValue } from '../support/database.js';
import { loadInstalledDrivers } from '../support/driver-packages.js';
import { findLeaks, Planter, type Witnessed } from '../support/planted-secrets.js';
import { exerciseNode } from '../support/secret-exercise.js';
import { createTemporaryFolder, type TemporaryFolder } from '../support/temporary-folder.js';

const planter = new Planter();
const answers: Witnessed[] = [];
const exercised: string[] = [];
const hardwareTypes: string[] = [];
let temporary: TemporaryFolder;
let dataDir: string;
let conductor: RunningConductor;
let stream: string;
let dump: readonly StoredValue[];

const ARGS = [
  '--log-level', 'debug', '--device-timeout-ms', '700', '--power-change-timeout-ms', '700', '--power-sync-interval-ms', '300', '--power-sync-timeout-ms', '300',
  '--power-sync-max-failures', '1000', '--public-endpoint', 'http://conductor.example',
];

beforeAll(async () => {
  temporary = await createTemporaryFolder();
  dataDir = join(temporary.path, 'data');
  conductor = await startConductor({
    dataDir,
    args: ARGS,
    headers: {
      Authorization: `Bearer ${planter.text('Authorization header', { kept: false, plain: true })}`,
      'X-Auth-Token': planter.text('X-Auth-Token header', { kept: false, plain: true }),
      Cookie: `session=${planter.text('cookie', { kept: false, plain: true })}`,
    },
    witness: (request, answer) => answers.push({ source: `the answer to ${maskRequest(request)}`, text: `${[...answer.headers].flat().join('\n')}\n${answer.text}` }),
  });
  const events = await fetch(`${conductor.api.url}/ferric/v1/events`);
  const received = events.text();

  const { drivers } = (await conductor.api.call('GET', '/v1/drivers')) as unknown as { drivers: readonly { name: string }[] };
  hardwareTypes.push(...drivers.map((driver) => driver.name));
  for (const { parts, machines } of await loadInstalledDrivers()) {
    for (const startMachine of machines) {
      await using machine = await startMachine();
      await exerciseNode({ api: conductor.api, planter, drivers: parts.drivers, machine, startMachine, name: `planted-${exercised.length}` });
      exercised.push(machine.hardwareType);
    }
  }
  await conductor.stop();
  stream = await received;
  const { store } = databaseFiles(dataDir);
  dump = dumpDatabase(store);
}, 300_000);

afterAll(async () => {
  await conductor[Symbol.asyncDispose]();
  await temporary[Symbol.asyncDispose]();
});

/** The query holds planted secrets itself. */
function maskRequest(request: string): string {
  return request.replace(/\?.*/, '?...');
}

describe('planted secrets', () => {
  test('were planted in nodes of every installed hardware type, and answered masked', () => {
    expect(exercised.toSorted()).toEqual(hardwareTypes.toSorted());
    expect(planter.secrets.length).toBeGreaterThan(200 * exercised.length);
    expect(new Set(planter.secrets.flatMap(({ forms }) => forms)).size).toBe(planter.secrets.flatMap(({ forms }) => forms).length);
    expect(answers.filter(({ text }) => text.includes('******')).length).toBeGreaterThan(50);
    console.log(`${planter.secrets.length} secrets were searched for in ${answers.length} answers, ${conductor.program.stderr.length} lines of log and ${dump.length} stored values`);
  });

  test('show in no answer of the API', () => {
    expect(findLeaks(planter.secrets, answers)).toEqual([]);
  });

  test('show in no line of the debug log, nor on standard output', () => {
    const lines = [...conductor.program.stderr, ...conductor.program.stdout].map((text) => ({ source: `the log line ${text.slice(0, 300)}`, text }));
    expect(conductor.log().filter((line) => line['level'] === 20).length).toBeGreaterThan(100);
    expect(findLeaks(planter.secrets, lines)).toEqual([]);
  });

  test('show in no event of the stream', () => {
    // The machines went everywhere: otherwise little was shown.
    const reached = new Set([...stream.matchAll(/"from":"[^"]*","to":"([^"]*)"/g)].map(([, state]) => state));
    expect([...reached]).toEqual(expect.arrayContaining(['manageable', 'available', 'active', 'rescue', 'deploy failed', 'error']));
    const types = new Set([...stream.matchAll(/^event: (.*)$/gm)].map(([, type]) => type));
    expect([...types]).toEqual(expect.arrayContaining(['power-changed', 'power-failed', 'step-finished', 'vendor-method-called', 'vendor-method-failed']));
    for (const passed of ['clean step 1 of 1: management.activate_license', 'clean step management.reset_ilo_credential finished']) expect(stream).toContain(passed);
    expect(findLeaks(planter.secrets, stream.split('\n\n').map((text) => ({ source: 'the event stream', text })))).toEqual([]);
  });

  test('are stored in one place only, and those of refused requests nowhere', () => {
    const vault = dump.filter(({ table, column }) => table === 'nodes' && column === 'secrets');
    const elsewhere = dump.filter((value) => !vault.includes(value));
    expect(findLeaks(planter.secrets, elsewhere.map(({ table, column, text }) => ({ source: `column ${column} of table ${table}`, text })))).toEqual([]);
    expect(findLeaks(planter.secrets.filter((secret) => !secret.kept), vault.map(({ text }) => ({ source: 'nodes.secrets', text })))).toEqual([]);
    // The search would see one that is there.
    expect(findLeaks(planter.secrets, vault.map(({ text }) => ({ source: 'nodes.secrets', text }))).length).toBeGreaterThan(20);
  });

  test('are in no other file, byte by byte: not in the journal of work, not in what lies beside it', async () => {
    const entries = await readdir(dataDir, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile() && !entry.name.startsWith('conductor.sqlite')).map((entry) => join(entry.parentPath, entry.name));
    expect(files).toContain(databaseFiles(dataDir).journal);
    const contents = await Promise.all(files.map(async (file) => ({ source: file, text: (await readFile(file)).toString('latin1') })));
    expect(findLeaks(planter.secrets, contents)).toEqual([]);
  });

  test('of an instance are forgotten with it', () => {
    const instance = planter.secrets.filter(({ where }) => /configdrive|rescue password|deploy step/.test(where));
    expect(instance.length).toBeGreaterThan(0);
    expect(findLeaks(instance, dump.map(({ table, column, text }) => ({ source: `${table}.${column}`, text })))).toEqual([]);
  });
});

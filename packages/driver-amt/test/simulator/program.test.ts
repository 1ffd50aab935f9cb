import { expect, test } from 'vitest';
import { runSimulator } from '../../src/simulator/program.js';
import { authorization, readChallenge } from './support/digest.js';
import { action, element, envelope, reference, uriOf } from './support/envelopes.js';
import { openRaw, type Place, post, type RawAnswer } from './support/raw-http.js';

interface Run {
  readonly lines: string[];
  readonly complaints: string[];
  readonly status: Promise<number>;
  stop(): void;
}

function run(args: readonly string[], password?: string): Run {
  const ending = new AbortController();
  const lines: string[] = [];
  const complaints: string[] = [];
  const status = runSimulator({ args, password, print: (line) => lines.push(line), complain: (line) => complaints.push(line), signal: ending.signal });
  return { lines, complaints, status, stop: () => ending.abort() };
}

const placeOf = ({ lines }: Run): Place => ({ host: '127.0.0.1', port: Number(/127\.0\.0\.1:(\d+)/.exec(lines[0] ?? '')?.[1]) });

async function ask(place: Place, body: string, password: string): Promise<RawAnswer> {
  using first = await openRaw(place);
  first.send(post(''));
  const challenge = readChallenge((await first.answer()).head);
  using second = await openRaw(place);
  second.send(post(body, [authorization({ username: 'admin', password, challenge, count: 1 })]));
  return await second.answer();
}

test('prints where it is, each request and what it started from, and ends when it is told to', async () => {
  const program = run(['--port', '0', '--control-mode', 'client'], 'P@ssw0rd');
  await expect.poll(() => program.lines).toHaveLength(1);
  expect(program.lines[0]).toMatch(/^AMT 15 listening on http:\/\/127\.0\.0\.1:\d+\/wsman, user admin$/);
  const place = placeOf(program);
  const resource = 'CIM_PowerManagementService';
  const input = `<r:PowerState>2</r:PowerState><r:ManagedElement>${reference('CIM_ComputerSystem', { Name: 'ManagedSystem' })}</r:ManagedElement>`;
  const on = envelope({ action: `${uriOf(resource)}/RequestPowerStateChange`, resource, body: element(resource, 'RequestPowerStateChange_INPUT', input) });
  expect((await ask(place, on, 'P@ssw0rd')).body).toContain('<g:ReturnValue>0<');
  expect((await ask(place, envelope({ action: action.get, resource: 'CIM_Toaster' }), 'P@ssw0rd')).status).toBe(400);
  const optIn = 'IPS_OptInService';
  await ask(place, envelope({ action: `${uriOf(optIn)}/StartOptIn`, resource: optIn, body: element(optIn, 'StartOptIn_INPUT', '') }), 'P@ssw0rd');
  expect(program.lines.slice(1).map((line) => line.replace(/\d{6}$/, 'CODE'))).toEqual([
    'asked to log in', `Invoke ${resource}.RequestPowerStateChange`, 'the machine starts (on) from: disk', 'asked to log in', 'Get CIM_Toaster',
    'DestinationUnreachable fault', 'asked to log in', `Invoke ${optIn}.StartOptIn`, 'the screen of the machine shows the code CODE',
  ]);
  program.stop();
  expect(await program.status).toBe(0);
});

test('makes up a password when it is given none; generation 16 has TLS alone', async () => {
  const program = run(['--tls-port', '0', '--generation', '16'], '');
  await expect.poll(() => program.lines).toHaveLength(3);
  expect(program.lines).toEqual([
    expect.stringMatching(/^AMT 16 listening on https:\/\/127\.0\.0\.1:\d+\/wsman, user admin$/),
    expect.stringMatching(/^SHA-256 of its certificate: [\da-f]{64}$/),
    expect.stringMatching(/^Its password is \S{20}; set FERRIC_AMT_PASSWORD/),
  ]);
  program.stop();
  expect(await program.status).toBe(0);
});

test('tells how it is used', async () => {
  const program = run(['--help']);
  expect(await program.status).toBe(0);
  for (const option of ['--host', '--port', '--tls-port', '--protocols', '--generation', '--username', '--control-mode', 'FERRIC_AMT_PASSWORD']) {
    expect(program.lines.join('\n')).toContain(option);
  }
});

test.each([
  [['--port', 'many'], /port must be a whole number from 0 to 65535/],
  [['--generation', '8'], /generation must be one of 5, 6, 9/],
  [['--protocols', 'ftp'], /--protocols must be one of http, https, both/],
  [['--generation', '16', '--protocols', 'http'], /protocols must be https/],
  [['--colour'], /--colour/],
])('refuses %j', async (args, complaint) => {
  const program = run(args);
  expect(await program.status).toBe(2);
  expect(program.complaints).toEqual([expect.stringMatching(complaint), 'Try --help.']);
  expect(program.lines).toEqual([]);
});

test('says when its port is taken', async () => {
  const first = run(['--port', '0'], 'P@ssw0rd');
  await expect.poll(() => first.lines).toHaveLength(1);
  const second = run(['--port', String(placeOf(first).port)], 'P@ssw0rd');
  expect(await second.status).toBe(2);
  expect(second.complaints[1]).toMatch(/--port 0/);
  first.stop();
  await first.status;
});

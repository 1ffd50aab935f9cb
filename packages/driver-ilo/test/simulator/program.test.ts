import { expect, test } from 'vitest';
import { GENERATIONS } from '../../src/simulator/index.js';
import { runSimulator } from '../../src/simulator/program.js';

interface Run {
  readonly lines: readonly string[];
  readonly complaints: readonly string[];
  readonly status: Promise<number>;
  stop(): void;
}

function run(args: readonly string[], password?: string): Run {
  const ending = new AbortController();
  const lines: string[] = [];
  const complaints: string[] = [];
  const status = runSimulator({ args, password, print: (line) => void lines.push(line), complain: (line) => void complaints.push(line), signal: ending.signal });
  return { lines, complaints, status, stop: () => ending.abort() };
}

test.each(GENERATIONS)('%s: prints where it is and each request, and ends when it is told to', async (generation) => {
  const program = run(['--port', '0', '--generation', generation], 'chosen-password');
  await expect.poll(() => program.lines).toHaveLength(2);
  expect(program.lines[0]).toMatch(/^ProLiant .*Gen\d+ with iLO [456] listening on https:\/\/127\.0\.0\.1:\d+, user Administrator$/);
  expect(program.lines[1]).toMatch(/^Certificate fingerprint \(SHA-256\) [0-9a-f]{64}$/);
  program.stop();
  expect(await program.status).toBe(0);
});

test('makes up a password when it is given none, and prints it', async () => {
  const program = run(['--port', '0', '--username', 'lab'], '');
  await expect.poll(() => program.lines).toHaveLength(3);
  expect([program.lines[0], program.lines[2]]).toEqual([expect.stringMatching(/user lab$/), expect.stringMatching(/^Its password is [0-9a-f]{16}; set FERRIC_ILO_PASSWORD/)]);
  program.stop();
  expect(await program.status).toBe(0);
});

test('tells how it is used', async () => {
  const program = run(['--help']);
  expect(await program.status).toBe(0);
  for (const option of ['--generation', '--host', '--port', '--tls', '--licence', 'FERRIC_ILO_PASSWORD']) expect(program.lines.join('\n')).toContain(option);
});

test.each([
  [['--port', 'many'], /port must be a whole number from 0 to 65535/],
  [['--generation', 'gen7'], /generation must be one of gen8, gen9, gen10, gen11/],
  [['--post-ms', 'long'], /post\.inPostMs must be a number from 0/],
  [['--colour'], /--colour/],
])('refuses %j', async (args, complaint) => {
  const program = run(args);
  expect(await program.status).toBe(2);
  expect(program.complaints).toEqual([expect.stringMatching(complaint), 'Try --help.']);
  expect(program.lines).toEqual([]);
});

test('says when its port is taken', async () => {
  const first = run(['--port', '0'], 'chosen-password');
  await expect.poll(() => first.lines).toHaveLength(2);
  const port = /:(\d+), user/.exec(first.lines[0] ?? '')?.[1] ?? '';
  const second = run(['--port', port], 'chosen-password');
  expect(await second.status).toBe(2);
  expect(second.complaints[1]).toMatch(/--port 0/);
  first.stop();
  await first.status;
});

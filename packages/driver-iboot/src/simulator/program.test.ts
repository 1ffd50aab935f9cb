import { expect, test } from 'vitest';
import { GOLDEN } from '../../test/golden.js';
import { openRawClient } from '../../test/raw-client.js';
import { runSimulator } from './program.js';

interface Run {
  readonly lines: string[];
  readonly complaints: string[];
  readonly status: Promise<number>;
  stop(): void;
}

function run(args: readonly string[], password?: string): Run {
  const ending = new AbortController();
  const [lines, complaints]: string[][] = [[], []];
  const status = runSimulator({ args, password, print: (line) => lines?.push(line), complain: (line) => complaints?.push(line), signal: ending.signal });
  return { lines: lines ?? [], complaints: complaints ?? [], status, stop: () => ending.abort() };
}

const portOf = ({ lines }: Run): number => Number(/listening on 127\.0\.0\.1:(\d+)/.exec(lines[0] ?? '')?.[1]);

test('prints where it is and each command, and ends when it is told to', async () => {
  const program = run(['--port', '0', '--relays', '4', '--relay-base', '0'], 'admin');
  await expect.poll(() => program.lines).toHaveLength(1);
  expect(program.lines[0]).toMatch(/^iBoot unit listening on 127\.0\.0\.1:\d+, 4 relays, user admin$/);
  using client = await openRawClient(portOf(program));
  const greeting = await client.ask(GOLDEN.hello, 2);
  const sequence = (Buffer.from(greeting, 'hex').readUInt16LE() + 1) & 0xffff;
  const number = Buffer.from([sequence & 0xff, sequence >> 8]).toString('hex');
  expect(await client.ask(`${GOLDEN.readRelays.slice(0, -4)}${number}`, 4)).toBe('00000000');
  expect(program.lines.slice(1).map((line) => line.replace(/^\S+ /, ''))).toEqual(['hello', 'read relays: 0 0 0 0']);
  program.stop();
  expect(await program.status).toBe(0);
  await client.ended;
});

test('makes up a password when it is given none, and prints it', async () => {
  const program = run(['--port', '0', '--username', 'lab'], '');
  await expect.poll(() => program.lines).toHaveLength(2);
  expect(program.lines).toEqual([expect.stringMatching(/8 relays, user lab$/), expect.stringMatching(/^Its password is [0-9a-f]{16}; set FERRIC_IBOOT_PASSWORD/)]);
  program.stop();
  expect(await program.status).toBe(0);
});

test('tells how it is used', async () => {
  const program = run(['--help']);
  expect(await program.status).toBe(0);
  for (const option of ['--host', '--port', '--relays', '--username', '--relay-base', 'FERRIC_IBOOT_PASSWORD']) expect(program.lines.join('\n')).toContain(option);
});

test.each([
  [['--port', 'many'], /port must be a whole number from 0 to 65535/],
  [['--relays', '33'], /relays must be/],
  [['--colour'], /--colour/],
])('refuses %j', async (args, complaint) => {
  const program = run(args);
  expect(await program.status).toBe(2);
  expect(program.complaints).toEqual([expect.stringMatching(complaint), 'Try --help.']);
  expect(program.lines).toEqual([]);
});

test('says when its port is taken', async () => {
  const first = run(['--port', '0'], 'admin');
  await expect.poll(() => first.lines).toHaveLength(1);
  const second = run(['--port', String(portOf(first))], 'admin');
  expect(await second.status).toBe(2);
  expect(second.complaints[1]).toMatch(/--port 0/);
  first.stop();
  await first.status;
});

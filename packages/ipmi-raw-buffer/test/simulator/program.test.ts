import { describe, expect, test } from 'vitest';
import { readArguments, USAGE } from '../../src/simulator/program/command-line.js';
import { runProgram } from '../../src/simulator/program/run-program.js';

async function run(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<readonly string[]> {
  let said = '';
  const status = await runProgram({ args, environment, write: (text) => (said += text), stop: Promise.resolve('SIGTERM') });
  expect(status).toBe(0);
  return said.trimEnd().split('\n');
}

test('says where it listens and who may come, and ends when it is told', async () => {
  const [listening, user, hint, end] = await run(['--user', 'root']);
  const port = /^Ferric IPMI simulator listening on 127\.0\.0\.1:(\d+)$/.exec(listening ?? '')?.[1];
  expect(user).toMatch(/^user root, password [0-9a-f]{16}$/);
  expect(hint).toBe(`try: ipmitool -I lanplus -H 127.0.0.1 -p ${port} -U root -P PASSWORD chassis power status`);
  expect(end).toBe('ended by SIGTERM');
});

test('does not repeat a password that it was given', async () => {
  const said = await run([], { FERRIC_IPMI_PASSWORD: 'hunter22', FERRIC_IPMI_KG_KEY: '00112233' });
  expect(said[1]).toBe('user admin, password from FERRIC_IPMI_PASSWORD');
  expect(said.join('\n')).not.toMatch(/hunter22|00112233/);
});

test('tells how it is used', async () => {
  expect((await run(['--help'])).join('\n')).toBe(USAGE.trimEnd());
});

test('reads its arguments', () => {
  expect(readArguments(['--host', '127.0.0.2', '--port', '6230', '--suites', '1, 17', '--no-legacy', '--power', 'on', '--quiet'])).toEqual({
    help: false, quiet: true, user: 'admin',
    bmc: { host: '127.0.0.2', port: 6230, cipherSuites: [1, 17], legacyAuthentication: [], power: 'power on' },
  });
  expect(readArguments([])).toEqual({ help: false, quiet: false, user: 'admin', bmc: { power: 'power off' } });
});

describe('refuses', () => {
  test.each([
    [['--port', '99999'], {}, 'port must be'], [['--port', ''], {}, 'port must be'], [['--suites', '3,4'], {}, 'cipherSuites must be'], [['--power', 'maybe'], {}, '--power must be'],
    [['--nonsense'], {}, 'arguments must be'], [['here'], {}, 'arguments must be'], [['--user', 'a-name-that-is-too-long'], {}, 'users must be'], [[], { FERRIC_IPMI_KG_KEY: 'xyz' }, 'kgKey must be'],
  ])('%j %j', async (args, environment, expected) => {
    await expect(run(args, environment)).rejects.toMatchObject({ code: 'INVALID_OPTIONS', message: expect.stringContaining(expected) as string });
  });
});

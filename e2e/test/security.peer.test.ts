import { chmod, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { waitFor } from '@ferric/lab';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Baremetal, createBaremetal } from '../support/baremetal.js';
import { databaseFiles, type RunningConductor, startConductor } from '../support/conductor.js';
import { runProgram, succeed } from '../support/program.js';
import { CONDUCTOR_PROGRAM } from '../support/repository.js';
import { createTemporaryFolder, type TemporaryFolder } from '../support/temporary-folder.js';

/** What no file, log or answer may show. */
const PASSWORD = 'hunter2-planted-pässwörd';
/** Makes hashes of cost 5 with libxcrypt, as `htpasswd -B` does. */
const HASH_SCRIPT = 'import crypt, sys; print(crypt.crypt(sys.argv[1], crypt.mksalt(crypt.METHOD_BLOWFISH, rounds=32)))';

let temporary: TemporaryFolder;
let ca: string;
let htpasswd: string;
let conductor: RunningConductor;
let url: string;
let baremetal: Baremetal;

const file = (name: string): string => join(temporary.path, name);

beforeAll(async () => {
  temporary = await createTemporaryFolder();
  ca = file('ca.pem');
  htpasswd = file('htpasswd');
  await makeAuthority();
  await issueCertificate('first');
  await writeUsers(`# operators\nalice:${await hashOf(PASSWORD)}\n`);
  const args = ['--auth', 'http_basic', '--htpasswd', htpasswd, '--tls-cert', file('api.pem'), '--tls-key', file('api-key.pem'), '--log-level', 'debug'];
  conductor = await startConductor({ dataDir: file('data'), args });
  url = conductor.api.url;
  baremetal = createBaremetal(url, temporary.path);
});

afterAll(async () => {
  await conductor[Symbol.asyncDispose]();
  await temporary[Symbol.asyncDispose]();
});

async function makeAuthority(): Promise<void> {
  await succeed('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=Test authority', '-days', '2', '-keyout', file('ca-key.pem'), '-out', ca]);
}

/** Puts a certificate of the authority for 127.0.0.1 in place, with its key. */
async function issueCertificate(name: string): Promise<void> {
  await writeFile(file('san.cnf'), 'subjectAltName=IP:127.0.0.1,DNS:localhost\n');
  await succeed('openssl', ['req', '-newkey', 'rsa:2048', '-nodes', '-subj', `/CN=${name}`, '-keyout', file('new-key.pem'), '-out', file('new.csr')]);
  await succeed('openssl', ['x509', '-req', '-in', file('new.csr'), '-CA', ca, '-CAkey', file('ca-key.pem'), '-CAcreateserial', '-days', '1', '-extfile', file('san.cnf'), '-out', file('new.pem')]);
  await rename(file('new-key.pem'), file('api-key.pem'));
  await rename(file('new.pem'), file('api.pem'));
}

async function hashOf(password: string): Promise<string> {
  return succeed('/usr/bin/python3', ['-W', 'ignore', '-c', HASH_SCRIPT, password]);
}

async function writeUsers(text: string): Promise<void> {
  await writeFile(file('htpasswd.new'), text);
  await chmod(file('htpasswd.new'), 0o600);
  await rename(file('htpasswd.new'), htpasswd);
}

/** What an operator types who has an account. */
const as = (user: string, password: string): readonly string[] => [
  '--os-auth-type', 'http_basic', '--os-username', user, '--os-password', password, '--os-endpoint', url, '--os-cacert', ca,
];

/** Status and body, as curl gets them. */
async function curl(...args: readonly string[]): Promise<{ readonly status: string; readonly body: string }> {
  const printed = await succeed('curl', ['--silent', '--show-error', '--cacert', ca, '--write-out', '\n%{http_code}', ...args]);
  const lines = printed.split('\n');
  return { status: lines.at(-1) ?? '', body: lines.slice(0, -1).join('\n') };
}

describe('the baremetal command line with an account, over TLS', () => {
  test('works as without one', async () => {
    expect(url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    const me = as('alice', PASSWORD);
    expect(await baremetal.show(...me, 'node', 'create', '--driver', 'fake-hardware', '--name', 'secured')).toMatchObject({ name: 'secured', provision_state: 'enroll' });
    await baremetal.succeed(...me, 'node', 'manage', 'secured', '--wait', '60');
    expect(await baremetal.list(...me, 'node', 'list', '--fields', 'name', 'provision_state')).toEqual([{ Name: 'secured', 'Provisioning State': 'manageable' }]);
  });

  test('the history of the node says who it was', async () => {
    const { body } = await curl('--user', `alice:${PASSWORD}`, `${url}/ferric/v1/nodes/secured/timeline`);
    const { events } = JSON.parse(body) as { readonly events: readonly { readonly actor: string }[] };
    expect(events.length).toBeGreaterThan(1);
    expect(events[0]?.actor).toMatch(/^alice \(req-[0-9a-f-]+\)$/);
  });

  test.each([
    ['a wrong password', () => as('alice', 'wrong'), 'Incorrect username or password (HTTP 401)'],
    ['a user whom nobody knows', () => as('mallory', PASSWORD), 'Incorrect username or password (HTTP 401)'],
    ['no account', () => ['--os-auth-type', 'none', '--os-endpoint', url, '--os-cacert', ca], 'Authorization required (HTTP 401)'],
  ])('is told plainly: %s', async (_case, credentials, told) => {
    expect(await baremetal.refused(...credentials(), 'node', 'list')).toBe(told);
  });

  test('does not trust a conductor whose authority it does not know', async () => {
    const strangers = ['--os-auth-type', 'http_basic', '--os-username', 'alice', '--os-password', PASSWORD, '--os-endpoint', url];
    expect(await baremetal.refused(...strangers, 'node', 'list')).toContain('CERTIFICATE_VERIFY_FAILED');
  });
});

describe('what stays open', () => {
  test.each(['/', '/v1', '/healthz', '/readyz', '/boot.ipxe'])('%s', async (path) => {
    expect((await curl(`${url}${path}`)).status).toBe('200');
  });

  test('the scripts of boot loaders name the address that they came by', async () => {
    expect((await curl('--user-agent', 'iPXE/1.21.1', `${url}/boot.ipxe`)).body).toContain(`${url}/`);
  });

  test('the deploy agent is asked for its token, not for a password', async () => {
    const heartbeat = ['--header', 'X-OpenStack-Ironic-API-Version: 1.68', '--json', '{"callback_url":"https://127.0.0.1:9999","agent_token":"x"}'];
    const { status, body } = await curl(...heartbeat, `${url}/v1/heartbeat/secured`);
    expect([status, body]).toEqual(['400', expect.stringContaining('Invalid or missing agent token received.')]);
    expect((await curl('--header', 'X-OpenStack-Ironic-API-Version: 1.68', `${url}/v1/lookup?addresses=52:54:00:00:00:01`)).status).toBe('404');
  });

  test.each(['/v1/nodes', '/nowhere', '/metrics', '/openapi.json', '/ferric/v1/events'])('not %s', async (path) => {
    expect((await curl(`${url}${path}`)).status).toBe('401');
  });
});

test('users who come and go count without a restart', async () => {
  const asBob = ['--user', 'bob:another', `${url}/v1/nodes`];
  expect((await curl(...asBob)).status).toBe('401');
  const alice = await readFile(htpasswd, 'utf8');
  await writeUsers(`${alice}bob:${await hashOf('another')}\n`);
  await waitFor('bob to be let in', async () => ((await curl(...asBob)).status === '200' ? true : undefined));
  await writeUsers(alice);
  await waitFor('bob to be kept out', async () => ((await curl(...asBob)).status === '401' ? true : undefined));
});

test('a broken user file changes nothing, and the log says what is wrong with it', async () => {
  const alice = await readFile(htpasswd, 'utf8');
  await writeUsers('alice:$apr1$dKVEzEGT$X1hbIs2YY1Vm3Kv5kYqIZ/\n');
  const told = await waitFor('the log to tell', async () => {
    expect((await curl('--user', `alice:${PASSWORD}`, `${url}/v1/nodes`)).status).toBe('200');
    return conductor.log().find((line) => line['level'] === 50);
  });
  expect(JSON.stringify(told)).toContain('--htpasswd line 1 must be a bcrypt hash');
  expect(JSON.stringify(told)).not.toContain('apr1');
  await writeUsers(alice);
});

test('it does not start with files that it cannot use, and says what to do', async () => {
  await writeFile(file('plain'), 'alice:hunter2-planted-clear\n');
  const start = (...args: readonly string[]) =>
    runProgram(process.execPath, [CONDUCTOR_PROGRAM, 'serve', '--port', '0', '--data-dir', file('other'), ...args]);
  const users = await start('--auth', 'http_basic', '--htpasswd', file('plain'));
  expect([users.code, users.stderr]).toEqual([2, expect.stringContaining('--htpasswd line 1 must be a bcrypt hash ($2y$, $2b$ or $2a$) for user "alice"; make it with: htpasswd -B FILE USER')]);
  expect(users.stderr).not.toContain('hunter2-planted-clear');
  const swapped = await start('--tls-cert', file('api.pem'), '--tls-key', file('ca-key.pem'));
  expect([swapped.code, swapped.stderr]).toEqual([2, expect.stringContaining('--tls-key must be the private key of the first certificate in --tls-cert')]);
});

test('the password is nowhere: not in the log, not in the database', async () => {
  const secrets = [PASSWORD, Buffer.from(`alice:${PASSWORD}`).toString('base64'), '$2b$05$'];
  const log = [...conductor.program.stdout, ...conductor.program.stderr].join('\n');
  expect(log).toContain('"user":"alice"');
  const { store, journal } = databaseFiles(file('data'));
  const databases = await Promise.all([store, journal].flatMap((path) => [path, `${path}-wal`]).map((path) => readFile(path).catch(() => Buffer.alloc(0))));
  expect(databases[0]?.length).toBeGreaterThan(0);
  const everything = Buffer.concat([Buffer.from(log), ...databases]);
  expect(secrets.filter((secret) => everything.includes(secret))).toEqual([]);
});

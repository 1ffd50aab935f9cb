import { FerricError } from '@ferric/core';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import ssh2 from 'ssh2';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { failure, testContext, type TestContext } from '../../../test/transport/context.js';
import { listen } from '../../../test/transport/listen.js';
import { type KeyPair, makeKey, parsed, type SshServer, type SshServerSettings, startSshServer } from '../../../test/transport/ssh-server.js';
import { parseLibvirtUri } from '../uri.js';
import { type OpenedTransport, openTransport, type SshSettings } from './index.js';
import { remoteCommand } from './remote-command.js';
import { fingerprint, prepareHostKeyCheck } from './ssh-host-key.js';

let hostKey: KeyPair;
let otherHostKey: KeyPair;
let rsaHostKey: KeyPair;
let userKey: KeyPair;
let otherKey: KeyPair;
beforeAll(() => {
  [hostKey, otherHostKey, rsaHostKey, userKey, otherKey] = [makeKey(), makeKey(), makeKey('rsa'), makeKey(), makeKey('ecdsa')];
});

/** A home folder. */
let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'ferric-ssh-'));
  mkdirSync(join(home, '.ssh'));
});
afterEach(() => rmSync(home, { recursive: true }));
afterAll(() => vi.doUnmock('ssh2'));

const file = (name: string, content: string): string => {
  const path = join(home, '.ssh', name);
  writeFileSync(path, content, { mode: 0o600 });
  return path;
};
const start = (settings: Partial<SshServerSettings> = {}) => startSshServer({ hostKeys: [hostKey], users: [userKey], ...settings });
const knownLine = (port: number, key: KeyPair): string => `[127.0.0.1]:${port} ${key.public}\n`;
/** The server's key is known, and the user's key is there. */
const prepare = ({ port }: SshServer, key = hostKey): void => {
  file('known_hosts', knownLine(port, key));
  file('id_ed25519', userKey.private);
};
const at = ({ port }: { readonly port: number }, query = '') => parseLibvirtUri(`qemu+ssh://joe@127.0.0.1:${port}/system?${query}`);
const context = (settings: { readonly ssh?: SshSettings; readonly signal?: AbortSignal } = {}): TestContext => testContext({ homeDirectory: home, ...settings });
/** What a stream failed with, once it is closed; null when it did not fail. */
const ends = async (stream: Duplex): Promise<unknown> => {
  if (!stream.closed) await new Promise((resolve) => void stream.once('close', resolve));
  return stream.errored;
};

const expectOpens = async (opening: Promise<OpenedTransport>): Promise<void> => {
  const { stream, peer } = await opening;
  expect([peer, stream.destroyed]).toEqual([expect.stringMatching(/^ssh joe@127\.0\.0\.1:\d+$/), false]);
  stream.destroy();
};

describe('an open connection', () => {
  test('runs the command of the URI and is connected with it both ways', async () => {
    await using server = await start();
    prepare(server);
    const uri = at(server, 'proxy=netcat');
    const log = context();
    const { stream, peer, secure } = await openTransport(uri, log);
    expect([peer, secure]).toEqual([`ssh joe@127.0.0.1:${server.port}`, true]);
    expect(server.commands).toEqual([remoteCommand(uri)]);
    expect(server.attempts).toEqual(['none joe', 'publickey joe', 'publickey joe']);
    stream.write('hello');
    expect(String((await once(stream, 'data'))[0])).toBe('hello');
    const closed = ends(stream);
    stream.destroy();
    expect(await closed).toBeNull();
    await server.allClosed();
    expect(log.logger.lines).toEqual([]);
    expect(log.clock.pendingTimers).toBe(0);
  });

  test('carries much, both ways, without holding more than it should', async () => {
    await using server = await start();
    prepare(server);
    const { stream } = await openTransport(at(server), context());
    const total = 24 * 1024 * 1024;
    const chunk = Buffer.alloc(262_144, 'x');
    let received = 0;
    let sent = 0;
    let heldUp = 0;
    const done = new Promise<void>((resolve) => {
      stream.on('data', (bytes: Buffer) => {
        received += bytes.length;
        if (received % 7 === 0) {
          stream.pause();
          setImmediate(() => stream.resume());
        }
        if (received === total) resolve();
      });
    });
    while (sent < total) {
      sent += chunk.length;
      if (stream.write(chunk)) continue;
      heldUp += 1;
      await once(stream, 'drain');
    }
    await done;
    expect([received, heldUp > 10]).toEqual([total, true]);
    expect(stream.writableLength + stream.readableLength).toBeLessThan(4 * 1024 * 1024);
    stream.destroy();
    await server.allClosed();
  });

  test('holds up a far end that sends more than is read', async () => {
    const total = 16 * 1024 * 1024;
    let sent = false;
    const opened = Promise.withResolvers<Duplex>();
    await using server = await start({
      command: (_command, channel) => {
        channel.write(Buffer.alloc(total), () => (sent = true));
        opened.resolve(channel);
      },
    });
    prepare(server);
    const { stream } = await openTransport(at(server), context());
    const far = await opened.promise;
    // Far more turns than all of it would take.
    for (let turn = 0; turn < 200; turn += 1) {
      const arrived = once(far, 'data');
      stream.write('x');
      await arrived;
    }
    expect([sent, stream.readableLength < 262_144]).toEqual([false, true]);
    let received = 0;
    for await (const bytes of stream) {
      received += (bytes as Buffer).length;
      if (received === total) break;
    }
    expect(received).toBe(total);
    await server.allClosed();
  });

  test('ends when the command ends well, with all that it sent', async () => {
    await using server = await start({
      command: (_command, channel) => {
        channel.write('last words');
        channel.stderr.write('a warning that does not matter');
        channel.exit(0);
        channel.end();
      },
    });
    prepare(server);
    const { stream } = await openTransport(at(server), context());
    let text = '';
    stream.on('data', (bytes: Buffer) => (text += bytes.toString()));
    await once(stream, 'end');
    expect([text, await ends(stream)]).toEqual(['last words', null]);
    await server.allClosed();
  });

  test('our end is an end for the command', async () => {
    const ended = Promise.withResolvers<string>();
    await using server = await start({ command: (_command, channel) => void channel.resume().on('end', () => ended.resolve('ended')) });
    prepare(server);
    const { stream } = await openTransport(at(server), context());
    stream.end();
    expect(await ended.promise).toBe('ended');
    stream.destroy();
    await server.allClosed();
  });

  test.each([
    [127, 'sh: 1: nc: not found\n', 'ended with status 127: sh: 1: nc: not found', 'netcat-openbsd', false],
    [1, 'nc: /var/run/libvirt/libvirt-sock: No such file or directory\n', 'ended with status 1: nc: /var/run', 'Start libvirtd there', true],
    [1, 'nc: unix connect failed: Permission denied', 'Permission denied', 'group libvirt', true],
    [1, "nc: invalid option -- 'U'\nusage: nc\n", "nc: invalid option -- 'U'; usage: nc", 'knows no unix sockets', true],
    [3, '\u001b[31mred\u0007\r\n', 'ended with status 3: [31mred', 'logs', true],
    [2, '', 'ended with status 2', 'logs', true],
  ])('a command that ends with status %i tells why', async (status, said, message, hint, retryable) => {
    await using server = await start({
      command: (_command, channel) => {
        channel.stderr.write(said);
        channel.exit(status);
        channel.end();
      },
    });
    prepare(server);
    const uri = at(server);
    const { stream } = await openTransport(uri, context());
    stream.resume();
    const error = (await ends(stream)) as FerricError;
    expect([error.code, error.retryable]).toEqual(['UNREACHABLE', retryable]);
    expect(error.message).toContain(uri.address);
    expect(error.message).toContain(message);
    expect(error.message).not.toMatch(/\p{Cc}/u);
    expect(error.hint).toContain(hint);
    expect(error.details).toMatchObject({ address: uri.address, exitCode: status });
    await server.allClosed();
  });

  test('no more than 4096 bytes of what the command says are kept, and all of it is taken', async () => {
    await using server = await start({
      command: (_command, channel) => {
        channel.stderr.write('x'.repeat(3_000_000), () => {
          channel.exit(1);
          channel.end();
        });
      },
    });
    prepare(server);
    const { stream } = await openTransport(at(server), context());
    stream.resume();
    const error = (await ends(stream)) as FerricError;
    expect((error.details['said'] as string).length).toBe(4096);
  });

  test('a command that is killed tells by what', async () => {
    await using server = await start({
      command: (_command, channel) => {
        channel.exit('SIGKILL' as unknown as number);
        channel.end();
      },
    });
    prepare(server);
    const { stream } = await openTransport(at(server), context());
    stream.resume();
    expect(await ends(stream)).toMatchObject({ code: 'UNREACHABLE', message: expect.stringContaining('SIGKILL') as string });
  });

  test('the end of the output alone ends it after a second', async () => {
    await using server = await start({ command: (_command, channel) => (channel as unknown as { eof(): void }).eof() });
    prepare(server);
    const settings = context();
    const { stream } = await openTransport(at(server), settings);
    const closed = ends(stream);
    stream.resume();
    await vi.waitFor(() => expect(settings.clock.pendingTimers).toBe(1));
    await settings.clock.advance(1_000);
    expect(await closed).toBeNull();
    await server.allClosed();
  });

  test.each(['resetAndDestroy', 'destroy'] as const)('a connection that is lost (%s) fails as UNREACHABLE, with nobody listening too', async (way) => {
    await using server = await start();
    prepare(server);
    const uri = at(server);
    const { stream } = await openTransport(uri, context());
    const closed = ends(stream.resume());
    (await server.connection)[way]();
    const error = await closed;
    if (error !== null) expect(error).toMatchObject({ code: 'UNREACHABLE', details: { address: uri.address } });
    else expect(way).toBe('destroy');
    expect(stream.destroyed).toBe(true);
  });
});

describe('the host key', () => {
  test('that is not known is refused with its fingerprint and what to do', async () => {
    await using server = await start();
    file('id_ed25519', userKey.private);
    file('known_hosts', '');
    const error = await failure(openTransport(at(server), context()));
    const shown = fingerprint(parsed(hostKey.public).getPublicSSH());
    expect([error.code, error.retryable]).toEqual(['TLS_UNTRUSTED', false]);
    expect(error.details).toMatchObject({ address: `joe@127.0.0.1:${server.port}`, keyType: 'ssh-ed25519', fingerprint: shown });
    expect(error.message).toContain(`is not known: it shows ssh-ed25519 ${shown}`);
    expect(error.hint).toContain(`ssh-keyscan -p ${server.port} 127.0.0.1 >> ${home}/.ssh/known_hosts`);
    expect(error.hint).toContain('known_hosts_verify=auto');
    await server.allClosed();
    expect(server.attempts).toEqual([]);
  });

  test('the fingerprint is the one that OpenSSH prints', () => {
    const list = readFileSync(new URL('../../../test/fixtures/ssh/fingerprints.txt', import.meta.url), 'utf8');
    expect(list.trim().split('\n')).toHaveLength(6);
    for (const line of list.trim().split('\n')) {
      const [blob = '', printed] = line.split(' ');
      expect(fingerprint(Buffer.from(blob, 'base64'))).toBe(printed);
    }
  });

  test('that has changed is refused loudly, also where unknown ones are taken', async () => {
    await using server = await start();
    prepare(server, otherHostKey);
    for (const query of ['', 'known_hosts_verify=auto']) {
      const error = await failure(openTransport(at(server, query), context()));
      expect(error.code).toBe('TLS_UNTRUSTED');
      expect(error.message).toContain('HAS CHANGED');
      expect(error.message).toContain(`${home}/.ssh/known_hosts, line 1`);
      expect(error.message).toContain(fingerprint(parsed(otherHostKey.public).getPublicSSH()));
      expect(error.hint).toContain(`ssh-keygen -R '[127.0.0.1]:${server.port}'`);
    }
    expect(server.attempts).toEqual([]);
    expect(readFileSync(join(home, '.ssh/known_hosts'), 'utf8')).toBe(knownLine(server.port, otherHostKey));
  });

  test('that was revoked is refused, also where it is listed', async () => {
    await using server = await start();
    prepare(server);
    file('known_hosts', `${knownLine(server.port, hostKey)}@revoked * ${hostKey.public}\n`);
    const error = await failure(openTransport(at(server), context()));
    expect([error.code, error.message]).toEqual(['TLS_UNTRUSTED', expect.stringContaining('WAS REVOKED')]);
  });

  test('of a listed type is asked for, so that a server with several shows that one', async () => {
    await using server = await start({ hostKeys: [hostKey, rsaHostKey] });
    prepare(server, rsaHostKey);
    await expectOpens(openTransport(at(server), context()));
    await server.allClosed();
  });

  test('of a type that is not listed counts as changed, also where unknown ones are taken', async () => {
    await using server = await start();
    prepare(server, rsaHostKey);
    const error = await failure(openTransport(at(server, 'known_hosts_verify=auto'), context()));
    expect(error.message).toContain('HAS CHANGED');
  });

  test('that only certificates vouch for is not known, and the message says why', async () => {
    await using server = await start();
    prepare(server);
    file('known_hosts', `@cert-authority * ${hostKey.public}\n`);
    const error = await failure(openTransport(at(server), context()));
    expect(error.message).toContain('certificates of hosts are not supported');
  });

  test('auto remembers an unknown one in a file for this user only, and knows it then', async () => {
    await using server = await start();
    const list = join(home, 'new', 'folder', 'list');
    file('id_ed25519', userKey.private);
    const first = context({ ssh: { knownHostsFile: list } });
    await expectOpens(openTransport(at(server, 'known_hosts_verify=auto'), first));
    expect(first.logger.at('info')).toHaveLength(1);
    expect(readFileSync(list, 'utf8')).toMatch(new RegExp(`^\\[127\\.0\\.0\\.1\\]:${server.port} ssh-ed25519 [A-Za-z0-9+/=]+\\n$`));
    expect([statSync(list).mode & 0o777, statSync(join(home, 'new')).mode & 0o777]).toEqual([0o600, 0o700]);
    const second = context({ ssh: { knownHostsFile: list } });
    await expectOpens(openTransport(at(server), second));
    expect(second.logger.lines).toEqual([]);
  });

  test('auto takes and remembers a key once, however often it is shown', async () => {
    const uri = parseLibvirtUri('qemu+ssh://h/system?known_hosts_verify=auto');
    const check = await prepareHostKeyCheck(uri, context());
    const key = parsed(hostKey.public).getPublicSSH();
    expect([await check.judge(key), await check.judge(key)]).toEqual([undefined, undefined]);
    expect(readFileSync(join(home, '.ssh/known_hosts'), 'utf8').trim().split('\n')).toHaveLength(1);
  });

  test('auto begins a new line where the last one has no end, and goes on when it cannot write', async () => {
    await using server = await start();
    prepare(server);
    const list = file('known_hosts', `other.example ${otherHostKey.public}`);
    await expectOpens(openTransport(at(server, 'known_hosts_verify=auto'), context()));
    expect(readFileSync(list, 'utf8').split('\n')).toEqual([`other.example ${otherHostKey.public}`, expect.stringContaining(`:${server.port} ssh-ed25519`), '']);
    const blocked = context({ ssh: { knownHostsFile: join(list, 'below-a-file') } });
    await expectOpens(openTransport(at(server, 'known_hosts_verify=auto'), blocked));
    expect(blocked.logger.at('warn')).toHaveLength(1);
  });

  test.each(['no_verify=1', 'known_hosts_verify=ignore'])('%s takes any, and says so', async (query) => {
    await using server = await start();
    prepare(server, otherHostKey);
    const settings = context();
    await expectOpens(openTransport(at(server, query), settings));
    expect(settings.logger.at('warn')).toMatchObject([{ message: expect.stringContaining('not checked') as string }]);
  });

  test('a list that was named and is not there is refused before anything is sent', async () => {
    await using server = await start();
    prepare(server);
    for (const [settings, query, field] of [[{ knownHostsFile: '/nonexistent/list' }, '', 'ssh.knownHostsFile'], [{}, 'known_hosts=/nonexistent/list', 'known_hosts']] as const) {
      const error = await failure(openTransport(at(server, query), context({ ssh: settings })));
      expect([error.code, error.details['issues']]).toEqual(['INVALID_OPTIONS', [expect.objectContaining({ field })]]);
      expect(error.details['address']).toBe(`joe@127.0.0.1:${server.port}`);
    }
    expect(server.accepted).toBe(0);
  });

  test('known_hosts= of the URI counts, and below the home too', async () => {
    await using server = await start();
    file('id_ed25519', userKey.private);
    writeFileSync(join(home, 'mine'), knownLine(server.port, hostKey));
    await expectOpens(openTransport(at(server, 'known_hosts=~/mine'), context()));
  });
});

describe('the login', () => {
  test.each([
    ['ssh.keyFile', (path: string) => ({ ssh: { keyFile: path }, query: '' })],
    ['keyfile', (path: string) => ({ ssh: {}, query: `keyfile=${path}` })],
  ] as const)('%s names the one key that is tried', async (field, use) => {
    await using server = await start();
    prepare(server);
    const wrong = use(file('other', otherKey.private));
    const refused = await failure(openTransport(at(server, wrong.query), context({ ssh: wrong.ssh })));
    expect([refused.code, refused.retryable, refused.details['tried']]).toEqual(['AUTH_FAILED', false, [join(home, '.ssh/other')]]);
    expect(server.attempts.filter((attempt) => attempt.startsWith('publickey'))).toHaveLength(1);
    await server.allClosed();
    const right = use(file('mine', userKey.private));
    await expectOpens(openTransport(at(server, right.query), context({ ssh: right.ssh })));
    const cases = [
      [join(home, 'nowhere'), 'it does not exist'],
      [home, 'it is no file'],
      [file('locked', makeKey('ed25519', 'hunter22').private), 'passphrase'],
      [file('public', userKey.public), 'it is a public key'],
      [file('garbage', 'garbage'), 'no private key that can be read'],
    ] as const;
    const before = server.accepted;
    for (const [path, words] of cases) {
      const { ssh, query } = use(path);
      const error = await failure(openTransport(at(server, query), context({ ssh })));
      expect([error.code, error.details['path'], error.details['issues']]).toEqual(['INVALID_OPTIONS', path, [expect.objectContaining({ field })]]);
      expect(error.message).toContain(words);
      expect(error.hint).toContain('ssh_key_filename');
    }
    expect(server.accepted).toBe(before);
  });

  test('without a name the usual keys of the user are tried, those with a passphrase left out and told', async () => {
    await using server = await start({ users: [otherKey] });
    file('known_hosts', knownLine(server.port, hostKey));
    file('id_ed25519', makeKey('ed25519', 'hunter22').private);
    file('id_rsa', userKey.private);
    const error = await failure(openTransport(at(server), context()));
    expect([error.code, error.details['tried']]).toEqual(['AUTH_FAILED', [join(home, '.ssh/id_rsa')]]);
    expect(error.message).toContain('id_ed25519: it is protected by a passphrase');
    expect(error.hint).toContain('~joe/.ssh/authorized_keys');
    file('id_ecdsa', otherKey.private);
    await expectOpens(openTransport(at(server), context()));
  });

  test('without any key it says where it looked', async () => {
    await using server = await start();
    file('known_hosts', knownLine(server.port, hostKey));
    const error = await failure(openTransport(at(server), context()));
    expect(error.code).toBe('AUTH_FAILED');
    expect(error.message).toContain('there was no key to show');
    for (const name of ['id_ed25519', 'id_ecdsa', 'id_rsa']) expect(error.message).toContain(`${home}/.ssh/${name}: it does not exist`);
  });

  test('a server that takes no keys is told apart', async () => {
    await using server = await start({ users: 'password' });
    prepare(server);
    const error = await failure(openTransport(at(server), context()));
    expect([error.code, error.details['accepted']]).toEqual(['AUTH_FAILED', ['password', 'keyboard-interactive']]);
    expect(error.message).toContain('it takes password, keyboard-interactive and no keys');
  });

  test('a server that has enough of many keys refuses them', async () => {
    const server = new ssh2.Server({ hostKeys: [hostKey.private] }, (client) => {
      client.on('error', () => undefined);
      // RFC 4253 §11.1: no more authentication methods available.
      client.on('authentication', () => (client as unknown as { _protocol: { disconnect(reason: number): void } })._protocol.disconnect(14));
    });
    await using listening = await listen(createServer((socket) => server.injectSocket(socket)));
    file('known_hosts', knownLine(listening.port, hostKey));
    file('id_rsa', userKey.private);
    const error = await failure(openTransport(at(listening), context()));
    expect([error.code, error.retryable]).toEqual(['AUTH_FAILED', false]);
  });

  test('a server that asks for nothing lets us in', async () => {
    await using server = await start({ users: 'anybody' });
    file('known_hosts', knownLine(server.port, hostKey));
    await expectOpens(openTransport(at(server), context()));
    expect(server.attempts).toEqual(['none joe']);
  });

  test('a server that does not run the command', async () => {
    await using server = await start({ command: 'refuse' });
    prepare(server);
    const error = await failure(openTransport(at(server), context()));
    expect([error.code, error.details['address']]).toEqual(['REFUSED', `joe@127.0.0.1:${server.port}`]);
    await server.allClosed();
  });

  test.each(['destroy', 'resetAndDestroy'] as const)('a connection that is lost (%s) before the command runs was not refused', async (way) => {
    await using server = await start({ command: 'silent' });
    prepare(server);
    const opening = failure(openTransport(at(server), context()));
    await server.reached('exec');
    (await server.connection)[way]();
    const error = await opening;
    expect([error.code, error.details['address']]).toEqual(['UNREACHABLE', `joe@127.0.0.1:${server.port}`]);
  });

  test('an RSA key signs with SHA-2, and a host key of RSA is taken', async () => {
    const rsa = makeKey('rsa');
    await using server = await start({ users: [rsa], hostKeys: [rsaHostKey] });
    file('known_hosts', knownLine(server.port, rsaHostKey));
    await expectOpens(openTransport(at(server), context({ ssh: { keyFile: file('rsa', rsa.private) } })));
  });
});

/** An SSH agent with one key, or one that never answers. */
async function startAgent(path: string, keys: readonly KeyPair[] | 'silent' | 'failing') {
  return listen(
    createServer((socket) => {
      if (keys === 'silent') {
        socket.resume();
        return;
      }
      const agent = new ssh2.AgentProtocol(false);
      agent.on('identities', (request) => (keys === 'failing' ? agent.failureReply(request) : agent.getIdentitiesReply(request, keys.map((key) => parsed(key.private)) as never)));
      agent.on('sign', (request, publicKey, data, options) => {
        const key = keys === 'failing' ? undefined : keys.find((one) => parsed(one.public).getPublicSSH().equals((publicKey as { getPublicSSH(): Buffer }).getPublicSSH()));
        if (key === undefined) agent.failureReply(request);
        else agent.signReply(request, parsed(key.private).sign(data, (options as { hash?: string }).hash));
      });
      socket.pipe(agent).pipe(socket);
    }),
    path,
  );
}

describe('an agent', () => {
  test('logs in with a key of its own', async () => {
    await using server = await start();
    file('known_hosts', knownLine(server.port, hostKey));
    await using agent = await startAgent(join(home, 'agent'), [otherKey, userKey]);
    await expectOpens(openTransport(at(server), context({ ssh: { agent: join(home, 'agent') } })));
    await agent.allClosed();
    await server.allClosed();
  });

  test.each([['failing', 'failing'], ['missing', undefined]] as const)('that is %s does not keep the other keys from being tried', async (_what, keys) => {
    await using server = await start();
    prepare(server);
    await using _agent = keys === undefined ? undefined : await startAgent(join(home, 'agent'), keys);
    const ssh = { agent: join(home, 'agent') };
    await expectOpens(openTransport(at(server), context({ ssh })));
    const error = await failure(openTransport(at(server, 'sshauth=agent'), context({ ssh })));
    expect([error.code, error.details['tried']]).toEqual(['AUTH_FAILED', [`the agent ${join(home, 'agent')}`]]);
    expect(error.message).toMatch(/agent/i);
  });

  test('is tried after the keys of the user, or not at all, when sshauth says so', async () => {
    await using server = await start({ users: [otherKey] });
    prepare(server);
    await using agent = await startAgent(join(home, 'agent'), [otherKey]);
    const ssh = { agent: join(home, 'agent') };
    await failure(openTransport(at(server, 'sshauth=privkey'), context({ ssh })));
    expect(agent.accepted).toBe(0);
    await expectOpens(openTransport(at(server, 'sshauth=privkey,agent'), context({ ssh })));
    expect(agent.accepted).toBeGreaterThan(0);
  });
});

describe('a signal ends every step, with its reason and without a socket left', () => {
  const reason = new FerricError('TIMEOUT', 'too long');
  const expectAbort = async (server: SshServer | Awaited<ReturnType<typeof listen>>, until: () => Promise<unknown>, settings: { readonly ssh?: SshSettings; readonly query?: string } = {}): Promise<void> => {
    const controller = new AbortController();
    const opening = openTransport(at(server, settings.query), context({ signal: controller.signal, ...(settings.ssh === undefined ? {} : { ssh: settings.ssh }) }));
    opening.catch(() => undefined);
    await until();
    controller.abort(reason);
    await expect(opening).rejects.toBe(reason);
    await server.allClosed();
  };

  test('before anything', async () => {
    await using server = await start();
    await expectAbort(server, async () => undefined);
    expect(server.attempts).toEqual([]);
  });

  test('a server that says nothing', async () => {
    const greeted = Promise.withResolvers<void>();
    await using server = await listen(createServer((socket) => socket.on('data', () => greeted.resolve())));
    file('known_hosts', knownLine(server.port, hostKey));
    await expectAbort(server, async () => greeted.promise);
  });

  test('a server that does not even close', async () => {
    const greeted = Promise.withResolvers<void>();
    await using server = await listen(createServer({ allowHalfOpen: true }, (socket) => socket.on('data', () => greeted.resolve())));
    file('known_hosts', knownLine(server.port, hostKey));
    const controller = new AbortController();
    const opening = openTransport(at(server), context({ signal: controller.signal }));
    const socket = await server.connection;
    await greeted.promise;
    controller.abort(reason);
    await expect(opening).rejects.toBe(reason);
    // Only who has nobody at the other end any more is told so.
    if (!socket.readableEnded) await new Promise((resolve) => void socket.once('end', resolve));
    await vi.waitFor(() => {
      socket.write('x');
      expect(socket.errored ?? undefined).toMatchObject({ code: expect.stringMatching(/ECONNRESET|EPIPE/) as string });
    });
  });

  test('a login that is not answered', async () => {
    await using server = await start({ users: 'silent' });
    prepare(server);
    await expectAbort(server, () => server.reached('auth'));
  });

  test('a command that is not answered', async () => {
    await using server = await start({ command: 'silent' });
    prepare(server);
    await expectAbort(server, () => server.reached('exec'));
  });

  test('an agent that says nothing', async () => {
    await using server = await start();
    file('known_hosts', knownLine(server.port, hostKey));
    await using agent = await startAgent(join(home, 'agent'), 'silent');
    await expectAbort(server, async () => agent.connection, { ssh: { agent: join(home, 'agent') } });
    await agent.allClosed();
  });
});

describe('what is no SSH server', () => {
  test('nobody listens', async () => {
    const server = await start();
    prepare(server);
    await server[Symbol.asyncDispose]();
    const error = await failure(openTransport(at(server), context()));
    expect([error.code, error.details]).toEqual(['UNREACHABLE', { address: `joe@127.0.0.1:${server.port}`, systemCode: 'ECONNREFUSED' }]);
    expect(error.hint).toContain('SSH server');
  });

  test.each([
    ['another protocol', (socket: Socket) => void socket.resume().end(`HTTP/1.1 400 Bad Request\r\n\r\n${'x'.repeat(9000)}`), ['PROTOCOL_FAULT', 'UNREACHABLE']],
    ['the end at once', (socket: Socket) => void socket.resume().end(), ['UNREACHABLE']],
    ['a reset', (socket: Socket) => void socket.once('data', () => socket.resetAndDestroy()), ['UNREACHABLE']],
    ['garbage behind the version', (socket: Socket) => void socket.resume().write(`SSH-2.0-x\r\n${'y'.repeat(100)}`), ['PROTOCOL_FAULT']],
  ])('%s', async (_what, answer, codes) => {
    await using server = await listen(createServer(answer));
    file('known_hosts', knownLine(server.port, hostKey));
    const error = await failure(openTransport(at(server), context()));
    expect(codes, error.message).toContain(error.code);
    expect(error.details['address']).toBe(`joe@127.0.0.1:${server.port}`);
    await server.allClosed();
  });

  test('one with nothing but what is out of date', async () => {
    const server = new ssh2.Server({ hostKeys: [rsaHostKey.private], algorithms: { serverHostKey: ['ssh-rsa'] } }, (client) => client.on('error', () => undefined));
    await using listening = await listen(createServer((socket) => server.injectSocket(socket)));
    file('known_hosts', knownLine(listening.port, rsaHostKey));
    const error = await failure(openTransport(at(listening), context()));
    expect([error.code, error.message]).toEqual(['UNSUPPORTED', expect.stringContaining('in common')]);
  });
});

test('without the package ssh2 it is UNSUPPORTED, with the command that installs it', async () => {
  vi.resetModules();
  vi.doMock('ssh2', () => {
    throw Object.assign(new Error("Cannot find package 'ssh2'"), { code: 'ERR_MODULE_NOT_FOUND' });
  });
  try {
    const fresh = await import('./index.js');
    const error = await failure(fresh.openTransport(parseLibvirtUri('qemu+ssh://h/system'), context()));
    expect([error.code, error.hint, error.details]).toEqual(['UNSUPPORTED', 'npm install ssh2', { address: 'h:22', package: 'ssh2' }]);
  } finally {
    vi.doUnmock('ssh2');
    vi.resetModules();
  }
});

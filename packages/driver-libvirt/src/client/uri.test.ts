import { errorCode, FerricError, optionIssues } from '@ferric/core';
import * as fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseLibvirtUri } from './uri.js';

/** What libvirt's own library made of a URI: see SOURCE.md beside the file. */
interface Recorded {
  readonly uri: string;
  readonly userId?: number;
  readonly sockets?: readonly string[];
  readonly name?: string;
  readonly onTheWire?: boolean;
  readonly host?: string;
  readonly username?: string;
  readonly chosenSocket?: string;
  readonly connectedTo?: string;
  readonly ssh?: readonly string[];
  readonly error?: string;
}

const recorded = JSON.parse(readFileSync(new URL('../../test/fixtures/uri/libvirt-9.0.0.json', import.meta.url), 'utf8')) as readonly Recorded[];

/** Refused here on purpose, with the reason; the library takes them. */
const REFUSED_HERE: Readonly<Record<string, string>> = {
  'qemu+tcp://:16600/system': 'the library goes to port 16509 of localhost',
  'qemu+tcp://@127.0.0.1/system': 'the library takes the rest of the URI for the user',
  'qemu+tcp:system': 'a path without slash names nothing',
  'qemu+tcp://127.0.0.1:99999/system': 'no such port',
  'qemu+tcp://[127.0.0.1]/system': 'no IPv6 address',
  'qemu+tcp://a%20b/system': 'no host name',
  'qemu+tcp://127.0.0.1/a%00b': 'the library cuts it off there',
  'qemu+tcp://127.0.0.1/system?auth=x': 'the library complains only when it has to log in',
  'qemu+tcp://127.0.0.1/system?auth=': 'the same',
  'qemu+ext:///system?command=/bin/false&foo=1': 'starts a program',
  'qemu+unix:///system?socket=libvirt-sock': 'depends on the working folder',
  'qemu+unix:///system?socket=': 'no path',
  'qemu+unix:///system?socket': 'no path',
  'qemu+ssh://host.example/system?socket=rel': 'depends on the home folder there',
  'qemu+ext://127.0.0.1/system': 'refused there too, but later',
  'qemu+ssh://host.example/system?mode=direct': 'the same',
  'qemu+ssh://host.example/system?proxy=native&netcat=nc.x': 'the same',
  'qemu+ssh://host.example/system?proxy=native&socket=/x/sock': 'the helper cannot be told the socket; the library does not use it',
};

const context = (entry: Recorded) => ({ userId: entry.userId ?? 0, runtimeDirectory: `/run/user/${entry.userId ?? 0}`, homeDirectory: '/nowhere' });
const title = ({ uri, userId = 0, sockets = [] }: Recorded): string => `${uri} as ${userId} with ${sockets.join(', ') || 'no socket'}`;
const taken = recorded.filter(({ uri, name }) => name !== undefined && !(uri in REFUSED_HERE));
const refused = recorded.filter(({ name }) => name === undefined);

describe('compared with libvirt 9.0.0', () => {
  test('the recording is large, and most of it was seen on the wire', () => {
    expect(recorded.length).toBeGreaterThan(200);
    expect(recorded.filter(({ onTheWire }) => onTheWire).length).toBeGreaterThan(100);
    expect(taken.length).toBeGreaterThan(150);
    for (const uri of Object.keys(REFUSED_HERE)) expect(recorded.map((entry) => entry.uri)).toContain(uri);
  });

  test.each(taken.map((entry) => [title(entry), entry] as const))('%s', (_title, entry) => {
    const uri = parseLibvirtUri(entry.uri, context(entry));
    expect(uri.remoteName).toBe(entry.name);
    if (uri.transport !== 'unix') expect(uri.host).toBe(entry.host ?? 'localhost');
    expect(uri.username).toBe(entry.username);
    if (uri.transport === 'tcp' && entry.connectedTo !== undefined) {
      expect(entry.connectedTo.replace('[::1]', 'localhost')).toBe(uri.address.replace('[::1]', 'localhost').replace('host.example', '127.0.0.1').replace('HOST.example', '127.0.0.1'));
    }
    if (uri.transport === 'unix') {
      const first = uri.sockets.find((socket) => entry.sockets?.includes(socket));
      expect(first ?? uri.address).toBe(entry.chosenSocket);
    }
    if (uri.transport === 'ssh' && entry.ssh !== undefined) {
      const options = entry.ssh;
      const after = (flag: string): string | undefined => (options.includes(flag) ? options[options.indexOf(flag) + 1] : undefined);
      expect(uri.port).toBe(Number(after('-p') ?? 22));
      expect(uri.username).toBe(after('-l'));
      expect(uri.parameters.keyfile).toBe(after('-i'));
      expect(uri.parameters.noVerify).toBe(options.includes('StrictHostKeyChecking=no'));
    }
  });

  test.each(refused.map(({ uri }) => [uri]))('%s is refused, as there', (uri) => {
    expect(() => parseLibvirtUri(uri)).toThrow(FerricError);
  });

  test.each(Object.entries(REFUSED_HERE))('%s is refused: %s', (uri) => {
    expect(() => parseLibvirtUri(uri)).toThrow(FerricError);
  });
});

const refusal = (text: string): FerricError => {
  try {
    parseLibvirtUri(text);
  } catch (error) {
    if (FerricError.is(error)) return error;
    throw error;
  }
  return expect.fail(`${text} was taken`);
};

describe('transports', () => {
  test.each([
    ['qemu:///system', 'unix', '/var/run/libvirt/libvirt-sock'],
    ['test:///default', 'unix', '/var/run/libvirt/libvirt-sock'],
    ['qemu+unix:///system?socket=/x', 'unix', '/x'],
    ['qemu+unix:///system?mode=direct', 'unix', '/var/run/libvirt/virtqemud-sock'],
    ['qemu://host.example/system', 'tls', 'host.example:16514'],
    ['qemu+tls:///system', 'tls', 'localhost:16514'],
    ['qemu+tcp://192.0.2.1/system', 'tcp', '192.0.2.1:16509'],
    ['qemu+tcp://joe@192.0.2.1:1/system', 'tcp', '192.0.2.1:1'],
    ['qemu+ssh://joe@[2001:db8::1]/system', 'ssh', 'joe@[2001:db8::1]:22'],
    ['qemu+ssh://host.example:2222/system', 'ssh', 'host.example:2222'],
    ['qemu+libssh://host.example/system', 'ssh', 'host.example:22'],
    ['qemu+LibSSH2://host.example/system', 'ssh', 'host.example:22'],
  ])('%s goes by %s to %s', (text, transport, address) => {
    const uri = parseLibvirtUri(text, { userId: 0 });
    expect([uri.transport, uri.address, uri.text]).toEqual([transport, address, text]);
  });

  test.each([
    ['qemu+ext:///system?command=/bin/x', 'UNSUPPORTED', 'starts a program'],
    ['qemu+ssh://h/system?command=/bin/x', 'UNSUPPORTED', 'starts a program'],
    ['esx://h/?no_verify=1', 'UNSUPPORTED', 'inside libvirt'],
    ['qemu+toString://h/system', 'INVALID_OPTIONS', 'unix, tcp, tls, ssh, libssh, libssh2'],
    ['qemu+unix://h/system', 'INVALID_OPTIONS', 'on this machine'],
    ['qemu+ssh://h/system?mode=direct', 'INVALID_OPTIONS', 'mode must be auto or legacy'],
    ['qemu+ssh://h/system?proxy=native&netcat=nc', 'INVALID_OPTIONS', 'proxy must be'],
    ['remote+ssh://h/?proxy=native', 'INVALID_OPTIONS', 'virt-ssh-helper needs one'],
    ['qemu+ssh://h/system?proxy=native&name=-r', 'INVALID_OPTIONS', 'virt-ssh-helper needs one'],
    [`qemu+unix:///system?socket=/${'x'.repeat(107)}`, 'INVALID_OPTIONS', '107 bytes'],
    [`qemu+tcp://h/${'x'.repeat(9000)}`, 'INVALID_OPTIONS', '8192 characters'],
    ['qemu+tcp://h/%ff', 'INVALID_OPTIONS', 'UTF-8'],
    ['qemu+tcp://h/system?known_hosts_verify=maybe', 'INVALID_OPTIONS', 'normal, auto, ignore'],
    ['qemu+tcp://h/system?keyfile=', 'INVALID_OPTIONS', 'keyfile must be'],
    ['qemu+ssh://h/system?sshauth=password', 'INVALID_OPTIONS', 'agent or privkey'],
  ])('%s is refused as %s', (text, code, words) => {
    const error = refusal(text);
    expect(errorCode(error)).toBe(code);
    expect(`${error.message} ${error.hint}`).toContain(words);
  });

  test('a hypervisor of the library itself is reached through a daemon when the transport says so', () => {
    expect(parseLibvirtUri('esx+tls://h/').remoteName).toBe('esx:///');
  });
});

describe('passwords', () => {
  test.each([
    'qemu+ssh://joe:hunter22@h/system',
    'qemu+ssh://joe%3Ahunter22@h/system',
    'qemu+tls://:hunter22@h/system',
    'qemu+ssh://joe:hunter22 x@h/system',
    'qemu+ssh://joe:hunter22/x@h/system',
    'qemu+ssh://joe:hunter22%ff@h/system',
    'joe:hunter22@h',
    'qemu://joe:hunter22@h:x/system',
    'qemu+tcp://h/system?password=hunter22%ff',
    'qemu+tcp://h:x/system?password=hunter22',
  ])('%s is refused without being shown', (text) => {
    const error = refusal(text);
    expect(error.code).toBe('INVALID_OPTIONS');
    expect(optionIssues(error)).toHaveLength(1);
    expect(JSON.stringify(error) + String(error.stack)).not.toContain('hunter22');
  });

  test('says that a password does not belong there', () => {
    expect(refusal('qemu+ssh://joe:x@h/system').message).toContain('one without a password');
  });
});

describe('parameters', () => {
  const read = (query: string) => parseLibvirtUri(`qemu+ssh://h/system?${query}`).parameters;

  test('are absent or harmless when nothing is said', () => {
    expect(read('')).toEqual({ mode: 'auto', proxy: 'auto', knownHostsVerify: 'normal', noVerify: false, ignored: [] });
  });

  test('all at once, in any case', () => {
    const query = 'SOCKET=/s&Mode=legacy&auth=sasl.DIGEST-MD5&keyFile=/k%20k&pkipath=/p&netcat=/n&proxy=netcat&known_hosts=/h&known_hosts_verify=AUTO&NO_verify=1&sshauth=privkey,agent';
    expect(read(query)).toEqual({
      socket: '/s', mode: 'legacy', auth: { kind: 'sasl', mechanism: 'DIGEST-MD5' }, keyfile: '/k k', pkipath: '/p', netcat: '/n', proxy: 'netcat', knownHosts: '/h',
      knownHostsVerify: 'auto', noVerify: true, sshAuth: ['privkey', 'agent'], ignored: [],
    });
  });

  test.each([
    ['auth=SASL', { kind: 'sasl' }],
    ['auth=sasl.', { kind: 'sasl' }],
    ['auth=Sasl.scram', { kind: 'sasl', mechanism: 'scram' }],
    ['auth=polkit', { kind: 'polkit' }],
    ['auth=none', { kind: 'none' }],
  ])('%s', (query, auth) => {
    expect(read(query).auth).toEqual(auth);
  });

  test('those that would change who is trusted and have no effect here are told', () => {
    expect(read('tls_priority=NORMAL&authfile=/x&no_tty=1&no_sanity=1').ignored).toEqual(['tls_priority', 'authfile']);
  });
});

describe('sockets of one user', () => {
  test('are those of the runtime folder, else of the two that libvirt uses', () => {
    expect(parseLibvirtUri('qemu:///session', { userId: 7, runtimeDirectory: '/r' }).sockets).toEqual(['/r/libvirt/virtqemud-sock', '/r/libvirt/libvirt-sock']);
    const uri = parseLibvirtUri('qemu:///session', { userId: 7, homeDirectory: '/home/joe' });
    expect(uri.sockets).toEqual([
      '/run/user/7/libvirt/virtqemud-sock', '/run/user/7/libvirt/libvirt-sock', '/home/joe/.cache/libvirt/virtqemud-sock', '/home/joe/.cache/libvirt/libvirt-sock',
    ]);
    expect(uri.address).toBe('/run/user/7/libvirt/libvirt-sock');
  });

  test('are the system\'s for the super-user, and this process counts when nobody else is named', () => {
    expect(parseLibvirtUri('qemu:///session', { userId: 0 }).sockets).toEqual(['/var/run/libvirt/virtqemud-sock', '/var/run/libvirt/libvirt-sock']);
    expect(parseLibvirtUri('qemu:///session').address).toContain(process.getuid?.() === 0 ? '/var/run' : String(process.getuid?.()));
  });
});

test('whatever comes, it is a URI or INVALID_OPTIONS or UNSUPPORTED', () => {
  const piece = fc.constantFrom('qemu', '+ssh', '+tcp', '+unix', '://', ':', '/', '?', '&', '=', ';', '#', '@', '%', '%41', '%00', '[', ']', '::1', 'host', '22', 'socket=/x', 'name=', ' ', 'ä', 'no_verify=1');
  fc.assert(
    fc.property(fc.oneof(fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('')), fc.string()), (text) => {
      try {
        expect(parseLibvirtUri(text).text).toBe(text);
      } catch (error) {
        expect(['INVALID_OPTIONS', 'UNSUPPORTED']).toContain(errorCode(error));
      }
    }),
    { numRuns: 2000 },
  );
});

test('the name that the daemon gets does not change when it is read again', () => {
  const word = fc.stringMatching(/^[\w %/:;@&=+$,~!*'()-]{0,8}$/).map((text) => encodeURIComponent(text));
  fc.assert(
    fc.property(word, fc.array(fc.tuple(fc.stringMatching(/^x[a-z]{0,5}$/), word), { maxLength: 4 }), (path, pairs) => {
      const query = pairs.map(([name, value]) => `${name}=${value}`).join('&');
      const once = parseLibvirtUri(`qemu+tcp://h/${path}?${query}`).remoteName;
      expect(parseLibvirtUri(once, { userId: 0 }).remoteName).toBe(once);
    }),
  );
});

import * as fc from 'fast-check';
import { execFileSync } from 'node:child_process';
import { chmodSync, closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseLibvirtUri } from '../uri.js';
import { quote, remoteCommand } from './remote-command.js';

/** Programs that write down with what they were started; the one and only PATH of the shell, with what the command needs besides. */
let folder: string;
let log: string;
/** What stands on the standard input of the command. */
let bytes: string;

const RECORD = (name: string): string => `#!/bin/sh\nif test "$1" = -q; then PROBE; exit 1; fi\n{ printf '%s\\0' ${name} "$@"; } > "$LOG"\n`;
const KNOWS_Q = 'echo "nc: option requires an argument -- q" >&2';
const READS_INPUT = 'cat >/dev/null; echo "usage: nc" >&2';

function install(name: string, probe = KNOWS_Q): void {
  writeFileSync(join(folder, name), RECORD(name).replace('PROBE', probe));
  chmodSync(join(folder, name), 0o755);
}

function remove(name: string): void {
  rmSync(join(folder, name), { force: true });
}

/** What the command starts, with its arguments. */
function started(text: string, environment: Record<string, string> = {}): readonly string[] {
  rmSync(log, { force: true });
  // As sshd does it: the login shell gets the whole command as one text.
  const input = openSync(bytes, 'r');
  try {
    execFileSync('/bin/sh', ['-c', remoteCommand(parseLibvirtUri(text))], { env: { PATH: folder, LOG: log, ...environment }, stdio: [input, 'pipe', 'pipe'] });
  } finally {
    closeSync(input);
  }
  return readFileSync(log, 'utf8').split('\0').slice(0, -1);
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ferric-remote-command-'));
  log = join(folder, 'log');
  bytes = join(folder, 'bytes');
  writeFileSync(bytes, 'bytes for the daemon');
  for (const tool of ['sh', 'grep', 'cat', 'id', 'test']) {
    const path = execFileSync('/bin/sh', ['-c', `command -v ${tool}`]).toString().trim();
    if (path.startsWith('/')) execFileSync('ln', ['-s', path, join(folder, tool)]);
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

const SYSTEM = '/var/run/libvirt/libvirt-sock';

describe('what the far end starts', () => {
  test('the helper when it is there, with the name that the daemon gets', () => {
    install('nc');
    install('virt-ssh-helper');
    expect(started('qemu+ssh://h/system')).toEqual(['virt-ssh-helper', 'qemu:///system']);
    expect(started('test+ssh://joe@h:1/default?a=1&no_verify=1')).toEqual(['virt-ssh-helper', 'test:///default?a=1']);
    expect(started('qemu+ssh://h/session')).toEqual(['virt-ssh-helper', 'qemu:///session']);
    expect(started('qemu+ssh://h/system?proxy=native')).toEqual(['virt-ssh-helper', 'qemu:///system']);
  });

  test('netcat when the helper is not there, or would be of no use', () => {
    install('nc');
    install('virt-ssh-helper');
    expect(started('qemu+ssh://h/system?proxy=netcat')).toEqual(['nc', '-q0', '-U', SYSTEM]);
    expect(started('qemu+ssh://h/system?socket=/x')).toEqual(['nc', '-q0', '-U', '/x']);
    expect(started('qemu+ssh://h/system?proxy=auto&socket=/x')).toEqual(['nc', '-q0', '-U', '/x']);
    expect(started(`qemu+ssh://h/system?netcat=${folder}/nc`)).toEqual(['nc', '-q0', '-U', SYSTEM]);
    expect(started('remote+ssh://h/')).toEqual(['nc', '-q0', '-U', SYSTEM]);
    expect(started('qemu+ssh://h/system?name=-r')).toEqual(['nc', '-q0', '-U', SYSTEM]);
    remove('virt-ssh-helper');
    expect(started('qemu+ssh://h/system')).toEqual(['nc', '-q0', '-U', SYSTEM]);
  });

  test('a netcat that does not know -q is started without, and the question takes nothing from the input', () => {
    install('nc', READS_INPUT);
    writeFileSync(join(folder, 'nc'), `${readFileSync(join(folder, 'nc'), 'utf8')}cat >> "$LOG"\nprintf '\\0' >> "$LOG"\n`);
    remove('virt-ssh-helper');
    expect(started('qemu+ssh://h/system')).toEqual(['nc', '-U', SYSTEM, 'bytes for the daemon']);
  });

  test('the sockets of a user are found there, not here', () => {
    install('nc');
    remove('virt-ssh-helper');
    const { uid } = userInfo();
    const own = uid === 0 ? SYSTEM : '/r/libvirt/libvirt-sock';
    expect(started('qemu+ssh://h/session', { XDG_RUNTIME_DIR: '/r' }).at(-1)).toBe(own);
    writeFileSync(join(folder, 'fake-id'), '#!/bin/sh\necho 1234\n');
    chmodSync(join(folder, 'fake-id'), 0o755);
    execFileSync('mv', [join(folder, 'id'), join(folder, 'real-id')]);
    execFileSync('mv', [join(folder, 'fake-id'), join(folder, 'id')]);
    expect(started('qemu+ssh://h/session?proxy=netcat', { XDG_RUNTIME_DIR: '/r x' }).at(-1)).toBe('/r x/libvirt/libvirt-sock');
    expect(started('qemu+ssh://h/session').at(-1)).toBe('/run/user/1234/libvirt/libvirt-sock');
    expect(started('qemu+ssh://h/system').at(-1)).toBe(SYSTEM);
    expect(started('qemu+ssh://h/session?socket=/x').at(-1)).toBe('/x');
    execFileSync('mv', [join(folder, 'real-id'), join(folder, 'id')]);
  });
});

describe('no value breaks out', () => {
  const nasty = fc
    .array(
      fc.oneof(fc.constantFrom("'", '"', '$(touch broken)', '`touch broken`', '\n', ';touch broken;', '&', '|', '>broken', '\\', "'\\''", '$LOG', '#', '!', '*', '~', ' ', '\t', '-', '\r', '${PATH}'), fc.string({ maxLength: 4 })),
      { maxLength: 6 },
    )
    .map((parts) => parts.join('').replaceAll('\0', '').toWellFormed());
  const checked = (text: string): readonly string[] => {
    const before = readdirSync(folder).length;
    const result = started(text);
    expect(readdirSync(folder).filter((name) => name.startsWith('broken'))).toEqual([]);
    expect(Math.abs(readdirSync(folder).length - before)).toBeLessThanOrEqual(1);
    return result;
  };

  test('socket=', () => {
    install('nc');
    fc.assert(
      fc.property(nasty, (value) => {
        fc.pre(Buffer.byteLength(value) < 100);
        expect(checked(`qemu+ssh://h/system?socket=${encodeURIComponent(`/${value}`)}`)).toEqual(['nc', '-q0', '-U', `/${value}`]);
      }),
      { numRuns: 60 },
    );
  });

  test('the name, as path and as name=', () => {
    install('virt-ssh-helper');
    fc.assert(
      fc.property(nasty, (value) => {
        const uri = `qemu+ssh://h/system?proxy=native&name=${encodeURIComponent(`qemu:${value}`)}`;
        expect(checked(uri)).toEqual(['virt-ssh-helper', `qemu:${value}`]);
        const path = `qemu+ssh://h/${encodeURIComponent(value)}`;
        expect(checked(path)).toEqual(['virt-ssh-helper', parseLibvirtUri(path).remoteName]);
      }),
      { numRuns: 40 },
    );
  });

  test('netcat=', () => {
    const home = mkdtempSync(join(tmpdir(), 'ferric-netcat-'));
    try {
      fc.assert(
        fc.property(nasty, (value) => {
          const name = `x${value.replaceAll('/', '')}`;
          fc.pre(Buffer.byteLength(name) < 200);
          const program = join(home, name);
          writeFileSync(program, RECORD('nc').replace('PROBE', KNOWS_Q));
          chmodSync(program, 0o755);
          expect(checked(`qemu+ssh://h/system?netcat=${encodeURIComponent(program)}`)).toEqual(['nc', '-q0', '-U', SYSTEM]);
        }),
        { numRuns: 40 },
      );
    } finally {
      rmSync(home, { recursive: true });
    }
  });

  test('quote gives one word to any shell of POSIX', () => {
    fc.assert(
      fc.property(nasty, (value) => {
        expect(execFileSync('/bin/sh', ['-c', `printf '%s' ${quote(value)}`]).toString()).toBe(value);
      }),
      { numRuns: 60 },
    );
  });
});

interface Recorded {
  readonly uri: string;
  readonly userId?: number;
  readonly ssh?: readonly string[];
}

/** Where the library does otherwise, with the reason for which it is not followed. */
const OTHERWISE: Readonly<Record<string, string>> = {
  'qemu+ssh://host.example/system?proxy=auto&socket=/x/sock': 'the helper does not know the socket',
  'qemu+ssh://host.example/system?name=': 'the helper refuses an empty name',
  'remote+ssh://host.example/': 'the helper refuses an empty name',
  'qemu+ssh://host.example/session 1000': 'the library does not know where the sockets are there, so that it does not try netcat',
};

describe('compared with libvirt 9.0.0', () => {
  const recorded = JSON.parse(readFileSync(new URL('../../../test/fixtures/uri/libvirt-9.0.0.json', import.meta.url), 'utf8')) as readonly Recorded[];
  const name = ({ uri, userId }: Recorded): string => (userId === undefined ? uri : `${uri} ${userId}`);
  const comparable = recorded.filter((entry) => entry.ssh !== undefined && !(name(entry) in OTHERWISE) && !/socket=rel|proxy=native&/.test(entry.uri));

  test.each(comparable.map((entry) => [name(entry), entry] as const))('%s tries the same programs', (_name, { uri, ssh = [] }) => {
    const theirs = ssh.at(-1) ?? '';
    const ours = remoteCommand(parseLibvirtUri(uri));
    expect(comparable.length).toBeGreaterThan(25);
    expect([ours.includes('virt-ssh-helper'), ours.includes('-U')]).toEqual([theirs.includes('virt-ssh-helper'), theirs.includes('-U')]);
  });
});

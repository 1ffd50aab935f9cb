import * as fc from 'fast-check';
import { createHmac, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { formatKnownHost, judgeHostKey, keyType, linesFor, listedName, listedTypes, parseKnownHosts } from './known-hosts.js';

const folder = new URL('../../../test/fixtures/ssh/', import.meta.url);
const text = readFileSync(new URL('known_hosts', folder), 'utf8');
const lookups = JSON.parse(readFileSync(new URL('lookups.json', folder), 'utf8')) as Readonly<Record<string, readonly number[]>>;
const hosts = parseKnownHosts(text, 'list');
const BROKEN_LINE = 19;

const key = (line: number): Buffer => Buffer.from(text.split('\n')[line - 1]?.split(/\s+/).find((word) => word.startsWith('AAAA')) ?? '', 'base64');
const makeKey = (type: string, content = 'x'): Buffer => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(type.length);
  return Buffer.concat([length, Buffer.from(type), Buffer.from(content)]);
};
const line = (names: string, type: string, content?: string): string => `${names} ${type} ${makeKey(type, content).toString('base64')}`;

test.each(Object.entries(lookups))('%s is found where ssh-keygen finds it', (name, lines) => {
  expect(linesFor(hosts, name.toLowerCase()).map((entry) => entry.line)).toEqual(lines.filter((number) => number !== BROKEN_LINE));
});

test('lines that mean nothing are passed over, and the others keep their place', () => {
  expect(hosts.map((entry) => entry.line)).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 22, 23]);
  expect(hosts.every((entry) => entry.file === 'list')).toBe(true);
  expect(hosts.filter((entry) => entry.marker !== undefined).map((entry) => [entry.line, entry.marker])).toEqual([[14, 'revoked'], [15, 'cert-authority']]);
});

describe('judgeHostKey', () => {
  const KEYS = { one: key(3), two: key(4), three: key(5), revoked: key(14), rsa: key(18) };

  test.each([
    ['plain.example', 22, 'one', 'known'],
    ['Plain.Example', 22, 'one', 'known'],
    ['plain.example', 22, 'two', 'changed'],
    ['plain.example', 2222, 'three', 'known'],
    ['plain.example', 2222, 'two', 'changed'],
    ['plain.example', 2223, 'one', 'known'],
    ['plain.example', 2223, 'two', 'unknown'],
    ['192.0.2.7', 22, 'two', 'known'],
    ['2001:DB8::9', 2222, 'three', 'known'],
    ['hashed.example', 22, 'one', 'known'],
    ['hashed.example', 22, 'three', 'changed'],
    ['hashed.example', 2222, 'two', 'known'],
    ['hashed.example', 2222, 'one', 'known'],
    ['nowhere.example', 22, 'one', 'unknown'],
    ['nowhere.example', 22, 'revoked', 'revoked'],
    ['plain.example', 2222, 'revoked', 'revoked'],
    ['not.wild.example', 22, 'one', 'unknown'],
    ['types.example', 22, 'rsa', 'known'],
    ['x.certified.example', 22, 'one', 'unknown'],
  ] as const)('%s port %i: key %s is %s', (host, port, shown, kind) => {
    expect(judgeHostKey(hosts, host, port, KEYS[shown]).kind).toBe(kind);
  });

  test('a revoked key is refused even where another line lists it', () => {
    const list = parseKnownHosts(`${line('h', 'ssh-rsa')}\n@revoked ${line('h', 'ssh-rsa')}`);
    expect(judgeHostKey(list, 'h', 22, makeKey('ssh-rsa'))).toMatchObject({ kind: 'revoked', line: { line: 2 } });
  });

  test('a key of another type than those listed counts as changed, and all that are listed are told', () => {
    const list = parseKnownHosts(`${line('h', 'ssh-rsa')}\n${line('h', 'ecdsa-sha2-nistp256')}`);
    expect(judgeHostKey(list, 'h', 22, makeKey('ssh-ed25519'))).toMatchObject({ kind: 'changed', lines: [{ line: 1 }, { line: 2 }] });
  });

  test('an authority of certificates vouches for no key, and is told', () => {
    expect(judgeHostKey(hosts, 'x.certified.example', 22, KEYS.two)).toEqual({ kind: 'unknown', authority: true });
    expect(judgeHostKey(hosts, 'nowhere.example', 22, KEYS.two)).toEqual({ kind: 'unknown', authority: false });
  });
});

test('listedTypes are those of the host and port, else of the host alone', () => {
  expect(listedTypes(hosts, 'types.example', 22)).toEqual(['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ssh-rsa']);
  expect(listedTypes(hosts, 'types.example', 2222)).toEqual(['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ssh-rsa']);
  expect(listedTypes(hosts, '192.0.2.8', 22)).toEqual(['ecdsa-sha2-nistp256']);
  expect(listedTypes(hosts, 'nowhere.example', 22)).toEqual([]);
});

test.each([['Host', 22, 'host'], ['h', 2222, '[h]:2222'], ['2001:DB8::1', 22, '2001:db8::1'], ['::1', 1, '[::1]:1']])('%s port %i is listed as %s', (host, port, name) => {
  expect(listedName(host, port)).toBe(name);
});

test('what is remembered is known afterwards', () => {
  for (const port of [22, 2222]) {
    const list = parseKnownHosts(formatKnownHost('H.example', port, key(3)));
    expect(judgeHostKey(list, 'h.example', port, key(3)).kind).toBe('known');
    expect(judgeHostKey(list, 'other.example', port, key(3)).kind).toBe('unknown');
  }
});

test('a hashed name of any salt is found, and no other', () => {
  fc.assert(
    fc.property(fc.domain(), fc.domain(), (name, other) => {
      const salt = randomBytes(20);
      const hash = createHmac('sha1', salt).update(name.toLowerCase()).digest('base64');
      const list = parseKnownHosts(line(`|1|${salt.toString('base64')}|${hash}`, 'ssh-rsa'));
      expect(judgeHostKey(list, name, 22, makeKey('ssh-rsa')).kind).toBe('known');
      expect(judgeHostKey(list, other, 22, makeKey('ssh-rsa')).kind).toBe(other.toLowerCase() === name.toLowerCase() ? 'known' : 'unknown');
    }),
  );
});

test('patterns mean what the same regular expression means', () => {
  const pattern = fc.array(fc.constantFrom('*', '?', 'a', 'b', '.'), { minLength: 1, maxLength: 8 }).map((parts) => parts.join(''));
  const name = fc.array(fc.constantFrom('a', 'b', '.'), { minLength: 1, maxLength: 10 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(pattern, name, (written, host) => {
      const same = new RegExp(`^${written.replaceAll('.', '\\.').replaceAll('*', '.*').replaceAll('?', '.')}$`).test(host);
      expect(linesFor(parseKnownHosts(line(written, 'ssh-rsa')), host)).toHaveLength(same ? 1 : 0);
    }),
    { numRuns: 2000 },
  );
});

test('a pattern made to take long does not', () => {
  const list = parseKnownHosts(line(`${'*a'.repeat(2000)}b`, 'ssh-rsa'));
  expect(linesFor(list, 'a'.repeat(2500))).toEqual([]);
});

test('whatever stands in a list, it can be read', () => {
  const word = fc.constantFrom('@revoked', '|1|', '|1|AAAA|AAAA', '*', '!*', 'h', ',', 'ssh-rsa', makeKey('ssh-rsa').toString('base64'), '====', '#', '\t');
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.array(word).map((words) => words.join(' '))), (list) => {
      expect(['known', 'unknown', 'changed', 'revoked']).toContain(judgeHostKey(parseKnownHosts(list), 'h', 22, makeKey('ssh-rsa')).kind);
    }),
  );
});

test.each([[''], ['00'], ['00000000'], ['00000001'], ['ffffffff61'], ['0000000261']])('%s is no key', (hex) => {
  expect(keyType(Buffer.from(hex, 'hex'))).toBeUndefined();
});

import { createFakeClock } from '@ferric/core/testing';
import { describe, expect, test } from 'vitest';
import { runScript } from './interpreter.js';
import type { BootOutcome, IpxeMachine, ScriptEnd } from './machine.js';
import { isScript } from './script.js';
import { Settings } from './settings.js';

interface Run {
  readonly end: ScriptEnd | BootOutcome;
  readonly console: readonly string[];
  readonly fetched: readonly string[];
}

interface Surroundings {
  readonly files?: Readonly<Record<string, string>>;
  readonly platform?: 'pcbios' | 'efi';
  readonly hasSystem?: boolean;
}

const BASE = 'http://boot.test/v1/script?mac=52%3A54';

async function run(lines: string, { files = {}, platform = 'pcbios', hasSystem = false }: Surroundings = {}): Promise<Run> {
  const console: string[] = [];
  const fetched: string[] = [];
  const clock = createFakeClock();
  const machine: IpxeMachine = {
    platform,
    clock,
    settings: new Settings({ mac: '52:54:00:12:34:56', 'net0/mac': '52:54:00:12:34:56', platform, serial: 'a b&c' }),
    images: [],
    signal: new AbortController().signal,
    commandCount: 0,
    baseUrl: BASE,
    tell: (line) => void console.push(line),
    async fetch(url) {
      fetched.push(url);
      return files[url];
    },
    hasSystem: async () => hasSystem,
  };
  const work = runScript(machine, `#!ipxe\n${lines}\n`);
  // Whatever the script waits for, it does not wait for here.
  for (let count = 0; count < 50; count += 1) await clock.advance(1_000_000);
  return { end: await work, console, fetched };
}

test.each([
  ['#!ipxe\n', true], ['#!ipxe', true], ['#!ipxe \n', true], ['\ufeff#!ipxe\n', false], ['\n#!ipxe\n', false], ['#!ipxes\n', false], ['{}', false],
])('%j: is it a script? %s', (body, expected) => {
  expect(isScript(body)).toBe(expected);
});

describe('the language', () => {
  test.each([
    ['runs of white space become one', 'echo  a \t b', ['a b']],
    ['a word that begins with # ends the line', 'echo a #b c', ['a']],
    ['a # inside a word is part of it', 'echo c#d', ['c#d']],
    ['operators are words of their own', 'echo a||b', ['a||b']],
    ['; runs what follows', 'set p x ; echo y', ['y']],
    ['a failure runs what is behind ||', 'iseq a b || echo no', ['no']],
    ['a success skips it', 'iseq a a || echo no', []],
    ['&& runs after a success', 'iseq a a && echo yes', ['yes']],
    ['a backslash at the end joins lines', 'echo a\\\n b', ['a b']],
    ['CR before LF is dropped', 'echo a\r\necho b\r', ['a', 'b']],
    ['what is not set is empty', 'echo x${nothing}y', ['xy']],
    ['a value is put in again', 'set a b\nset c ${a}\nset d $\nset e ${d}{a}\necho ${c} ${e}', ['b b']],
    ['settings inside settings', 'set n:int32 0\necho ${net${n}/mac}', ['52:54:00:12:34:56']],
    ['types of addresses', 'echo ${mac:hexhyp} ${mac:hexraw}', ['52-54-00-12-34-56 525400123456']],
    ['texts for a query', 'echo ${serial:uristring}', ['a%20b%26c']],
    ['numbers count', 'set i:int32 0\ninc i\ninc i 2\necho ${i}', ['3']],
    ['an empty side is not equal', 'iseq ${x} ${y} || echo differ', ['differ']],
    ['isset', 'isset ${mac} && echo set\nisset ${x} || echo unset', ['set', 'unset']],
    ['a command may follow a label', 'goto there\necho never\n:there echo here', ['here']],
    ['labels are searched from the start', 'set i:int32 0\n:again\ninc i\niseq ${i} 3 && goto done ||\ngoto again\n:done\necho ${i}', ['3']],
    ['prompt fails when nobody presses a key', 'prompt --timeout 30000 --key 0x02 Press || echo nobody', ['Press', 'nobody']],
    ['words are split before settings are put in', 'set p ;\nset x a b\necho ${x} ; echo c', ['a b', 'c']],
  ])('%s', async (_what, lines, expected) => {
    expect((await run(lines)).console).toEqual(expected);
  });

  test.each([
    ['a failure without || ends the script', 'iseq a b\necho never', 1, []],
    ['nothing behind || forgives it', 'iseq a b && goto x ||\necho on', 0, ['on']],
    ['an unknown command fails', 'params', 1, ['params: command not found']],
    ['a label that is not there', 'goto nowhere || echo x', 1, ['No such label: nowhere']],
    ['exit ends it', 'exit 3\necho never', 3, []],
    ['exit without a number is success', 'exit', 0, []],
  ])('%s', async (_what, lines, status, console) => {
    expect(await run(lines)).toMatchObject({ end: { status }, console });
  });

  test('a script that never ends hangs', async () => {
    expect((await run(':a\ngoto a')).end).toMatchObject({ kind: 'hung' });
  });
});

describe('loading and booting', () => {
  const files = { 'http://boot.test/k': '', 'http://boot.test/v1/r': '' };

  test('a kernel with its initrd, by BIOS and EFI', async () => {
    const lines = 'imgfree\nkernel --name kernel http://boot.test/k quiet ipa-api-url=http://c BOOTIF=${mac} initrd=ramdisk || goto x\ninitrd --name ramdisk r || goto x\nboot || goto x\n:x\necho failed';
    for (const platform of ['pcbios', 'efi'] as const) {
      expect(await run(lines, { files, platform })).toMatchObject({
        end: { kind: 'kernel', url: 'http://boot.test/k', commandLine: 'quiet ipa-api-url=http://c BOOTIF=52:54:00:12:34:56 initrd=ramdisk', initrds: ['http://boot.test/v1/r'] },
        console: [],
      });
    }
  });

  test('an initrd that the command line does not name is lost to an EFI kernel', async () => {
    const lines = 'kernel http://boot.test/k\ninitrd --name ramdisk r\nboot';
    expect((await run(lines, { files, platform: 'efi' })).end).toMatchObject({ kind: 'hung' });
    expect((await run(lines, { files })).end).toMatchObject({ kind: 'kernel' });
  });

  test('a file that is not there, and a boot without an image, fail', async () => {
    expect(await run('kernel http://boot.test/nothing || echo no kernel\nboot || echo no boot')).toMatchObject({
      console: ['no kernel', 'Could not boot image: Exec format error', 'no boot'], fetched: ['http://boot.test/nothing'],
    });
  });

  test('imgfree forgets what was loaded', async () => {
    expect((await run('kernel http://boot.test/k\nimgfree\nboot || echo nothing', { files })).console).toContain('nothing');
  });

  test('chain yields the status of the other script, unless it replaces this one', async () => {
    const scripts = { 'http://boot.test/v1/bad': '#!ipxe\nexit 1', 'http://boot.test/v1/sub/good': '#!ipxe\necho inner\nchain deeper', 'http://boot.test/v1/sub/deeper': '#!ipxe\necho deepest' };
    expect((await run('chain bad || echo refused\nchain sub/good\necho back', { files: scripts })).console).toEqual(['refused', 'inner', 'deepest', 'back']);
    expect(await run('chain --replace bad || echo never\necho never', { files: scripts })).toMatchObject({ end: { status: 1 }, console: [] });
    expect((await run('chain nothing || echo gone')).console).toEqual(['gone']);
  });

  test('what is no script hangs BIOS, and is refused by EFI', async () => {
    const bodies = { 'http://boot.test/v1/json': '{"error": 1}' };
    expect((await run('chain json || echo refused', { files: bodies })).end).toMatchObject({ kind: 'hung' });
    expect((await run('chain json || echo refused', { files: bodies, platform: 'efi' })).console).toEqual(['refused']);
  });

  test.each([
    ['pcbios', true, { kind: 'disk' }],
    ['pcbios', false, { status: 7 }],
    ['efi', true, { status: 7 }],
  ] as const)('sanboot of the local disk: %s, system %s', async (platform, hasSystem, end) => {
    expect((await run('sanboot --no-describe --drive 0x80 || exit 7', { platform, hasSystem })).end).toEqual(end);
  });

  test.each([
    ['sanboot --no-describe http://boot.test/k', { kind: 'iso', url: 'http://boot.test/k' }],
    ['poweroff || reboot', { kind: 'power off' }],
    ['reboot', { kind: 'reboot' }],
    ['shell', { kind: 'shell' }],
    ['prompt Press a key', { kind: 'hung', why: 'it waits for a key: Press a key' }],
  ])('%s', async (lines, end) => {
    expect((await run(lines, { files })).end).toEqual(end);
  });
});

import { describe, expect, test } from 'vitest';
import { expand, parseScript, runScript, type ModelMachine } from './ipxe-model.js';

/** What `echo` and failing commands print. */
function printed(body: string, machine: ModelMachine = {}): readonly string[] {
  return runScript(`#!ipxe\n${body}\n`, machine).output;
}

/** Every line was run by iPXE 1.0.0+git-20190125: the script, and what the console showed. */
const OBSERVED: readonly (readonly [fact: string, script: string, shown: readonly string[]])[] = [
  ['lines may end with CR LF', 'echo a\r\necho b\r', ['a', 'b']],
  ['a backslash as the last character joins lines', 'echo a \\\nb', ['a b']],
  ['runs of blanks become one', 'echo a     b', ['a b']],
  ['a word that begins with # starts a comment', 'echo a #b c', ['a']],
  ['a # inside of a word does not', 'echo c#d', ['c#d']],
  ['operators count only as words of their own', 'echo a||b', ['a||b']],
  ['a stray ; runs what follows', 'set p x ; echo y', ['y']],
  ['|| with nothing behind it ignores a failure', 'iseq a b && goto x ||\necho on', ['on']],
  ['a command that fails ends the script', 'iseq a b\necho never', []],
  ['an unknown command fails', 'nonsense || echo else', ['nonsense: command not found', 'else']],
  ['a setting that is not set is empty', 'echo [${nothing}]', ['[]']],
  ['a value with an expansion in it is expanded again', 'echo ${a}', ['deep']],
  ['set joins its words with single blanks', 'set x a   b  c\necho ${x}', ['a b c']],
  ['numbers can be counted up', 'set i:int32 0\ninc i\necho ${i}', ['1']],
  ['isset takes an empty value for a failure', 'isset ${nothing} || echo unset', ['unset']],
  ['iseq with an empty side takes the other branch', 'iseq ${nothing} x || echo differs', ['differs']],
  ['a command may follow a label on its line', 'goto end\necho never\n:end echo there', ['there']],
  ['goto looks for its label from the start', 'isset ${seen} && goto end ||\n:again\nset seen yes\nisset ${twice} && goto end ||\nset twice yes\ngoto again\n:end\necho ended', ['ended']],
  ['a prompt fails when the time is over', 'prompt --timeout 10 Press || echo late', ['Press', 'late']],
  ['exit 1 of a chained script takes the other branch', 'chain http://h/one || echo other', ['other']],
  ['exit 0 of a chained script is a success', 'chain http://h/zero && echo fine', ['fine']],
  ['a file that is not there takes the other branch', 'chain http://h/404 || echo other', ['other']],
];

describe('the model does as iPXE did', () => {
  const fetch = (url: string): string => ({ 'http://h/one': '#!ipxe\nexit 1\n', 'http://h/zero': '#!ipxe\nexit 0\necho never\n' })[url] ?? 'missing';
  test.each(OBSERVED)('%s', (_fact, script, shown) => {
    expect(printed(script, { fetch, settings: { a: '${b}', b: 'deep' } })).toEqual(shown);
  });

  test('a body that begins with anything else is no script', () => {
    for (const body of ['{"error": 1}', ' #!ipxe\n', '\uFEFF#!ipxe\n', '\n#!ipxe\n', '#!ipxely\n', '#!ipxe']) expect(() => parseScript(body)).toThrow('Exec format error');
  });

  test('images of failed tries stay registered until imgfree', () => {
    const script = '#!ipxe\nkernel --name a http://h/zero\nkernel --name b http://h/zero\n';
    expect([...runScript(script, { fetch }).images.keys()]).toEqual(['a', 'b']);
    expect([...runScript(`${script}imgfree\n`, { fetch }).images.keys()]).toEqual([]);
  });

  test('expands the inner name first', () => {
    const names: string[] = [];
    expect(expand('${net${n}/mac}', (name) => ({ n: '1', 'net1/mac': '52:54' })[name] ?? '', names)).toBe('52:54');
    expect(names).toEqual(['n', 'net1/mac']);
  });
});

import { describe, expect, test } from 'vitest';
import { checkInteger, checkText } from './fields.js';
import { asScriptText, line, LINE_RULES, scriptOf, type ScriptText } from './script-text.js';

/** What only a cast can get past the types. */
const unchecked = (text: string): ScriptText => text as ScriptText;

describe('LINE_RULES', () => {
  const accept = (value: unknown): string => checkText({ name: 'field', value }, LINE_RULES);

  test.each([
    ['a\nb', 'one line of printable ASCII characters'], ['a\0', 'one line of printable'], ['a\tb', 'one line of printable'], ['\u007f', 'one line of printable'], ['é', 'one line of printable'], ['a ${b}', 'without "${"'], ['${', 'without "${"'],
    ['a\\', 'without a backslash at its end'], ['a\\  ', 'without a backslash at its end'], ['#a', 'without a word that begins with "#"'], ['a  #b', 'without a word that begins with "#"'],
    [';', 'without ";", "||" and "&&"'], ['a || b', 'without ";", "||" and "&&"'], ['a && b', 'without ";", "||" and "&&"'], [5, 'a text'], [null, 'a text'],
  ])('refuses %j, saying what to do', (value, expected) => {
    expect(() => accept(value)).toThrow(`Network boot: field must be ${expected}`);
  });

  test.each(['', 'a', 'a#b', 'a;b', 'a||b', '$', '{a}', 'a\\b', '"a b"', '~!@%^&*()_+|'])('accepts %j', (value) => {
    expect(accept(value)).toBe(value);
  });
});

describe('the last line of defence', () => {
  test('lets no unchecked text, no fraction and no joined expansion into a line', () => {
    expect(() => asScriptText('a\nb')).toThrow('unchecked');
    expect(() => line`sleep ${1.5}`).toThrow('whole numbers');
    expect(() => line`sleep ${Number.NaN}`).toThrow('whole numbers');
    expect(() => line`a${unchecked('$')}${unchecked('{mac}')}`).toThrow('expanded by iPXE');
    expect(() => line`a${unchecked('$')}{mac}`).toThrow('expanded by iPXE');
    expect(() => line`a$${unchecked('{mac}')}`).toThrow('expanded by iPXE');
    expect(line`a${unchecked('$')} {mac} \${mac} ${5}`).toBe('a$ {mac} ${mac} 5');
  });

  test('lets no line run into the next', () => {
    expect(() => scriptOf([unchecked('a\\'), line`b`])).toThrow('would not end');
    expect(() => scriptOf([unchecked('a\nb')])).toThrow('would not end');
    expect(scriptOf([line`a`, line`b`])).toBe('#!ipxe\na\nb\n');
  });
});

test.each([[1, true], [100, true], [0, false], [101, false], [1.5, false], ['5', false], [Number.NaN, false], [undefined, false]])('checkInteger(%j) from 1 to 100', (value, accepted) => {
  const check = (): number => checkInteger({ name: 'field', value }, { min: 1, max: 100 });
  if (accepted) expect(check()).toBe(value);
  else expect(check).toThrow('field must be a whole number from 1 to 100');
});

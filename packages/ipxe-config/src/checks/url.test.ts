import { describe, expect, test } from 'vitest';
import { checkApiUrl, checkPublicUrl, checkUrl } from './url.js';

const check = (value: unknown): string => checkUrl({ name: 'url', value });

describe('checkUrl', () => {
  test.each([
    ['http://192.0.2.1:6385/a/b?c=d&e=f', 'http://192.0.2.1:6385/a/b?c=d&e=f'], ['HTTPS://Images.Example:443/X', 'https://images.example/X'], ['tftp://192.0.2.1/k', 'tftp://192.0.2.1/k'],
    ['http://[fd00::1]:80/k', 'http://[fd00::1]/k'], ['http://h/../k', 'http://h/k'], ['http://h', 'http://h/'], ['http://h/%20{x}$', 'http://h/%20%7Bx%7D$'],
  ])('writes %s as %s', (value, written) => {
    expect(check(value)).toBe(written);
  });

  test.each([
    '', 'h/k', 'http:h', 'http:/h', 'http:///h', 'ftp://h/k', 'file:///k', 'nfs://h/k', 'javascript:alert(1)', 'http://u@h/k', 'http://u:p@h/k', 'http://h/k#f', 'http://h/k#', 'http://h/ k', 'http://h\\k',
    'http://h/\\', 'http://h/${mac}', 'http://${mac}/', 'http://%24%7Bmac%7D/', 'http://h%0a/', 'http://h/\n', 'http://h/\t', 'http://é/', 'http://h:0x50/', 'http://h/$${a}', `http://h/${'x'.repeat(2000)}`, `http://h/${'{'.repeat(1500)}`,
    'tftp://%24%7Bmac%7D/', 'tftp:///k', 5, null, ['http://h/'],
  ])('refuses %j', (value) => {
    expect(() => check(value)).toThrow('Network boot: url must be');
  });

  test('does not show the password of a refused URL', () => {
    expect(() => check('http://user:hunter2@h/k')).toThrow(/^(?!.*hunter2).*without user name and password/);
  });
});

test('checkPublicUrl refuses what looks like a secret, and does not show it', () => {
  expect(() => checkPublicUrl({ name: 'url', value: 'http://h/k?token=hunter2' })).toThrow(/^(?!.*hunter2).*without secrets/);
  expect(checkPublicUrl({ name: 'url', value: 'http://h/k?x=1' })).toBe('http://h/k?x=1');
});

test.each([['http://192.0.2.1:6385', 'http://192.0.2.1:6385'], ['http://192.0.2.1:6385/', 'http://192.0.2.1:6385'], ['https://h/baremetal//', 'https://h/baremetal']])('checkApiUrl(%s)', (value, address) => {
  expect(checkApiUrl(value)).toBe(address);
});

import { describe, expect, test } from 'vitest';
import { httpsBootParameters, isBootUrl } from './uefi-parameters.js';

test('a boot over HTTPS is told where from, and to take the root certificates of AMT', () => {
  const { count, packed } = httpsBootParameters('https://a/b');
  expect(count).toBe(2);
  // Written down by hand: vendor 8086h, type 1, 11 bytes of URL; vendor 8086h, type 20, one byte.
  const uri = ['8680', '0100', '0b000000', Buffer.from('https://a/b').toString('hex')];
  const syncRootAuthorities = ['8680', '1400', '01000000', '01'];
  expect(Buffer.from(packed, 'base64').toString('hex')).toBe([...uri, ...syncRootAuthorities].join(''));
});

describe('a URL', () => {
  test.each(['https://boot.example/a.efi', 'https://192.0.2.1:8443/x?y=1', `https://h/${'a'.repeat(290)}`])('%s can be booted', (url) => {
    expect(isBootUrl(url)).toBe(true);
  });

  test.each(['', 'http://boot.example/a.efi', 'https://', 'https://bücher.example/', 'https://a b/', `https://h/${'a'.repeat(291)}`, 'ftp://x/', 'https://x:99999/'])(
    '%j cannot', (url) => {
      expect(isBootUrl(url)).toBe(false);
      expect(() => httpsBootParameters(url)).toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS' }));
    },
  );
});

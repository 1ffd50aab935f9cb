import { expect, test } from 'vitest';
import { parseCommandLine } from './kernel-parameters.js';

test('splits as the kernel does', () => {
  expect(parseCommandLine('selinux=0 quiet  ipa-api-url=http://192.0.2.1:6385\tBOOTIF=52:54:00:12:34:56 a="b c" "d=e f" ipa-api-url=http://192.0.2.2/?x=y\n')).toEqual({
    selinux: '0', quiet: '', 'ipa-api-url': 'http://192.0.2.2/?x=y', BOOTIF: '52:54:00:12:34:56', a: 'b c', d: 'e f',
  });
  expect(parseCommandLine('')).toEqual({});
});

import { expect, test } from 'vitest';
import { loaderConfigs } from './loader-configs.js';

const textOf = (commandLine: string, path: string): string => loaderConfigs(commandLine, 'mark').find((each) => each.path === path)?.text ?? '';

test('ISOLINUX gets the command line as it is', () => {
  const line = 'selinux=0 a=$b;c key="x y" {z} ipa-agent-token=t';
  expect(textOf(line, 'isolinux/isolinux.cfg')).toBe(`default boot\nprompt 0\nlabel boot\n  kernel /vmlinuz\n  append initrd=/initrd ${line}\n`);
});

test.each([
  ['a=b c', 'a=b c'], ['a=$b', 'a=\\$b'], ['a;b|c&d', 'a\\;b\\|c\\&d'], ['k="x y $z {w}"', 'k="x y \\$z {w}"'], ['{a} <b> #c', '\\{a\\} \\<b\\> \\#c'],
])('GRUB gets %j as %j', (line, written) => {
  expect(textOf(line, 'boot/grub/grub.cfg')).toContain(`\n  linux /vmlinuz ${written}\n`);
});

test('every place where a boot loader of UEFI looks has the same', () => {
  const texts = loaderConfigs('a', 'mark').filter(({ path }) => path.endsWith('grub.cfg'));
  expect(texts.map(({ path }) => path)).toEqual(expect.arrayContaining(['boot/grub/grub.cfg', 'EFI/BOOT/grub.cfg', 'EFI/debian/grub.cfg', 'EFI/redhat/grub.cfg']));
  expect(new Set(texts.map(({ text }) => text)).size).toBe(1);
  expect(textOf('a', '.disk/info')).not.toBe('');
});

test('GRUB finds its medium by a file that no disk of the machine has', () => {
  expect(textOf('a', 'boot/grub/grub.cfg')).toContain('search --no-floppy --file --set=root /.disk/ferric-mark\n');
  expect(loaderConfigs('a', 'mark').map(({ path }) => path)).toContain('.disk/ferric-mark');
});

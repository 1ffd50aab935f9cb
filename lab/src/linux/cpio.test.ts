import { expect, test } from 'vitest';
import { cpioArchive, FILE_MODE, FOLDER_MODE, LINK_MODE, PROGRAM_MODE, withFolders } from './cpio.ts';

// Fields of 8 digits: inode, mode, owner, group, links, time, size, two pairs of device numbers, length of the name, checksum.
const head = (inode: string, mode: string, size: string, nameLength: string): string =>
  ['070701', inode, mode, '0', '0', '1', '0', size, '0', '0', '0', '0', nameLength, '0'].map((field, index) => (index === 0 ? field : field.padStart(8, '0'))).join('');

test('an archive has one record for each entry and one for its end, each at a multiple of four', () => {
  const archive = Buffer.from(cpioArchive([{ path: 'bin/a', mode: PROGRAM_MODE, content: Buffer.from('hello') }, { path: 'l', mode: LINK_MODE, content: Buffer.from('bin/a') }]));
  const expected = [
    `${head('1', '81ed', '5', '6')}bin/a\0`, 'hello\0\0\0',
    `${head('2', 'a1ff', '5', '2')}l\0`, 'bin/a\0\0\0',
    `${head('0', '0', '0', 'b')}TRAILER!!!\0\0\0\0`,
  ];
  expect(archive.toString('latin1')).toBe(expected.join(''));
  expect(archive.length % 4).toBe(0);
});

test('folders come before what is in them, and once', () => {
  const entries = withFolders([{ path: 'b/c/d', mode: FILE_MODE }, { path: 'b', mode: FOLDER_MODE }, { path: 'b/c/e', mode: FILE_MODE }, { path: 'a', mode: FOLDER_MODE }]);
  expect(entries.map(({ path, mode }) => [path, mode === FOLDER_MODE])).toEqual([['a', true], ['b', true], ['b/c', true], ['b/c/d', false], ['b/c/e', false]]);
});

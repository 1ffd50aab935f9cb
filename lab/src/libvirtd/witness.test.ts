import { expect, test } from 'vitest';
import { firstBootDevice } from './witness.ts';

const device = (element: string, attributes: string, order: number | undefined): string =>
  [`    <${element} ${attributes}>`, "      <target dev='x'/>", ...(order === undefined ? [] : [`      <boot order='${order}'/>`]), `    </${element}>`, ''].join('\n');

test.each([
  ['the first of the domain', "<os>\n    <boot dev='network'/>\n    <boot dev='hd'/>\n  </os>", 'network'],
  ['the device with the lowest number', device('disk', "type='file' device='disk'", 10) + device('disk', "type='file' device='cdrom'", 9), 'cdrom'],
  ['a network card', device('disk', "type='file' device='disk'", 2) + device('interface', "type='user'", 1), 'network'],
  ['a floppy', device('disk', "type='file' device='floppy'", 1), 'fd'],
  ['a disk that does not say what it is', device('disk', "type='file'", 1), 'hd'],
  ['nothing', device('disk', "type='file' device='disk'", undefined), undefined],
])('boots from %s', (_case, xml, expected) => {
  expect(firstBootDevice(`<domain>\n  <devices>\n${xml}  </devices>\n</domain>`)).toBe(expected);
});

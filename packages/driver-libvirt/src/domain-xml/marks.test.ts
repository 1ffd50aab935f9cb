import { describe, expect, test } from 'vitest';
import { canonicalXml, lineDifference } from '../../test/canonical-xml.js';
import { DOMAIN_FIXTURES, domainFixture } from '../../test/domain-fixtures.js';
import { parseXml } from './document.js';
import { applyEdits } from './edits.js';
import { MARK_NAMESPACE, readMarks, setMarks, type Marks } from './marks.js';

const BOOT_ONCE: NonNullable<Marks['boot-once']> = { device: 'pxe', id: '-1', order: "class hd 'x' & <y>" };
const MEDIA: NonNullable<Marks['media']> = { target: 'hdc', url: 'http://192.0.2.1/a%20b.iso', file: '/pool/a b.iso', added: 'yes' };
const isHolder = (path: string): boolean => path === `/domain/metadata/{${MARK_NAMESPACE}}node`;

function set(xml: string, changes: Parameters<typeof setMarks>[1]): string {
  const document = parseXml(xml);
  return applyEdits(document, setMarks(document, changes));
}

describe.each(DOMAIN_FIXTURES)('$name', ({ xml }) => {
  test('marks are read back, nothing else changes, and nothing is left of them', () => {
    const marked = set(xml, { 'boot-once': BOOT_ONCE, media: MEDIA });
    expect(readMarks(parseXml(marked))).toEqual({ 'boot-once': BOOT_ONCE, media: MEDIA });
    expect(lineDifference(xml, marked).removed).toEqual([]);
    const hadMetadata = xml.includes('<metadata>');
    const ignored = (path: string): boolean => isHolder(path) || (!hadMetadata && path === '/domain/metadata');
    expect(canonicalXml(marked, ignored)).toEqual(canonicalXml(xml, ignored));

    const changed = set(marked, { media: { ...MEDIA, target: 'sda' }, 'boot-once': null, 'reset-nvram': { firmware: 'efi' } });
    expect(readMarks(parseXml(changed))).toEqual({ media: { ...MEDIA, target: 'sda' }, 'reset-nvram': { firmware: 'efi' } });
    expect(canonicalXml(set(changed, { media: null, 'reset-nvram': null }))).toEqual(canonicalXml(xml));
  });
});

test('what another version keeps in the same place stays, under the prefix that is there', () => {
  const xml = domainFixture('24').replaceAll('ferric:', 'other:').replace('xmlns:ferric', 'xmlns:other');
  const marked = set(xml, { media: MEDIA });
  expect(lineDifference(xml, marked)).toEqual({
    removed: [],
    added: ["<other:media target='hdc' url='http://192.0.2.1/a%20b.iso' file='/pool/a b.iso' added='yes'/>"],
  });
  expect(set(marked, { media: null })).toBe(xml);
});

test('taking away what is not there changes nothing', () => {
  for (const { xml } of DOMAIN_FIXTURES) expect(set(xml, { media: null, 'boot-once': null, 'reset-nvram': null })).toBe(xml);
});

test('a mark that somebody damaged counts as absent and can be set anew', () => {
  const damaged = set(domainFixture('01'), { 'boot-once': BOOT_ONCE }).replace(/ order='[^']*'/, '');
  expect(readMarks(parseXml(damaged))).toEqual({});
  expect(readMarks(parseXml(set(damaged, { 'boot-once': BOOT_ONCE })))).toEqual({ 'boot-once': BOOT_ONCE });
});

test('elements of that name in another namespace are not ours', () => {
  const xml = domainFixture('13').replace('<nova:name>', `<node xmlns="urn:x"><boot-once device="pxe" id="1" order="class hd"/></node><nova:name>`);
  expect(readMarks(parseXml(xml))).toEqual({});
});

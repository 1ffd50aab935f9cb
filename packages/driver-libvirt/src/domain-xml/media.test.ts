import type { FerricError } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { canonicalXml, lineDifference } from '../../test/canonical-xml.js';
import { DOMAIN_FIXTURES, domainFixture } from '../../test/domain-fixtures.js';
import { parseXml } from './document.js';
import { applyEdits, type Edit } from './edits.js';
import { addDrive, cdromDrives, emptyDrive, fillDrive, removeDrive, type CdromDrive, type Medium } from './media.js';

const ISO: Medium = { kind: 'file', path: "/pool/it's & <new>.iso" };

function edit(xml: string, edits: (document: ReturnType<typeof parseXml>, drive: CdromDrive) => readonly Edit[]): string {
  const document = parseXml(xml);
  const [drive] = cdromDrives(document);
  expect.assert(drive !== undefined);
  return applyEdits(document, edits(document, drive));
}
const drivesOf = (xml: string): readonly unknown[] => cdromDrives(parseXml(xml)).map(({ target, url }) => [target, url]);
const fill = (xml: string): string => edit(xml, (document, drive) => fillDrive(document, drive, ISO));
const empty = (xml: string): string => edit(xml, emptyDrive);

test('finds the drives and what is in them', () => {
  expect(drivesOf(domainFixture('01'))).toEqual([]);
  expect(drivesOf(domainFixture('02'))).toEqual([['sdb', 'file:///var/lib/libvirt/images/install.iso']]);
  expect(drivesOf(domainFixture('04'))).toEqual([['hda', undefined]]);
  expect(drivesOf(domainFixture('17'))).toEqual([
    ['sda', 'http://192.0.2.7:8080/images/boot.iso'],
    ['sdb', undefined],
  ]);
});

test('what stands behind a question mark is not shown', () => {
  const xml = domainFixture('17')
    .replace("name='/images/boot.iso'", "name='/images/boot.iso?token=abc'")
    .replace("name='192.0.2.7'", "name='2001:db8::1'");
  expect(drivesOf(xml)[0]).toEqual(['sda', 'http://[2001:db8::1]:8080/images/boot.iso']);
});

const WITH_DRIVES = DOMAIN_FIXTURES.filter(({ xml }) => cdromDrives(parseXml(xml)).length > 0);
const WITHOUT_DRIVES = DOMAIN_FIXTURES.filter(({ xml }) => cdromDrives(parseXml(xml)).length === 0);

describe.each(WITH_DRIVES)('$name', ({ xml }) => {
  const inDisk = (path: string): boolean => path === '/domain/devices/disk/source';

  test('filling the drive changes its source and nothing else', () => {
    const filled = fill(xml);
    expect(drivesOf(filled)[0]).toEqual([cdromDrives(parseXml(xml))[0]?.target, "file:///pool/it's%20%26%20%3Cnew%3E.iso"]);
    expect(cdromDrives(parseXml(filled))[0]?.path).toBe(ISO.path);
    const sameType = (text: string): string => text.replace("<disk type='network' device='cdrom'>", "<disk type='file' device='cdrom'>");
    expect(canonicalXml(filled, inDisk)).toEqual(canonicalXml(sameType(xml), inDisk));
    for (const line of lineDifference(sameType(xml), filled).removed) expect(line).toMatch(/^<\/?(source|host)\b/);
    expect(fill(filled)).toBe(filled);
  });

  test('emptying it takes the source out and nothing else', () => {
    const emptied = empty(fill(xml));
    expect(cdromDrives(parseXml(emptied))[0]).toMatchObject({ url: undefined, path: undefined });
    expect(empty(emptied)).toBe(emptied);
    expect(canonicalXml(fill(emptied))).toEqual(canonicalXml(fill(xml)));
  });
});

test.each<readonly [fixture: string, target: string, bus: string]>([
  ['01', 'hda', 'ide'],
  ['03', 'sda', 'sata'],
  ['05', 'sdb', 'sata'],
  // Four IDE places are taken: the drive goes to USB.
  ['09', 'sda', 'usb'],
  ['18', 'sdb', 'scsi'],
  ['21', 'hda', 'ide'],
  ['25', 'hda', 'ide'],
])('fixture %s gets a drive %s on %s', (fixture, target, bus) => {
  const document = parseXml(domainFixture(fixture));
  const added = addDrive(document, ISO);
  expect(added.target).toBe(target);
  expect(lineDifference(document.text, applyEdits(document, added.edits))).toEqual({
    removed: [],
    added: expect.arrayContaining([`<target dev='${target}' bus='${bus}'/>`, "<disk type='file' device='cdrom'>", '<readonly/>']) as string[],
  });
});

describe.each(WITHOUT_DRIVES.filter(({ name }) => !name.startsWith('23')))('$name', ({ xml }) => {
  test('a drive is added and removed without a trace', () => {
    const document = parseXml(xml);
    const added = applyEdits(document, addDrive(document, ISO).edits);
    expect(cdromDrives(parseXml(added))).toMatchObject([{ path: ISO.path }]);
    expect(edit(added, (again, drive) => [removeDrive(again, drive)])).toBe(xml);
  });
});

test('a machine without a bus for it is refused, and one without a place too', () => {
  expect(() => addDrive(parseXml(domainFixture('23')), ISO)).toThrow(expect.objectContaining({ code: 'UNSUPPORTED' }) as FerricError);
  const full = Array.from({ length: 26 }, (_, index) => `<disk><target dev='sd${String.fromCharCode(97 + index)}' bus='sata'/></disk>`).join('');
  const document = parseXml(`<domain><os><type machine='pc-q35-7.2'/></os><devices>${full}</devices></domain>`);
  expect(() => addDrive(document, ISO)).toThrow(expect.objectContaining({ code: 'CONFLICT' }) as FerricError);
});

test('a definition that has no devices at all gets them', () => {
  const document = parseXml("<domain>\n  <os>\n    <type machine='pc'>hvm</type>\n  </os>\n</domain>\n");
  const added = applyEdits(document, addDrive(document, { kind: 'file', path: '/x.iso' }).edits);
  expect(drivesOf(added)).toEqual([['hda', 'file:///x.iso']]);
});

test('what belongs to a source goes with it', () => {
  const xml = domainFixture('02')
    .replace(
      "<source file='/var/lib/libvirt/images/install.iso'/>",
      "<auth username='me'><secret type='iscsi' usage='x'/></auth><source file='/old.qcow2'/><backingStore type='file'><source file='/base'/></backingStore>",
    )
    .replace("<driver name='qemu' type='raw'/>\n      <auth", "<driver name='qemu' type='qcow2'/>\n      <auth");
  for (const result of [fill(xml), empty(xml)]) expect(result).not.toMatch(/<auth|<backingStore|\/base/);
  expect(fill(xml)).toMatch(/device='cdrom'>\s+<driver name='qemu' type='raw'\/>/);
});

test('a device of the hypervisor is put in as such', () => {
  const device: Medium = { kind: 'block device', path: '/dev/vg/iso' };
  const filled = edit(domainFixture('02'), (document, drive) => fillDrive(document, drive, device));
  expect(filled).toMatch(/<disk type='block' device='cdrom'>[^]*?<source dev='\/dev\/vg\/iso'\/>/);
  expect(cdromDrives(parseXml(filled))).toMatchObject([{ path: '/dev/vg/iso', url: 'file:///dev/vg/iso' }]);
  const document = parseXml(domainFixture('03'));
  expect(applyEdits(document, addDrive(document, device).edits)).toMatch(/<disk type='block' device='cdrom'>[^]*?<source dev='\/dev\/vg\/iso'\/>/);
});

import type { FerricError } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { canonicalXml, lineDifference } from '../../test/canonical-xml.js';
import { DOMAIN_FIXTURES, domainFixture } from '../../test/domain-fixtures.js';
import { parseXml } from './document.js';
import { applyEdits } from './edits.js';
import { leavesSecureBootOpen, readFirmware, setFirmware, type FirmwareSetting } from './firmware.js';
import { readMarks } from './marks.js';

const BIOS: FirmwareSetting = { mode: 'bios', secureBoot: false };
const UEFI: FirmwareSetting = { mode: 'uefi', secureBoot: false };
const SECURE: FirmwareSetting = { mode: 'uefi', secureBoot: true };

/** What a change of firmware may touch; the attribute `firmware` of `os` is compared apart. */
const TOUCHED = /^\/domain\/(os\/(loader|nvram|firmware)|features\/(acpi|smm)|metadata\/\{https:\/\/ferric\.dev\/libvirt\/1\}node)$/;

function set(xml: string, wanted: FirmwareSetting): string {
  const document = parseXml(xml);
  return applyEdits(document, setFirmware(document, wanted));
}

const withoutFirmware = (xml: string): string => xml.replace(/<os firmware='efi'>/, '<os>');

test('reads what the next start gets', () => {
  const settings = Object.fromEntries(DOMAIN_FIXTURES.map(({ name, xml }) => [name.slice(0, 2), readFirmware(parseXml(xml))]));
  expect(settings).toMatchObject({ '01': BIOS, '02': BIOS, '03': UEFI, '04': UEFI, '05': SECURE, '22': UEFI, '25': BIOS });
});

test.each<readonly [what: string, os: string, setting: FirmwareSetting]>([
  [
    'secure firmware without keys',
    "<os firmware='efi'><firmware><feature enabled='yes' name='secure-boot'/><feature enabled='no' name='enrolled-keys'/></firmware></os>",
    UEFI,
  ],
  ['secure firmware', "<os firmware='efi'><firmware><feature enabled='yes' name='secure-boot'/></firmware></os>", SECURE],
  ['the loader that the daemon chose', "<os firmware='efi'><loader secure='yes' type='pflash'>/x</loader></os>", SECURE],
  ['keys that decide, whatever the loader is', "<os firmware='efi'><firmware><feature enabled='no' name='enrolled-keys'/></firmware><loader secure='yes' type='pflash'>/x</loader></os>", UEFI],
  ['what is left to the daemon', "<os firmware='efi'/>", UEFI],
  ['a loader that says so', "<os><loader secure='yes' type='pflash'>/x</loader></os>", SECURE],
  ['a loader that says no', "<os><loader secure='no' type='pflash'>/x</loader></os>", UEFI],
  ['a loader of another kind', "<os><loader type='rom'>/usr/share/seabios/bios.bin</loader></os>", BIOS],
  ['what the daemon chooses', "<os firmware='bios'><loader>/usr/share/OVMF/x.fd</loader></os>", BIOS],
])('tells %s', (_what, os, setting) => {
  expect(readFirmware(parseXml(`<domain>${os}</domain>`))).toEqual(setting);
});

test.each<readonly [os: string, isOpen: boolean]>([
  ["<os firmware='efi'/>", true],
  ["<os firmware='efi'><firmware><feature enabled='yes' name='other'/></firmware></os>", true],
  ["<os firmware='efi'><firmware><feature enabled='no' name='secure-boot'/></firmware></os>", false],
  ["<os firmware='efi'><loader secure='no'/></os>", false],
  ["<os firmware='bios'/>", false],
])('%s leaves secure boot to the daemon: %s', (os, isOpen) => {
  expect(leavesSecureBootOpen(parseXml(`<domain>${os}</domain>`))).toBe(isOpen);
});

describe.each(DOMAIN_FIXTURES.filter(({ name }) => !name.startsWith('25')))('$name', ({ xml }) => {
  test.each([
    ['bios', BIOS],
    ['uefi', UEFI],
    ['secure boot', SECURE],
  ] as const)('set to %s differs in nothing but firmware', (_what, wanted) => {
    const isQ35 = xml.includes("machine='pc-q35");
    if (wanted.secureBoot && !isQ35) {
      expect(() => set(xml, wanted)).toThrow(
        expect.objectContaining({ code: 'UNSUPPORTED', hint: expect.stringContaining('q35') as string }) as FerricError,
      );
      return;
    }
    const result = set(xml, wanted);
    expect(readFirmware(parseXml(result))).toEqual(wanted);
    // Legacy firmware must have neither loader nor variables; chosen firmware brings its own.
    expect(/<(loader|nvram)/.test(result)).toBe(result === xml ? /<(loader|nvram)/.test(xml) : false);
    // Where there was no such element before, it is there for the change alone.
    const made = ['metadata', 'features'].filter((name) => !xml.includes(`<${name}>`)).map((name) => `/domain/${name}`);
    const isFirmware = (path: string): boolean => TOUCHED.test(path) || made.includes(path);
    expect(canonicalXml(withoutFirmware(result), isFirmware)).toEqual(canonicalXml(withoutFirmware(xml), isFirmware));
    const { removed } = lineDifference(xml, result);
    for (const line of removed) expect(line).toMatch(/^<\/?(os|loader|nvram|firmware|feature)\b/);
    if (result !== xml && wanted.mode === 'uefi') expect(readMarks(parseXml(result))['reset-nvram']).toEqual({ firmware: 'efi' });
    expect(set(result, wanted)).toBe(result);
    const back = set(result, BIOS);
    expect(readMarks(parseXml(back))['reset-nvram']).toBeUndefined();
    expect(readFirmware(parseXml(back))).toEqual(BIOS);
  });
});

test('secure boot of a q35 machine asks for keys and the system management mode', () => {
  expect(lineDifference(domainFixture('02'), set(domainFixture('02'), SECURE))).toEqual({
    removed: ['<os>'],
    added: [
      '<metadata>',
      '<ferric:node xmlns:ferric="https://ferric.dev/libvirt/1">',
      "<ferric:reset-nvram firmware='efi'/>",
      '</ferric:node>',
      '</metadata>',
      "<os firmware='efi'>",
      '<firmware>',
      "<feature enabled='yes' name='enrolled-keys'/>",
      "<feature enabled='yes' name='secure-boot'/>",
      '</firmware>',
      "<smm state='on'/>",
    ],
  });
  const off = domainFixture('05')
    .replace("<smm state='on'/>", "<smm state='off'/>")
    .replace(/<firmware>[^]*<\/firmware>/, '');
  expect(set(off, SECURE)).toContain("<smm state='on'/>");
  const bare = domainFixture('02').replace(/<features>[^]*<\/features>/, '');
  expect(set(bare, SECURE)).toMatch(/<features>\s+<acpi\/>\s+<smm state='on'\/>\s+<\/features>/);
  expect(set(bare, UEFI)).toMatch(/<features>\s+<acpi\/>\s+<\/features>/);
});

test('a machine without BIOS is left alone, and secure boot elsewhere needs no system management mode', () => {
  const arm = domainFixture('05').replace("arch='x86_64' machine='pc-q35-7.2'", "arch='aarch64' machine='virt-7.2'").replace("<smm state='on'/>", '');
  expect(() => set(arm, BIOS)).toThrow(expect.objectContaining({ code: 'UNSUPPORTED' }) as FerricError);
  expect(set(set(arm, UEFI), SECURE)).not.toContain('<smm');
});

test('what a definition leaves to the daemon is written down once, and a loader that was given stays', () => {
  const open = domainFixture('03');
  const closed = set(open, UEFI);
  expect(closed).toMatch(/<feature enabled='no' name='enrolled-keys'\/>\s*<feature enabled='no' name='secure-boot'\/>/);
  expect([leavesSecureBootOpen(parseXml(open)), leavesSecureBootOpen(parseXml(closed))]).toEqual([true, false]);
  expect(set(closed, UEFI)).toBe(closed);
  // The file of the loader decides, and nobody looks for another one.
  expect(set(domainFixture('04'), UEFI)).toBe(domainFixture('04'));
});

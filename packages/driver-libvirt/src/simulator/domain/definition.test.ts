import { describe, expect, test } from 'vitest';
import { elementAt, textOf, writeXml } from '../xml/element.js';
import { bootOrder, setBootOrder } from './boot-order.js';
import { macAddressesOf, parseDefinition } from './definition.js';
import { domainXml } from './domain-xml.js';
import { liveFrom, withoutPasswords } from './live.js';

const UUID = '11111111-2222-3333-4444-555555555501';

/** A definition with some parts of one's own; the rest is as small as libvirt takes it. */
const PARTS = { name: '<name>a</name>', uuid: `<uuid>${UUID}</uuid>`, memory: "<memory unit='MiB'>64</memory>", os: '', rest: '', devices: '' };

function xml(own: Partial<typeof PARTS> = {}): string {
  const { name, uuid, memory, os, rest, devices } = { ...PARTS, ...own };
  const system = `<os><type arch='x86_64' machine='pc'>hvm</type>${os}</os>`;
  return `<domain type='qemu'>${name}${uuid}${memory}${system}${rest}<devices>${devices}</devices></domain>`;
}

const NIC = "<interface type='user'><mac address='52:54:00:aa:bb:cc'/></interface>";
const orderedNic = (order: string): string => NIC.replace('</interface>', `<boot order='${order}'/></interface>`);
const orderedDisk = (order: string, device = 'disk'): string => `<disk type='file' device='${device}'><target dev='vda'/><boot order='${order}'/></disk>`;

describe('what libvirt 9.0.0 refuses is refused with its code, domain and text', () => {
  // Recorded from libvirtd 9.0.0 of Debian 12, but for the position that libxml2 draws below its own messages.
  test.each([
    ['<domain', 35, 20, "(domain_definition):1: Couldn't find end of Start Tag domain"],
    ['', 35, 20, '(domain_definition):1: Document is empty'],
    ['<network/>', 27, 5, "XML error: expecting root element of 'domain', not 'network'"],
    [xml({ name: '' }), 21, 20, 'missing name information'],
    [xml().replace(/<os>.*<\/os>/, ''), 27, 20, 'XML error: an os <type> must be specified'],
    [xml({ uuid: '<uuid>zzz</uuid>' }), 1, 20, 'internal error: malformed uuid element'],
    [
      xml({ os: "<boot dev='hd'/>", devices: orderedNic('1') }), 67, 20,
      'unsupported configuration: per-device boot elements cannot be used together with os/boot elements',
    ],
    [xml({ os: "<boot dev='zip'/>" }), 27, 5, "XML error: Invalid value for attribute 'dev' in element 'boot': 'zip'."],
    [xml({ devices: orderedNic('1') + orderedDisk('1') }), 67, 20, "unsupported configuration: boot order '1' used for more than one device"],
    [xml({ devices: NIC.replace('52:54:00:aa:bb:cc', '52:54:00:zz') }), 27, 20, "XML error: unable to parse mac address '52:54:00:zz'"],
    [xml().replace('qemu', 'xyz'), 67, 20, 'unsupported configuration: invalid domain type xyz'],
    [xml().replace('<os>', "<os firmware='efi'>"), 67, 10, 'unsupported configuration: UEFI requires ACPI on this architecture'],
    [xml({ os: "<loader readonly='yes' type='pflash'>/code.fd</loader>" }), 67, 10, 'unsupported configuration: UEFI requires ACPI on this architecture'],
  ])('%.60s', (text, code, domain, message) => {
    expect(() => parseDefinition(text)).toThrow(expect.objectContaining({ code, domain, message }));
  });

  test.each([
    xml({ name: '<name>a/b</name>' }), xml({ memory: '' }), xml({ memory: '<memory>0</memory>' }), xml({ memory: '<memory>much</memory>' }),
    xml({ devices: orderedNic('0') }), xml({ devices: orderedNic('first') }), xml({ devices: NIC.replace('52:', '53:') }), xml().replace(" type='qemu'", ''),
  ])('%.100s is an error in the XML', (text) => {
    expect(() => parseDefinition(text)).toThrow(expect.objectContaining({ code: 27 }));
  });
});

describe('a definition is completed', () => {
  test('with everything that libvirt adds', () => {
    const { name, uuid, element } = parseDefinition(xml({ uuid: '', devices: "<interface type='user'/>" }));
    expect(name).toBe('a');
    expect(uuid).toMatch(/^[0-9a-f]{8}-/);
    const [address = ''] = macAddressesOf(element);
    expect(address).toMatch(/^52:54:00(:[0-9a-f]{2}){3}$/);
    expect(writeXml(element)).toBe(`<domain type='qemu'>
  <name>a</name>
  <uuid>${uuid}</uuid>
  <memory unit='KiB'>65536</memory>
  <currentMemory unit='KiB'>65536</currentMemory>
  <vcpu placement='static'>1</vcpu>
  <os>
    <type arch='x86_64' machine='pc-i440fx-7.2'>hvm</type>
    <boot dev='hd'/>
  </os>
  <on_poweroff>destroy</on_poweroff>
  <on_reboot>restart</on_reboot>
  <on_crash>destroy</on_crash>
  <devices>
    <interface type='user'>
      <mac address='${address}'/>
    </interface>
  </devices>
</domain>
`);
  });

  test('and what it is already stays', () => {
    const rest = "<x:own xmlns:x='urn:x'><x:deep/></x:own><on_reboot>destroy</on_reboot>";
    const text = xml({ uuid: `<uuid>${UUID.toUpperCase()}</uuid>`, rest, devices: orderedNic('2') + orderedDisk('1') });
    const { uuid, element } = parseDefinition(text);
    expect(uuid).toBe(UUID);
    expect(writeXml(element)).toContain("<x:own xmlns:x='urn:x'>\n    <x:deep/>");
    expect(textOf(elementAt(element, 'on_reboot'))).toBe('destroy');
    expect(elementAt(element, 'os', 'boot')).toBeUndefined();
    expect(bootOrder(element)).toEqual(['hd', 'network']);
  });

  test('MAC addresses get one form', () => {
    expect(macAddressesOf(parseDefinition(xml({ devices: NIC.replace('aa:bb:cc', 'AA:BB:CC') })).element)).toEqual(['52:54:00:aa:bb:cc']);
  });
});

test('what only a running machine has does not become part of a definition', () => {
  const defined = parseDefinition(domainXml({ name: 'a' })).element;
  const live = liveFrom(defined, 7);
  const text = writeXml(live);
  const parts = ["id='7'", "port='5906'", "<alias name='net0'/>", "dev='vnet70'", "<source path='/dev/pts/7'/>", "tty='/dev/pts/7'"];
  for (const part of parts) expect(text).toContain(part);
  const again = writeXml(parseDefinition(text).element);
  expect(again).toBe(writeXml(defined));
});

test('aliases that a user gave stay', () => {
  const { element } = parseDefinition(xml({ devices: NIC.replace('</interface>', "<alias name='ua-mine'/></interface>") }));
  expect(writeXml(element)).toContain("<alias name='ua-mine'/>");
  expect(writeXml(liveFrom(element, 1))).not.toContain('net0');
});

test('passwords are shown to those who ask for them', () => {
  const { element } = parseDefinition(domainXml({ name: 'a' }));
  expect(writeXml(element)).toContain("passwd='screen12'");
  expect(writeXml(withoutPasswords(element))).not.toContain('passwd');
  expect(writeXml(element)).toContain("passwd='screen12'");
});

describe('the boot order', () => {
  test.each([
    ["<boot dev='network'/><boot dev='hd'/>", '', ['network', 'hd']],
    ['', orderedNic('2') + orderedDisk('10'), ['network', 'hd']],
    ['', orderedDisk('1', 'cdrom') + orderedNic('2'), ['cdrom', 'network']],
    ['', orderedDisk('1', 'floppy'), ['fd']],
    ['', orderedDisk('1', 'lun'), ['hd']],
    ['', "<hostdev><boot order='1'/></hostdev>" + orderedNic('2'), ['network']],
    ['', '', ['hd']],
  ])('%s%s', (os, devices, order) => {
    expect(bootOrder(parseDefinition(xml({ os, devices })).element)).toEqual(order);
  });

  test('can be written by either way, and is then told by os alone', () => {
    for (const text of [xml({ os: "<boot dev='hd'/>" }), xml({ devices: orderedNic('1') + orderedDisk('2') })]) {
      const { element } = parseDefinition(text);
      setBootOrder(element, ['cdrom', 'network']);
      expect(bootOrder(element)).toEqual(['cdrom', 'network']);
      expect(bootOrder(parseDefinition(writeXml(element)).element)).toEqual(['cdrom', 'network']);
    }
  });
});

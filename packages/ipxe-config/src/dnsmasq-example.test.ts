import { describe, expect, test } from 'vitest';
import { dnsmasqExample } from './index.js';

/** The lines that dnsmasq acts on. */
function directives(text: string): readonly string[] {
  return text.split('\n').filter((each) => each !== '' && !each.startsWith('#'));
}

describe('dnsmasqExample', () => {
  test('has a line for every kind of firmware, and one for iPXE itself', () => {
    expect(directives(dnsmasqExample({ apiUrl: 'http://172.22.0.1:6385', driver: 'staging-libvirt', interface: 'br0' }))).toEqual([
      'port=0', 'interface=br0', 'bind-interfaces', 'dhcp-range=172.22.0.100,172.22.0.199,1h', 'enable-tftp', 'tftp-root=/srv/tftp',
      'dhcp-match=set:ipxe,175', 'dhcp-match=set:bios,option:client-arch,0', 'dhcp-match=set:efi64,option:client-arch,7', 'dhcp-match=set:efi64,option:client-arch,9',
      'dhcp-match=set:efiarm64,option:client-arch,11', 'dhcp-match=set:http64,option:client-arch,16', 'dhcp-match=set:httparm64,option:client-arch,19',
      'dhcp-boot=tag:!ipxe,tag:bios,undionly.kpxe', 'dhcp-boot=tag:!ipxe,tag:efi64,snponly.efi', 'dhcp-boot=tag:!ipxe,tag:efiarm64,snponly-arm64.efi',
      'dhcp-boot=tag:ipxe,http://172.22.0.1:6385/v1/drivers/staging-libvirt/vendor_passthru/ipxe_config?port_address=${mac}',
      'dhcp-option=tag:ipxe,encap:175,176,1b', 'enable-ra', 'dhcp-range=fd00:22::,ra-only',
    ]);
  });

  test('serves HTTP boot when it is told where iPXE is offered', () => {
    expect(directives(dnsmasqExample({ apiUrl: 'http://172.22.0.1:6385', loaderUrl: 'http://172.22.0.1/ipxe/' }))).toEqual(
      expect.arrayContaining([
        'dhcp-option-force=tag:!ipxe,tag:http64,60,HTTPClient', 'dhcp-option-force=tag:!ipxe,tag:httparm64,60,HTTPClient',
        'dhcp-boot=tag:!ipxe,tag:http64,http://172.22.0.1/ipxe/snponly.efi', 'dhcp-boot=tag:!ipxe,tag:httparm64,http://172.22.0.1/ipxe/snponly-arm64.efi',
      ]),
    );
  });

  test('gives firmware nothing that is for iPXE, and the other way round', () => {
    for (const line of directives(dnsmasqExample({ apiUrl: 'http://172.22.0.1:6385', loaderUrl: 'http://172.22.0.1/ipxe' })).filter((each) => each.startsWith('dhcp-boot'))) {
      expect(line.includes('tag:!ipxe')).toBe(!line.includes('${mac}'));
    }
  });

  test.each(['http://ferric.example:6385', 'http://127.0.0.1:6385', 'http://0.0.0.0:6385', 'http://[fd00::1]:6385'])('proposes addresses of the documentation network for %s', (apiUrl) => {
    expect(dnsmasqExample({ apiUrl })).toContain('dhcp-range=192.0.2.100,192.0.2.199,1h');
  });

  test('explains itself', () => {
    const text = dnsmasqExample({ apiUrl: 'http://172.22.0.1:6385' });
    for (const subject of ['option 175', 'option 93', 'vendor class (option 60)', 'Option 175.176', 'waits 13 seconds', 'ip -6 addr add fd00:22::1/64 dev eth0', 'HEAD requests']) expect(text).toContain(subject);
    expect(text.split('\n').every((line) => line.length <= 160)).toBe(true);
  });

  test('refuses a URL that has no room in a DHCP answer', () => {
    const room = 127 - '/v1/drivers/staging-wol/vendor_passthru/ipxe_config?port_address=${mac}'.length;
    const apiUrl = (length: number): string => `http://${'h'.repeat(length - 'http://'.length)}`;
    expect(dnsmasqExample({ apiUrl: apiUrl(room) })).toContain(apiUrl(room));
    expect(() => dnsmasqExample({ apiUrl: apiUrl(room + 1) })).toThrow('apiUrl must be so short that the URL of a script has at most 127 characters');
  });

  test.each([
    ['interface', 'eth 0'], ['interface', 'x'.repeat(16)], ['firstAddress', '192.0.2.300'], ['lastAddress', 'fd00::1'], ['leaseTime', 'forever'], ['leaseTime', '0h'], ['tftpRoot', 'srv'],
    ['tftpRoot', '/a b'], ['ipv6Prefix', 'fd00::1'], ['ipv6Prefix', 'fe80::%eth0'], ['loaderUrl', 'tftp://h/x'], ['driver', 'a,b'],
  ])('refuses %s %j', (name, value) => {
    expect(() => dnsmasqExample({ apiUrl: 'http://172.22.0.1:6385', [name]: value })).toThrow(`${name} must be`);
  });
});

import { expect, test } from 'vitest';
import { domainFixture } from '../../test/domain-fixtures.js';
import { parseXml } from './document.js';
import { macAddresses, readFacts } from './facts.js';

const factsOf = (fixture: string): ReturnType<typeof readFacts> => readFacts(parseXml(domainFixture(fixture)));

test('MAC addresses come in lower case, from interfaces of every kind', () => {
  expect(macAddresses(parseXml(domainFixture('19')))).toEqual(['52:54:00:0a:13:01', '52:54:00:0a:13:02', '52:54:00:0a:13:03', '52:54:00:0a:13:04']);
  expect(macAddresses(parseXml(domainFixture('19').replace('52:54:00:0a:13:02', '52:54:00:0A:FF:02')))[1]).toBe('52:54:00:0a:ff:02');
  expect(macAddresses(parseXml(domainFixture('21')))).toEqual([]);
});

test('processors and memory are those that the machine starts with', () => {
  expect(factsOf('15')).toMatchObject({ cpus: 4, memoryMegabytes: 2048, architecture: 'x86_64', machine: 'pc-q35-7.2' });
  expect(factsOf('25')).toMatchObject({ cpus: 2, memoryMegabytes: 8192, architecture: 'i686', machine: undefined });
});

test.each([
  ['1024', undefined, 1],
  ['2048', 'KiB', 2],
  ['2048', 'k', 2],
  ['1000', 'KB', 0],
  ['5000', 'kb', 4],
  ['4', 'MiB', 4],
  ['4', 'M', 4],
  ['100', 'MB', 95],
  ['3', 'GiB', 3072],
  ['1', 'G', 1024],
  ['1', 'GB', 953],
  ['1', 'TiB', 1_048_576],
  ['1', 'T', 1_048_576],
  ['1', 'TB', 953_674],
  ['1048576', 'b', 1],
  ['1048576', 'bytes', 1],
  ['1', 'parsec', undefined],
])('%s %s is %s MiB', (amount, unit, megabytes) => {
  const xml = `<domain><memory${unit === undefined ? '' : ` unit='${unit}'`}>${amount}</memory></domain>`;
  expect(readFacts(parseXml(xml)).memoryMegabytes).toBe(megabytes);
});

test('tells what the machine shows of itself', () => {
  expect(factsOf('16')).toMatchObject({ manufacturer: 'Fedora', product: 'Virt-Manager & Co', serialNumber: 'SN-0016' });
  expect(factsOf('01')).toMatchObject({ manufacturer: undefined, product: undefined, serialNumber: undefined });
});

test('disks and interfaces with what is known of them', () => {
  const { disks, interfaces } = factsOf('08');
  expect(disks.map(({ details }) => details)).toEqual([
    { target: 'sda', device: 'disk', bus: 'scsi', type: 'file', format: 'raw', source: '/var/lib/libvirt/images/h.img' },
    { target: 'sdb', device: 'cdrom', bus: 'scsi', type: 'file', format: 'raw', source: '/var/lib/libvirt/images/h.iso' },
    { target: 'sdc', device: 'disk', bus: 'usb', type: 'file', format: 'raw', source: '/var/lib/libvirt/images/h3.img', serial: 'USBSER' },
  ]);
  expect(interfaces).toEqual([
    { mac: '52:54:00:0a:08:01', type: 'user', model: 'virtio' },
    { mac: '52:54:00:0a:08:02', type: 'user', model: 'virtio' },
  ]);
  expect(factsOf('19').interfaces).toEqual([
    { mac: '52:54:00:0a:13:01', type: 'network', source: 'provisioning', model: 'virtio' },
    { mac: '52:54:00:0a:13:02', type: 'bridge', source: 'br0', model: 'e1000' },
    { mac: '52:54:00:0a:13:03', type: 'direct', source: 'eth0', model: 'virtio' },
    { mac: '52:54:00:0a:13:04', type: 'hostdev' },
  ]);
});

test('a password of a screen is not among the facts', () => {
  expect(JSON.stringify(factsOf('12'))).not.toContain('vnc-pw1');
});

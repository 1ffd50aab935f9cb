import { randomUUID } from 'node:crypto';
import { EMULATOR } from '../host/facts.js';
import { elementAt, writeXml, xmlElement, type XmlElement } from '../xml/element.js';
import type { BootName } from './boot-order.js';
import { makeMacAddress } from './definition.js';

/** A domain in a few words; what is left out is made up. */
export interface VirtualDomainDefinition {
  /** Default `vm-1`, `vm-2`, … */
  readonly name?: string;
  /** Default a random one. */
  readonly uuid?: string;
  /** MAC addresses of its network cards, all on the network `default`. Default: one made up, of the range 52:54:00. */
  readonly macAddresses?: readonly string[];
  /** MiB, default 1024. */
  readonly memoryMebibytes?: number;
  /** Default 2. */
  readonly processors?: number;
  /** What it boots from, as libvirt names it. Default disk, then network. */
  readonly boot?: readonly BootName[];
  /** Default `bios`. */
  readonly firmware?: 'bios' | 'uefi';
  /** Whether it runs from the beginning. Default false. */
  readonly running?: boolean;
}

/** The folder of the pool `default`. */
export const IMAGES_FOLDER = '/var/lib/libvirt/images';

const text = (name: string, content: string | number): XmlElement => xmlElement(name, {}, [String(content)]);

/**
 * The XML of a machine as an operator would define it: a disk, a CD-ROM drive, network cards, a serial console and a screen
 * with a password, which a client that fetches the definition without asking for secrets will lose.
 */
export function domainXml(definition: VirtualDomainDefinition & { readonly name: string }): string {
  const { name, uuid = randomUUID(), macAddresses = [makeMacAddress()], memoryMebibytes = 1024, processors = 2 } = definition;
  const { boot = ['hd', 'network'], firmware = 'bios' } = definition;
  const os = xmlElement('os', firmware === 'uefi' ? { firmware: 'efi' } : {}, [
    xmlElement('type', { arch: 'x86_64', machine: 'pc-q35-7.2' }, ['hvm']),
    ...(firmware === 'uefi' ? [xmlElement('firmware', {}, [xmlElement('feature', { enabled: 'no', name: 'secure-boot' })])] : []),
    ...boot.map((dev) => xmlElement('boot', { dev })),
  ]);
  return writeXml(
    xmlElement('domain', { type: 'kvm' }, [
      text('name', name),
      text('uuid', uuid),
      xmlElement('memory', { unit: 'MiB' }, [String(memoryMebibytes)]),
      xmlElement('vcpu', { placement: 'static' }, [String(processors)]),
      os,
      xmlElement('features', {}, [xmlElement('acpi'), xmlElement('apic')]),
      xmlElement('clock', { offset: 'utc' }),
      xmlElement('devices', {}, [
        text('emulator', EMULATOR),
        disk(diskPath(name)),
        drive(),
        ...macAddresses.map(networkCard),
        xmlElement('serial', { type: 'pty' }, [xmlElement('target', { type: 'isa-serial', port: '0' })]),
        xmlElement('console', { type: 'pty' }, [xmlElement('target', { type: 'serial', port: '0' })]),
        xmlElement('graphics', { type: 'vnc', port: '-1', autoport: 'yes', passwd: 'screen12' }),
        xmlElement('video', {}, [xmlElement('model', { type: 'vga', vram: '16384', heads: '1', primary: 'yes' })]),
      ]),
    ]),
  );
}

/** Where the disk of a made-up machine is. */
export function diskPath(domainName: string): string {
  return `${IMAGES_FOLDER}/${domainName}.qcow2`;
}

function disk(path: string): XmlElement {
  const driver = xmlElement('driver', { name: 'qemu', type: 'qcow2' });
  const parts = [driver, xmlElement('source', { file: path }), xmlElement('target', { dev: 'vda', bus: 'virtio' })];
  return xmlElement('disk', { type: 'file', device: 'disk' }, parts);
}

function drive(): XmlElement {
  const parts = [xmlElement('driver', { name: 'qemu', type: 'raw' }), xmlElement('target', { dev: 'sda', bus: 'sata' }), xmlElement('readonly')];
  return xmlElement('disk', { type: 'file', device: 'cdrom' }, parts);
}

function networkCard(address: string): XmlElement {
  const parts = [xmlElement('mac', { address }), xmlElement('source', { network: 'default' }), xmlElement('model', { type: 'virtio' })];
  return xmlElement('interface', { type: 'network' }, parts);
}

/** Paths of the files that a definition names. */
export function filesOf(domain: XmlElement): string[] {
  const devices = elementAt(domain, 'devices');
  return (devices?.children ?? []).flatMap((device) => {
    if (typeof device === 'string' || device.name !== 'disk') return [];
    return elementAt(device, 'source')?.attributes.get('file') ?? [];
  });
}

import { FACTS, type Generation } from '../generations.js';
import type { NetworkPort } from './hardware.js';
import type { LogicalDrive } from './storage.js';

/** What can be behind an entry of the boot order. */
export type SourceKind = 'cdrom' | 'floppy' | 'usb' | 'disk' | 'pxe' | 'http' | 'iscsi' | 'shell';

/** One thing that the machine can boot from in UEFI mode. */
export interface BootSource {
  readonly kind: SourceKind;
  /** Four hexadecimal digits. */
  readonly number: string;
  /** What a person reads. */
  readonly text: string;
  /** The name under which the order lists it: `HD.EmbRAID.1.2`. */
  readonly name: string;
  readonly devicePath: string;
  readonly correlatableId: string;
}

/** What the firmware found when the machine last started. */
export interface FoundDevices {
  readonly logicalDrives: readonly LogicalDrive[];
  readonly networkPorts: readonly NetworkPort[];
  /** A virtual CD is an entry only when an image was inserted by then. */
  readonly hasCdrom: boolean;
  readonly hasFloppy: boolean;
  /** Address of the target of iSCSI, when boot from it is set up. */
  readonly iscsiTarget: string | undefined;
}

interface Sketch {
  readonly kind: SourceKind;
  readonly text: string;
  readonly name: string;
  readonly devicePath: string;
  readonly correlatableId?: string;
}

/** The entries in the order in which a new machine tries them. Texts are those that clients look for. */
export function bootSources(generation: Generation, found: FoundDevices): readonly BootSource[] {
  const isNew = FACTS[generation].oem === 'Hpe';
  const adapter = FACTS[generation].networkAdapter;
  const sketches: readonly Sketch[] = [
    ...found.logicalDrives.map((drive) => diskSketch(generation, drive)),
    ...found.networkPorts.slice(0, 2).flatMap((port) => networkSketches(adapter, port, isNew)),
    ...found.networkPorts.slice(0, 1).flatMap((port) => (found.iscsiTarget === undefined ? [] : [iscsiSketch(adapter, port, found.iscsiTarget)])),
    { kind: 'usb', text: 'Generic USB Boot', name: 'Generic.USB.1.1', devicePath: 'UsbClass(0xFFFF,0xFFFF,0xFF,0xFF,0xFF)' },
    { kind: 'shell', text: 'Embedded UEFI Shell', name: 'Shell.Emb.1.2', devicePath: 'Fv(CDBB7B35-6833-4ED6-9AB2-57D2ACDDF6F0)/FvFile(C57AD6B7-0515-40A8-9D21-551652854E37)' },
    ...(found.hasCdrom ? [cdromSketch(isNew)] : []),
    ...(found.hasFloppy ? [floppySketch(isNew)] : []),
  ];
  return sketches.map((sketch, index) => ({ correlatableId: sketch.devicePath, ...sketch, number: (index + 7).toString(16).toUpperCase().padStart(4, '0') }));
}

function diskSketch(generation: Generation, drive: LogicalDrive): Sketch {
  const gib = (drive.capacityMib / 1024).toFixed(2);
  const correlatableId = 'PciRoot(0x1)/Pci(0x1,0x0)/Pci(0x0,0x0)';
  const model = FACTS[generation].controllerModel;
  const text =
    FACTS[generation].oem === 'Hpe'
      ? `Embedded RAID 1 : ${model} - ${gib} GiB, RAID ${drive.level} Logical Drive(Target:0, Lun:${drive.number - 1})`
      : `Embedded RAID : ${model.replace(/^HP /, '')} - ${gib} GiB, RAID ${drive.level} Logical Drive(Target:0, Lun:${drive.number - 1})`;
  return { kind: 'disk', text, name: `HD.EmbRAID.1.${drive.number + 1}`, devicePath: `${correlatableId}/Scsi(0x0,0x${drive.number - 1})`, correlatableId };
}

function networkSketches(adapter: string, port: NetworkPort, withHttp: boolean): readonly Sketch[] {
  const place = `Embedded LOM 1 Port ${port.number} : ${adapter} - NIC`;
  const path = `${port.uefiDevicePath}/MAC(${port.macAddress.replaceAll(':', '').toUpperCase()},0x0)`;
  const name = `NIC.LOM.1.${port.number}`;
  const common = { correlatableId: port.uefiDevicePath };
  return [
    { ...common, kind: 'pxe', text: `${place} (PXE IPv4) `, name: `${name}.IPv4`, devicePath: `${path}/IPv4(0.0.0.0)` },
    { ...common, kind: 'pxe', text: `${place} (PXE IPv6) `, name: `${name}.IPv6`, devicePath: `${path}/IPv6(0000:0000:0000:0000:0000:0000:0000:0000)` },
    ...(withHttp ? [{ ...common, kind: 'http' as const, text: `${place} (HTTP(S) IPv4) `, name: `${name}.Httpv4`, devicePath: `${path}/IPv4(0.0.0.0)/Uri()` }] : []),
  ];
}

function iscsiSketch(adapter: string, port: NetworkPort, target: string): Sketch {
  return {
    kind: 'iscsi',
    text: `Embedded LOM 1 Port ${port.number} : ${adapter} - NIC (iSCSI IPv4) `,
    name: `NIC.LOM.1.${port.number}.iSCSI`,
    devicePath: `${port.uefiDevicePath}/MAC(${port.macAddress.replaceAll(':', '').toUpperCase()},0x1)/IPv4(0.0.0.0)/iSCSI(${target},0x1,0x0,None,None,None,TCP)`,
    correlatableId: port.uefiDevicePath,
  };
}

const cdromSketch = (isNew: boolean): Sketch =>
  isNew
    ? { kind: 'cdrom', text: 'iLO Virtual USB 3 : HPE Virtual CD-ROM', name: 'CD.Virtual.3.1', devicePath: 'PciRoot(0x0)/Pci(0x1C,0x4)/Pci(0x0,0x4)/USB(0x1,0x0)' }
    : { kind: 'cdrom', text: 'iLO Virtual USB 2 : HP iLO Virtual USB CD/DVD ROM', name: 'CD.Virtual.2.1', devicePath: 'PciRoot(0x0)/Pci(0x1D,0x0)/USB(0x0,0x0)/USB(0x0,0x0)' };

const floppySketch = (isNew: boolean): Sketch =>
  isNew
    ? { kind: 'floppy', text: 'iLO Virtual USB 4 : HPE Virtual USB Key', name: 'FD.Virtual.4.1', devicePath: 'PciRoot(0x0)/Pci(0x1C,0x4)/Pci(0x0,0x4)/USB(0x2,0x0)' }
    : { kind: 'floppy', text: 'iLO Virtual USB 1 : HP iLO Virtual USB Key', name: 'FD.Virtual.1.1', devicePath: 'PciRoot(0x0)/Pci(0x1D,0x0)/USB(0x0,0x0)/USB(0x1,0x0)' };

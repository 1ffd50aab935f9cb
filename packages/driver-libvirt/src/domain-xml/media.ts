import { FerricError } from '@ferric/core';
import { attributeOf, childOf, childrenOf, elementAt } from './elements.js';
import type { XmlDocument, XmlElement } from './document.js';
import { appendChild, elementText, insertAfter, insertBefore, removeElement, replaceElement, setAttribute, type Edit } from './edits.js';

/** A CD-ROM drive of a definition. */
export interface CdromDrive {
  readonly element: XmlElement;
  /** Name of its target, which no other drive has: `hdc`. */
  readonly target: string;
  /** What is in it, as a URL; undefined when it is empty. */
  readonly url: string | undefined;
  /** Path on the hypervisor of what is in it, where it is a file or a device there. */
  readonly path: string | undefined;
}

/** Something on the hypervisor that can be put into a drive. */
export interface Medium {
  readonly kind: 'file' | 'block device';
  readonly path: string;
}

/** How each kind is written. */
const MEDIA_FORMS: Readonly<Record<Medium['kind'], { readonly type: string; readonly source: (path: string) => string }>> = {
  file: { type: 'file', source: (path) => elementText('source', { file: path }) },
  'block device': { type: 'block', source: (path) => elementText('source', { dev: path }) },
};

/** All CD-ROM drives, in their order. */
export function cdromDrives(document: XmlDocument): readonly CdromDrive[] {
  return disksOf(document)
    .filter((element) => attributeOf(element, 'device') === 'cdrom')
    .map((element) => {
      const path = sourcePath(element);
      const url = path === undefined ? networkUrl(element) : new URL(`file://${encodePath(path)}`).href;
      return { element, target: targetOf(element) ?? '', path, url };
    });
}

/** The edits that put something into a drive. */
export function fillDrive(document: XmlDocument, { element }: CdromDrive, { kind, path }: Medium): readonly Edit[] {
  const driver = childOf(element, 'driver');
  const form = MEDIA_FORMS[kind];
  return [
    ...setAttribute(document, element, 'type', form.type),
    ...(driver === undefined || (attributeOf(driver, 'type') ?? 'raw') === 'raw' ? [] : setAttribute(document, driver, 'type', 'raw')),
    setSource(document, element, form.source(path)),
    ...leftovers(document, element),
  ];
}

function setSource(document: XmlDocument, element: XmlElement, xml: string): Edit {
  const source = childOf(element, 'source');
  const target = childOf(element, 'target');
  if (source !== undefined) return replaceElement(document, source, xml);
  return target === undefined ? appendChild(document, element, xml) : insertBefore(document, target, xml);
}

/** The edits that take out what is in a drive. */
export function emptyDrive(document: XmlDocument, { element }: CdromDrive): readonly Edit[] {
  const source = childOf(element, 'source');
  if (source === undefined) return [];
  // Without a source, only a file and a device of the host may be absent.
  const type = attributeOf(element, 'type') === 'block' ? [] : setAttribute(document, element, 'type', 'file');
  return [...type, removeElement(document, source), ...leftovers(document, element)];
}

/** What belongs to a source and stands beside it. */
function leftovers(document: XmlDocument, element: XmlElement): readonly Edit[] {
  return ['backingStore', 'auth', 'mirror'].flatMap((name) => childrenOf(element, name)).map((each) => removeElement(document, each));
}

/** A bus for one more drive, with the names of its targets and how many it takes. */
interface DriveBus {
  readonly bus: 'ide' | 'sata' | 'scsi' | 'usb';
  readonly prefix: 'hd' | 'sd';
  readonly places: number;
}

const IDE: DriveBus = { bus: 'ide', prefix: 'hd', places: 4 };
const SATA: DriveBus = { bus: 'sata', prefix: 'sd', places: 26 };
const SCSI: DriveBus = { bus: 'scsi', prefix: 'sd', places: 26 };
const USB: DriveBus = { bus: 'usb', prefix: 'sd', places: 26 };

/** Buses that the machine types have by themselves. Source: libvirt, docs/formatdomain.rst, "Hard drives, floppy disks, CDROMs". */
const MACHINE_BUSES: readonly (readonly [machine: RegExp, buses: readonly DriveBus[]])[] = [
  [/(^|-)q35(-|$)/, [SATA, USB]],
  [/^(pc|isapc)(-|$)/, [IDE, USB]],
  [/^(virt|pseries|s390-ccw-virtio)(-|$)/, [SCSI, USB]],
  // microvm and its like have no bus that a CD-ROM drive fits on.
  [/^microvm(-|$)/, []],
];
const OTHER_MACHINES: readonly DriveBus[] = [IDE];

/**
 * The edits that add a drive with something in it, on a bus that the machine has.
 * @throws UNSUPPORTED when the machine has no such bus; CONFLICT when all its places are taken.
 */
export function addDrive(document: XmlDocument, { kind, path }: Medium): { readonly edits: readonly Edit[]; readonly target: string } {
  const { bus, target } = freePlace(document);
  const form = MEDIA_FORMS[kind];
  const lines = [
    `<disk type='${form.type}' device='cdrom'>`,
    `  ${elementText('driver', { name: 'qemu', type: 'raw' })}`,
    `  ${form.source(path)}`,
    `  ${elementText('target', { dev: target, bus })}`,
    '  <readonly/>',
    '</disk>',
  ].join('\n');
  const devices = childOf(document.root, 'devices');
  const last = disksOf(document).at(-1);
  if (last !== undefined) return { edits: [insertAfter(document, last, lines)], target };
  if (devices !== undefined) return { edits: [appendChild(document, devices, lines)], target };
  const indented = lines.replaceAll(/^/gm, '  ');
  return { edits: [appendChild(document, document.root, `<devices>\n${indented}\n</devices>`)], target };
}

/** The edit that takes a drive out of a machine. */
export function removeDrive(document: XmlDocument, drive: CdromDrive): Edit {
  return removeElement(document, drive.element);
}

function freePlace(document: XmlDocument): { readonly bus: string; readonly target: string } {
  const disks = disksOf(document).map((element) => childOf(element, 'target'));
  const machine = attributeOf(elementAt(document.root, 'os', 'type'), 'machine') ?? '';
  const usual = MACHINE_BUSES.find(([pattern]) => pattern.test(machine))?.[1] ?? OTHER_MACHINES;
  // Where disks are on SCSI already, there is a controller that the guest has a driver for.
  const buses = disks.some((target) => attributeOf(target, 'bus') === 'scsi') ? [SCSI, ...usual] : usual;
  if (buses.length === 0) {
    throw new FerricError('UNSUPPORTED', `The machine type ${machine} has no bus for a CD-ROM drive`, {
      details: { step: 'add a CD-ROM drive', received: machine },
      hint: 'Use network boot, or define the domain with another machine type.',
    });
  }
  const taken = new Set(disks.map((target) => attributeOf(target, 'dev')));
  for (const { bus, prefix, places } of buses) {
    const target = Array.from({ length: places }, (_, index) => `${prefix}${String.fromCharCode(97 + index)}`).find((name) => !taken.has(name));
    if (target !== undefined) return { bus, target };
  }
  throw new FerricError('CONFLICT', 'The domain has no CD-ROM drive, and no place for one is free', {
    details: { step: 'add a CD-ROM drive', received: `drives ${[...taken].join(', ')}` },
    hint: 'Remove a drive from the domain, or add a CD-ROM drive to it.',
  });
}

function disksOf(document: XmlDocument): readonly XmlElement[] {
  return childrenOf(childOf(document.root, 'devices'), 'disk');
}

function targetOf(disk: XmlElement): string | undefined {
  return attributeOf(childOf(disk, 'target'), 'dev');
}

function sourcePath(disk: XmlElement): string | undefined {
  const source = childOf(disk, 'source');
  const path = attributeOf(source, 'file') ?? attributeOf(source, 'dev');
  if (path !== undefined) return path;
  const pool = attributeOf(source, 'pool');
  return pool === undefined ? undefined : `/${pool}/${attributeOf(source, 'volume') ?? ''}`;
}

/** A source on another host as a URL: `http://192.0.2.7:8080/images/boot.iso`. What stands behind a question mark stays out: it may be a token. */
function networkUrl(disk: XmlElement): string | undefined {
  const source = childOf(disk, 'source');
  const protocol = attributeOf(source, 'protocol');
  if (protocol === undefined) return undefined;
  const host = childOf(source, 'host');
  const name = attributeOf(host, 'name') ?? '';
  const port = attributeOf(host, 'port');
  const authority = `${name.includes(':') ? `[${name}]` : name}${port === undefined ? '' : `:${port}`}`;
  return `${protocol}://${authority}/${(attributeOf(source, 'name') ?? '').replace(/^\/|[?#].*$/g, '')}`;
}

function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

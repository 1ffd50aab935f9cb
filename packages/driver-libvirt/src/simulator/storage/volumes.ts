import { ERROR, ERROR_DOMAIN, RemoteError } from '../wire/remote-error.js';
import { elementAt, textOf, xmlElement, type XmlElement } from '../xml/element.js';
import { parseDocument } from '../xml/parse-document.js';
import { sizeOf } from '../xml/sizes.js';
import { type MemoryBudget, SparseBytes } from './sparse-bytes.js';

/** One file of a pool. */
export interface VirtualVolume {
  readonly name: string;
  readonly path: string;
  readonly format: string;
  /** What the machine would see. Bytes. */
  capacity: bigint;
  readonly content: SparseBytes;
}

/** What a new file of a format other than raw takes, about. Bytes. */
const EMPTY_IMAGE_BYTES = 196_616;

const fault = (kind: (typeof ERROR)[keyof typeof ERROR], text: string): RemoteError => new RemoteError(kind, ERROR_DOMAIN.storage, text);

/** Reads what a caller wants to create. @throws RemoteError 27, 55 */
export function parseVolume(text: string, folder: string, budget: MemoryBudget): VirtualVolume {
  const element = parseDocument(text, 'storage_volume_definition', 'volume', ERROR_DOMAIN.storage);
  const name = textOf(elementAt(element, 'name')) ?? '';
  if (name === '') throw fault(ERROR.xml, 'missing volume name element');
  if (name.includes('/')) throw fault(ERROR.operationInvalid, `volume name '${name}' cannot contain '/'`);
  const capacity = sizeOf(elementAt(element, 'capacity'), 'bytes');
  if (capacity === undefined) throw fault(ERROR.xml, 'missing capacity element');
  return createVolume({ name, folder, capacity, format: elementAt(element, 'target', 'format')?.attributes.get('type') ?? 'raw' }, budget);
}

export interface NewVolume {
  readonly name: string;
  readonly folder: string;
  readonly capacity: bigint;
  readonly format: string;
}

export function createVolume({ name, folder, capacity, format }: NewVolume, budget: MemoryBudget): VirtualVolume {
  const content = new SparseBytes(budget);
  content.grow(format === 'raw' ? Number(capacity) : EMPTY_IMAGE_BYTES);
  return { name, path: `${folder}/${name}`, format, capacity, content };
}

/** The capacity as a look at the file shows it: a raw file that was written over its end has grown. */
export function capacityOf(volume: VirtualVolume): bigint {
  return volume.format === 'raw' ? BigInt(volume.content.length) : volume.capacity;
}

export function describeVolume(volume: VirtualVolume): XmlElement {
  const bytes = (name: string, value: bigint | number): XmlElement => xmlElement(name, { unit: 'bytes' }, [String(value)]);
  const permissions = xmlElement('permissions', {}, [xmlElement('mode', {}, ['0600']), xmlElement('owner', {}, ['0']), xmlElement('group', {}, ['0'])]);
  return xmlElement('volume', { type: 'file' }, [
    xmlElement('name', {}, [volume.name]),
    xmlElement('key', {}, [volume.path]),
    bytes('capacity', capacityOf(volume)),
    bytes('allocation', volume.content.allocated),
    bytes('physical', volume.content.length),
    xmlElement('target', {}, [xmlElement('path', {}, [volume.path]), xmlElement('format', { type: volume.format }), permissions]),
  ]);
}

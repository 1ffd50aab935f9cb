import { FerricError } from '@ferric/core';
import { attributeOf, childOf, childrenOf, elementAt } from './elements.js';
import type { XmlDocument, XmlElement } from './document.js';
import { appendChild, elementText, insertAfter, removeElement, setAttribute, type Edit } from './edits.js';

/** Classes of devices as `os/boot` names them. Source: libvirt, docs/formatdomain.rst, "BIOS bootloader". */
export type BootClass = 'network' | 'hd' | 'cdrom' | 'fd';

/**
 * What a machine boots from, in order. `class`: by classes of devices, in `os/boot`. `device`: by devices, each with a number in its
 * own `boot` element, the lowest first; devices that are not listed are not booted from. A definition has one kind or the other.
 */
export type BootOrder =
  | { readonly style: 'class'; readonly classes: readonly string[] }
  | { readonly style: 'device'; readonly numbers: ReadonlyMap<string, number> };

/** A device that can have a place in the order. */
interface BootSource {
  /** What tells it from the others also after the definition was changed: `disk:vda`, `interface:52:54:00:cf:2d:31`. */
  readonly key: string;
  /** Undefined for what cannot be told from outside, such as a PCI device of the host. */
  readonly bootClass: BootClass | undefined;
  readonly element: XmlElement;
  readonly boot: XmlElement | undefined;
}

const DISK_CLASSES: Readonly<Record<string, BootClass>> = { disk: 'hd', lun: 'hd', cdrom: 'cdrom', floppy: 'fd' };

/** How a device is told from the others of its kind, and what it counts as. */
interface SourceKind {
  readonly name: (element: XmlElement) => string | undefined;
  readonly bootClass: (element: XmlElement) => BootClass | undefined;
}

const SOURCES: Readonly<Record<string, SourceKind>> = {
  disk: {
    name: (element) => attributeOf(childOf(element, 'target'), 'dev'),
    bootClass: (element) => DISK_CLASSES[attributeOf(element, 'device') ?? 'disk'],
  },
  interface: { name: (element) => attributeOf(childOf(element, 'mac'), 'address')?.toLowerCase(), bootClass: () => 'network' },
  hostdev: { name: () => undefined, bootClass: () => undefined },
  redirdev: { name: () => undefined, bootClass: () => undefined },
};

/** The order of a definition. A definition with neither kind counts as one by classes, which is what libvirt makes of it. */
export function readBootOrder(document: XmlDocument): BootOrder {
  const numbers = bootSources(document).flatMap(({ key, boot }) => (boot === undefined ? [] : [[key, Number(attributeOf(boot, 'order'))] as const]));
  if (numbers.length > 0) return { style: 'device', numbers: new Map(numbers) };
  return { style: 'class', classes: classElements(document).map((element) => attributeOf(element, 'dev') ?? '') };
}

/**
 * What is tried first; undefined when nothing is listed or it cannot be told.
 * @param order another order than the present one
 */
export function firstBootClass(document: XmlDocument, order: BootOrder = readBootOrder(document)): string | undefined {
  if (order.style === 'class') return order.classes[0];
  const [first] = keysInOrder(order.numbers);
  return bootSources(document).find(({ key }) => key === first)?.bootClass;
}

/** True when the definition names a kernel: the machine boots that, whatever the order says. */
export function bootsKernel(document: XmlDocument): boolean {
  return elementAt(document.root, 'os', 'kernel') !== undefined;
}

/**
 * The order with one class first and the others behind it as they were, in the style that the definition has. By devices, those of the class
 * that have a place keep to it among themselves; when none has, all of the class get one.
 * @throws CONFLICT when places are given to devices and there is none of this class.
 */
export function withBootClassFirst(document: XmlDocument, order: BootOrder, wanted: BootClass): BootOrder {
  if (order.style === 'class') return { style: 'class', classes: [wanted, ...order.classes.filter((name) => name !== wanted)] };
  const ofClass = bootSources(document).filter(({ bootClass }) => bootClass === wanted).map(({ key }) => key);
  if (ofClass.length === 0) throw absent(wanted);
  const before = keysInOrder(order.numbers);
  const placed = before.filter((key) => ofClass.includes(key));
  const first = placed.length > 0 ? placed : ofClass;
  const after = [...first, ...before.filter((key) => !first.includes(key))];
  if (after.every((key, index) => key === before[index])) return order;
  return { style: 'device', numbers: new Map(after.map((key, index) => [key, index + 1])) };
}

/** The edits that give a definition another order of the style that it has. */
export function setBootOrder(document: XmlDocument, order: BootOrder): readonly Edit[] {
  return order.style === 'class' ? setClasses(document, order.classes) : setNumbers(document, order.numbers);
}

/** True when a machine of this definition tries the same things in the same order; devices that it does not have do not count. */
export function sameBootSequence(document: XmlDocument, a: BootOrder, b: BootOrder): boolean {
  const present = new Set(bootSources(document).map(({ key }) => key));
  const sequence = (order: BootOrder): string =>
    [order.style, ...(order.style === 'class' ? order.classes : keysInOrder(order.numbers).filter((key) => present.has(key)))].join(' ');
  return sequence(a) === sequence(b);
}

/** An order as one line of text: `class hd network`, `device disk:vda=1 interface:52:54:00:cf:2d:31=2`. */
export function formatBootOrder(order: BootOrder): string {
  const items = order.style === 'class' ? order.classes : keysInOrder(order.numbers).map((key) => `${key}=${order.numbers.get(key)}`);
  return [order.style, ...items].join(' ');
}

/** What {@link formatBootOrder} wrote; undefined for anything else. */
export function parseBootOrder(text: string): BootOrder | undefined {
  const [style, ...items] = text.split(' ');
  if (style === 'class') return { style, classes: items };
  if (style !== 'device') return undefined;
  const numbers = items.map((item) => {
    const at = item.lastIndexOf('=');
    return [item.slice(0, at), Number(item.slice(at + 1))] as const;
  });
  return numbers.every(([key, number]) => key !== '' && Number.isSafeInteger(number)) ? { style, numbers: new Map(numbers) } : undefined;
}

function bootSources(document: XmlDocument): readonly BootSource[] {
  const counts = new Map<string, number>();
  return (childOf(document.root, 'devices')?.children ?? []).flatMap((element) => {
    const source = element.namespace === '' ? SOURCES[element.name] : undefined;
    if (source === undefined) return [];
    const count = counts.get(element.name) ?? 0;
    counts.set(element.name, count + 1);
    const key = `${element.name}:${source.name(element) ?? count}`;
    return [{ key, bootClass: source.bootClass(element), element, boot: childOf(element, 'boot') }];
  });
}

function classElements(document: XmlDocument): readonly XmlElement[] {
  return childrenOf(childOf(document.root, 'os'), 'boot');
}

function keysInOrder(numbers: ReadonlyMap<string, number>): readonly string[] {
  return [...numbers].toSorted(([, a], [, b]) => a - b).map(([key]) => key);
}

function setClasses(document: XmlDocument, classes: readonly string[]): readonly Edit[] {
  const elements = classElements(document);
  const changed = elements.flatMap((element, index) => {
    const wanted = classes[index];
    if (wanted === undefined) return [removeElement(document, element)];
    return attributeOf(element, 'dev') === wanted ? [] : setAttribute(document, element, 'dev', wanted);
  });
  const more = classes.slice(elements.length).map((name) => elementText('boot', { dev: name }));
  if (more.length === 0) return changed;
  const last = elements.at(-1);
  const os = childOf(document.root, 'os');
  if (last !== undefined) return [...changed, insertAfter(document, last, more.join('\n'))];
  return os === undefined ? changed : [...changed, appendChild(document, os, more.join('\n'))];
}

function setNumbers(document: XmlDocument, numbers: ReadonlyMap<string, number>): readonly Edit[] {
  return bootSources(document).flatMap(({ key, element, boot }) => {
    const wanted = numbers.get(key);
    if (boot === undefined) return wanted === undefined ? [] : [appendChild(document, element, elementText('boot', { order: String(wanted) }))];
    if (wanted === undefined) return [removeElement(document, boot)];
    return attributeOf(boot, 'order') === String(wanted) ? [] : setAttribute(document, boot, 'order', String(wanted));
  });
}

const CLASS_WORDS: Readonly<Record<BootClass, string>> = { network: 'network interface', hd: 'disk', cdrom: 'CD-ROM drive', fd: 'floppy drive' };

function absent(wanted: BootClass): FerricError {
  return new FerricError('CONFLICT', `The domain has no ${CLASS_WORDS[wanted]} to boot from, and its boot order is given by device`, {
    details: { step: 'boot order', expected: `a ${CLASS_WORDS[wanted]}` },
    hint: `Add a ${CLASS_WORDS[wanted]} to the domain, or give its boot order by class (os/boot).`,
  });
}

import type { BootDeviceName } from '@ferric/core';
import type { Domain } from './client/domains.js';
import {
  parseBootOrder, readBootOrder, sameBootSequence, setBootOrder, withBootClassFirst, type BootClass, type BootOrder,
} from './domain-xml/boot-order.js';
import type { XmlDocument } from './domain-xml/document.js';
import type { Edit } from './domain-xml/edits.js';
import { readMarks, setMarks, type Marks } from './domain-xml/marks.js';
import { define, withDefinition } from './definition.js';
import { runningId, type MachineCall } from './libvirt-machine.js';

/** Boot devices by Ironic's names, and classes of devices by libvirt's. Source: ironic-staging-drivers, libvirt/power.py; floppy: sushy-tools. */
export const BOOT_CLASSES: ReadonlyMap<BootDeviceName, BootClass> = new Map([['pxe', 'network'], ['disk', 'hd'], ['cdrom', 'cdrom'], ['floppy', 'fd']]);

/** Ironic's name for a class of devices. */
export function bootDeviceOfClass(bootClass: string | undefined): BootDeviceName | null {
  return [...BOOT_CLASSES].find(([, name]) => name === bootClass)?.[0] ?? null;
}

/**
 * The boot order that was changed for one start, and where it goes back to. libvirt has no such thing: the definition is changed before
 * the start and changed back while the machine runs, which keeps what it was started with. A mark in the definition remembers it.
 */
export interface BootOnce {
  readonly device: BootDeviceName;
  /** Id of the machine that ran when it was set; -1 when none did. */
  readonly id: string;
  readonly previous: BootOrder;
}

/** What is to happen once; undefined when nothing is, also when somebody has given the domain another order since. */
export function readBootOnce(document: XmlDocument): BootOnce | undefined {
  const mark = readMarks(document)['boot-once'];
  const previous = parseBootOrder(mark?.order ?? '');
  const bootClass = BOOT_CLASSES.get(mark?.device as BootDeviceName);
  if (mark === undefined || previous === undefined || bootClass === undefined) return undefined;
  const present = readBootOrder(document);
  if (previous.style !== present.style) return undefined;
  const isOurs = sameBootSequence(document, present, orderOrNone(document, previous, bootClass) ?? previous);
  return isOurs ? { device: mark.device as BootDeviceName, id: mark.id, previous } : undefined;
}

/**
 * True while it is still to happen: nothing runs, or the same machine as when it was set. Another one was started by somebody else, and
 * has booted from it.
 */
export function isPending({ id }: BootOnce, presentId: number): boolean {
  return presentId === -1 || id === String(presentId);
}

/** The order that counts when nothing is to happen once. */
export function lastingBootOrder(document: XmlDocument): BootOrder {
  return readBootOnce(document)?.previous ?? readBootOrder(document);
}

/** The mark that remembers where to go back to. */
export function bootOnceMark(device: BootDeviceName, id: number, order: string): NonNullable<Marks['boot-once']> {
  return { device, id: String(id), order };
}

/**
 * The edits that go back to the lasting order, with no mark left.
 * @param marks other marks to change with the same edits
 */
export function endBootOnce(document: XmlDocument, marks: Parameters<typeof setMarks>[1] = {}): readonly Edit[] {
  return [...setBootOrder(document, lastingBootOrder(document)), ...setMarks(document, { ...marks, 'boot-once': null })];
}

/**
 * Goes back to the lasting order when a machine runs that somebody else has started: it has used up what was to happen once, and nothing
 * would tell that any more when it has stopped.
 */
export async function settleBootOnce(call: MachineCall, domain: Domain, document: XmlDocument): Promise<void> {
  const once = readBootOnce(document);
  if (once === undefined || isPending(once, await runningId(call, domain))) return;
  await withDefinition(call, async (located) => define(call, located, endBootOnce(located.document)));
}

function orderOrNone(document: XmlDocument, order: BootOrder, bootClass: BootClass): BootOrder | undefined {
  try {
    return withBootClassFirst(document, order, bootClass);
  } catch {
    // The device that it was for is gone.
    return undefined;
  }
}

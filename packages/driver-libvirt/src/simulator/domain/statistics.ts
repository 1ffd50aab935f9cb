import type { TypedParameter } from '../wire/structs.js';
import { elementAt, elementsOf, textOf, type XmlElement } from '../xml/element.js';
import { sizeOf } from '../xml/sizes.js';
import type { Guest } from './guest.js';

/** Groups of statistics. Source: libvirt 9.0.0, include/libvirt/libvirt-domain.h, virDomainStatsTypes. */
const GROUP = { state: 1, processor: 2, balloon: 4, virtualProcessors: 8, interfaces: 16, block: 32 } as const;

/** Sizes of a domain's memory. KiB. */
export function memoryOf(guest: Guest): { readonly maximum: bigint; readonly current: bigint } {
  const form = formOf(guest);
  const maximum = (sizeOf(elementAt(form, 'memory'), 'KiB') ?? 0n) / 1024n;
  return { maximum, current: (sizeOf(elementAt(form, 'currentMemory'), 'KiB') ?? maximum * 1024n) / 1024n };
}

/** How many processors it has. */
export function processorsOf(guest: Guest): number {
  const text = textOf(elementAt(formOf(guest), 'vcpu')) ?? '1';
  return /^[0-9]{1,5}$/.test(text) ? Number(text) : 1;
}

/** What runs, or what would. */
export function formOf(guest: Guest): XmlElement | undefined {
  return guest.live ?? guest.definition;
}

const GROUPS: ReadonlyMap<number, (guest: Guest) => readonly TypedParameter[]> = new Map([
  [GROUP.state, (guest: Guest): readonly TypedParameter[] => [['state.state', 'int', guest.state], ['state.reason', 'int', guest.reason]]],
  [GROUP.processor, (guest: Guest): readonly TypedParameter[] => (guest.isActive ? [['cpu.time', 'unsignedHyper', guest.cpuTimeNanoseconds]] : [])],
  [GROUP.balloon, balloon],
  [GROUP.virtualProcessors, virtualProcessors],
  [GROUP.interfaces, interfaces],
  [GROUP.block, block],
]);

/** What is known of a domain, by groups. @param groups bits of the groups; 0 stands for all */
export function statisticsOf(guest: Guest, groups: number): readonly TypedParameter[] {
  return [...GROUPS].flatMap(([group, read]) => (groups === 0 || (groups & group) !== 0 ? read(guest) : []));
}

function balloon(guest: Guest): readonly TypedParameter[] {
  const { maximum, current } = memoryOf(guest);
  return [['balloon.current', 'unsignedHyper', current], ['balloon.maximum', 'unsignedHyper', maximum]];
}

function virtualProcessors(guest: Guest): readonly TypedParameter[] {
  const count = processorsOf(guest);
  return [['vcpu.current', 'unsignedInt', count], ['vcpu.maximum', 'unsignedInt', count]];
}

function interfaces(guest: Guest): readonly TypedParameter[] {
  if (!guest.isActive) return [];
  const nics = elementsOf(elementAt(guest.live, 'devices'), 'interface');
  const names = nics.map((nic, index): TypedParameter => [`net.${index}.name`, 'string', elementAt(nic, 'target')?.attributes.get('dev') ?? '']);
  return [['net.count', 'unsignedInt', nics.length], ...names];
}

function block(guest: Guest): readonly TypedParameter[] {
  const disks = elementsOf(elementAt(formOf(guest), 'devices'), 'disk');
  return [['block.count', 'unsignedInt', disks.length], ...disks.flatMap(diskFacts)];
}

function diskFacts(disk: XmlElement, index: number): readonly TypedParameter[] {
  const path = elementAt(disk, 'source')?.attributes.get('file');
  const name: TypedParameter = [`block.${index}.name`, 'string', elementAt(disk, 'target')?.attributes.get('dev') ?? ''];
  return path === undefined ? [name] : [name, [`block.${index}.path`, 'string', path]];
}

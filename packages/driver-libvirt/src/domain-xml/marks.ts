import type { XmlDocument, XmlElement } from './document.js';
import { childOf } from './elements.js';
import { appendChild, elementText, insertAfter, removeElement, replaceElement, type Edit } from './edits.js';

/** The namespace of what this driver keeps in the metadata of a domain. It belongs to the definition and outlives every daemon and conductor. */
export const MARK_NAMESPACE = 'https://ferric.dev/libvirt/1';

const HOLDER = 'node';
const PREFIX = 'ferric';

/** What is kept, by the name of its element; the values are attributes. No secrets. */
export interface Marks {
  /** The boot order was changed for the next start only. */
  readonly 'boot-once'?: {
    /** Name as in Ironic. */
    readonly device: string;
    /** Id of the machine that was running when it was set; -1 when none was. Any other running machine has used it up. */
    readonly id: string;
    /** The order to go back to. */
    readonly order: string;
  };
  /** What was put into the CD-ROM drive. */
  readonly media?: {
    /** Name of the drive's target: `sda`. */
    readonly target: string;
    /** Where it came from, without user, password and query. */
    readonly url: string;
    /** Path on the hypervisor. */
    readonly file: string;
    /** `yes`: the drive was added for it and goes with it. */
    readonly added?: string;
  };
  /** Firmware was changed: the variables of the old one must not meet the new one. */
  readonly 'reset-nvram'?: { readonly firmware: string };
}
export type MarkName = keyof Marks;

/** The attributes that a mark cannot do without. */
const REQUIRED: { readonly [Name in MarkName]: readonly (keyof NonNullable<Marks[Name]>)[] } = {
  'boot-once': ['device', 'id', 'order'],
  media: ['target', 'url', 'file'],
  'reset-nvram': ['firmware'],
};

/** The marks of a definition. One that was damaged by somebody else counts as absent. */
export function readMarks(document: XmlDocument): Marks {
  const holder = findHolder(document);
  const marks = Object.entries(REQUIRED).flatMap(([name, required]) => {
    const element = findMark(holder, name);
    if (element === undefined || !required.every((attribute) => element.attributes.has(attribute))) return [];
    return [[name, Object.fromEntries(element.attributes)] as const];
  });
  return Object.fromEntries(marks) as Marks;
}

/** The edits that set marks, or take them away where they are null. What others keep in the same place stays. */
export function setMarks(document: XmlDocument, changes: { readonly [Name in MarkName]?: Marks[Name] | null }): readonly Edit[] {
  const holder = findHolder(document);
  const prefix = holder?.name.split(':')[0] ?? PREFIX;
  const added: string[] = [];
  const removed: XmlElement[] = [];
  const replaced: Edit[] = [];
  for (const [name, value] of Object.entries(changes)) {
    const present = findMark(holder, name);
    if (value === null) {
      if (present !== undefined) removed.push(present);
      continue;
    }
    const text = elementText(`${prefix}:${name}`, { ...value });
    if (present === undefined) added.push(text);
    else replaced.push(replaceElement(document, present, text));
  }
  if (holder === undefined) return added.length === 0 ? [] : [addHolder(document, added)];
  const isLeftEmpty = added.length === 0 && removed.length > 0 && holder.children.length === removed.length;
  if (isLeftEmpty) return [removeHolder(document, holder)];
  return [
    ...replaced,
    ...removed.map((element) => removeElement(document, element)),
    ...(added.length === 0 ? [] : [appendChild(document, holder, added.join('\n'))]),
  ];
}

function findHolder(document: XmlDocument): XmlElement | undefined {
  return childOf(document.root, 'metadata')?.children.find((child) => child.namespace === MARK_NAMESPACE && child.localName === HOLDER);
}

function findMark(holder: XmlElement | undefined, name: string): XmlElement | undefined {
  return holder?.children.find((child) => child.namespace === MARK_NAMESPACE && child.localName === name);
}

/** Elements that libvirt writes before the metadata. */
const BEFORE_METADATA: ReadonlySet<string> = new Set(['name', 'uuid', 'genid', 'title', 'description']);

function addHolder(document: XmlDocument, marks: readonly string[]): Edit {
  const lines = [`<${PREFIX}:${HOLDER} xmlns:${PREFIX}="${MARK_NAMESPACE}">`, ...marks.map((mark) => `  ${mark}`), `</${PREFIX}:${HOLDER}>`];
  const metadata = childOf(document.root, 'metadata');
  if (metadata !== undefined) return appendChild(document, metadata, lines.join('\n'));
  const wrapped = ['<metadata>', ...lines.map((line) => `  ${line}`), '</metadata>'].join('\n');
  const before = document.root.children.findLast((child) => child.namespace === '' && BEFORE_METADATA.has(child.name));
  return before === undefined ? appendChild(document, document.root, wrapped) : insertAfter(document, before, wrapped);
}

/** Takes the holder out, and the metadata with it when nothing else is in there. */
function removeHolder(document: XmlDocument, holder: XmlElement): Edit {
  const metadata = holder.parent;
  return removeElement(document, metadata?.children.length === 1 ? metadata : holder);
}

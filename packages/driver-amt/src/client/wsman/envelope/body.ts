import { type FerricError, invalidOptions, type OptionIssue, Secret } from '@ferric/core';
import { ANONYMOUS, NAMESPACES, resourceUri } from '../namespaces.js';
import type { WsmanField, WsmanFields, WsmanReference, WsmanValue } from '../wsman.js';
import { escapeXml, isXmlName, isXmlText } from '../xml/escape.js';

/** Turns a secret into what is written: its value for the device, a mask for a transcript. */
export type ShowSecret = (secret: Secret) => string;

/** Fields inside one another; more is a mistake of the caller. */
const DEEPEST = 20;

/** What the writing of one body needs to know everywhere. */
interface Writing {
  /** The class that is spoken to: the namespace of what names none. */
  readonly namespace: string;
  readonly show: ShowSecret;
}

/**
 * One element with the given fields inside, as a body has it: `<r:Name xmlns:r="namespace">...</r:Name>`.
 * @throws INVALID_OPTIONS naming a field whose name or text XML cannot carry; the text is not shown.
 */
export function writeElement(name: string, fields: WsmanFields | undefined, namespace: string, show: ShowSecret): string {
  const writing = { namespace, show };
  const content = (fields?.fields ?? []).map((field) => writeField(field, writing, [])).join('');
  return `<r:${checkName(name, [])} xmlns:r="${escapeXml(namespace)}">${content}</r:${name}>`;
}

/** The selectors of a header or a reference; nothing when there are none. */
export function writeSelectors(selectors: Readonly<Record<string, string>> | undefined): string {
  const written = Object.entries(selectors ?? {}).map(([name, value]) => `<w:Selector Name="${text(name, ['selectors'])}">${text(value, ['selectors', name])}</w:Selector>`);
  return written.length === 0 ? '' : `<w:SelectorSet>${written.join('')}</w:SelectorSet>`;
}

function writeField(field: WsmanField, writing: Writing, path: readonly string[]): string {
  const { name, value, namespace = writing.namespace } = field;
  const here = [...path, checkName(name, path)];
  if (here.length > DEEPEST) throw refuse(here, `nested no deeper than ${DEEPEST}`);
  if (isList(value)) return value.map((item) => writeField({ ...field, value: item }, writing, path)).join('');
  // The prefix r is the class; whatever is in another namespace brings its own.
  const [open, close] = namespace === writing.namespace ? [`r:${name}`, `r:${name}`] : [`n:${name} xmlns:n="${escapeXml(namespace)}"`, `n:${name}`];
  return `<${open}>${writeValue(value, writing, here)}</${close}>`;
}

function writeValue(value: Exclude<WsmanValue, readonly WsmanValue[]>, writing: Writing, path: readonly string[]): string {
  if (Secret.is(value)) return text(writing.show(value as Secret), path);
  if (typeof value === 'object') return isReference(value) ? writeReference(value) : value.fields.map((field) => writeField(field, writing, path)).join('');
  if (typeof value === 'number' && !Number.isFinite(value)) throw refuse(path, 'a finite number');
  return text(String(value), path);
}

/** Source: DSP0226 1.2, section 5.4.2. */
function writeReference({ resource, selectors }: WsmanReference): string {
  return `<a:Address>${ANONYMOUS}</a:Address><a:ReferenceParameters><w:ResourceURI>${resourceUri(resource)}</w:ResourceURI>${writeSelectors(selectors)}</a:ReferenceParameters>`;
}

/** Prefixes that {@link writeElement} and {@link writeSelectors} take for granted. */
export const BODY_PREFIXES: string = `xmlns:a="${NAMESPACES.addressing}" xmlns:w="${NAMESPACES.wsman}"`;

function checkName(name: string, path: readonly string[]): string {
  if (isXmlName(name)) return name;
  throw refuse([...path, name], 'a name of letters, digits, _, - and ., that begins with a letter');
}

function text(value: string, path: readonly string[]): string {
  if (isXmlText(value)) return escapeXml(value);
  throw refuse(path, 'a text without control characters, which XML cannot carry');
}

/** The value is not shown: it may be a secret. */
function refuse(path: readonly string[], expected: string): FerricError {
  const issue: OptionIssue = { field: path.join('.'), problem: 'invalid', expected };
  return invalidOptions('WS-Management request', [issue]);
}

function isList(value: WsmanValue): value is readonly WsmanValue[] {
  return Array.isArray(value);
}

function isReference(value: WsmanReference | WsmanFields): value is WsmanReference {
  return 'resource' in value;
}

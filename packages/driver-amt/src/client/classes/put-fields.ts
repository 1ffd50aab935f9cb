import { FerricError } from '@ferric/core';
import { readReference } from '../wsman/envelope/reference.js';
import type { WsmanElement, WsmanField, WsmanFields, WsmanValue } from '../wsman/wsman.js';

/** What is different in the instance that goes back. */
export interface PutChanges {
  /** New values of fields that the device must have. */
  readonly set?: Readonly<Record<string, WsmanValue>>;
  /** New values of fields that not every firmware has; where they are missing they stay so. */
  readonly setIfPresent?: Readonly<Record<string, WsmanValue>>;
  /** Fields that are not sent back, such as those that can only be read. */
  readonly leaveOut?: Iterable<string>;
}

/**
 * An instance as Get returned it, made ready for Put: its fields in their order and no others, since older firmware refuses elements that it does
 * not know.
 * @throws UNSUPPORTED naming a field of `set` that the device does not have.
 */
export function toPutFields(instance: WsmanElement, changes: PutChanges = {}): WsmanFields {
  const leftOut = new Set(changes.leaveOut);
  const kept = instance.children.filter(({ name }) => !leftOut.has(name));
  const names = new Set(kept.map(({ name }) => name));
  const missing = Object.keys(changes.set ?? {}).find((name) => !names.has(name));
  if (missing !== undefined) throw missingField(instance.name, missing);

  const values = new Map([...Object.entries(changes.setIfPresent ?? {}), ...Object.entries(changes.set ?? {})]);
  const changed = new Set<string>();
  const fields = kept.flatMap((element): readonly WsmanField[] => {
    const value = values.get(element.name);
    if (value === undefined) return [toField(element, instance.namespace)];
    // A list of new values stands where its first element stood.
    if (changed.has(element.name)) return [];
    changed.add(element.name);
    return [{ ...namespaceOf(element, instance.namespace), name: element.name, value }];
  });
  return { fields };
}

function toField(element: WsmanElement, classNamespace: string | undefined): WsmanField {
  return { ...namespaceOf(element, classNamespace), name: element.name, value: toValue(element, classNamespace) };
}

function toValue(element: WsmanElement, classNamespace: string | undefined): WsmanValue {
  if (element.children.length === 0) return element.text;
  return readReference(element) ?? { fields: element.children.map((child) => toField(child, classNamespace)) };
}

/** The namespace where it is not the one of the class. */
function namespaceOf({ namespace }: WsmanElement, classNamespace: string | undefined): { readonly namespace?: string } {
  return namespace === undefined || namespace === classNamespace ? {} : { namespace };
}

function missingField(className: string, field: string): FerricError {
  return new FerricError('UNSUPPORTED', `This device has no ${className}.${field}`, {
    details: { class: className, field },
    hint: 'Its firmware is older than this setting, or the machine does not have what it sets.',
  });
}

import type { Era } from '../generations.js';
import type { AmtMachine } from '../machine/amt-machine.js';
import { NAMESPACES } from '../soap/namespaces.js';
import { readReference } from '../soap/request.js';
import { SoapFault } from '../soap/soap-fault.js';
import type { Fields, Reference } from '../soap/value.js';
import { childOf, type XmlElement } from '../soap/xml-element.js';

export interface Instance {
  /** Of the instance itself: an association may be asked for by the name of another class. */
  readonly className: string;
  readonly fields: Fields;
}

/** Who asks. */
export interface Caller {
  readonly username: string;
  readonly address: string;
}

/** What to do once a request is accepted. Nothing has changed before. */
export type Apply = () => void;

export interface MethodResult {
  /** With ReturnValue. */
  readonly output: Fields;
  readonly apply?: Apply;
}

export interface Method {
  /** In the class's namespace; anything else is refused. */
  readonly parameters: readonly string[];
  readonly required?: readonly string[];
  /** It changes something, so that users who may only look are refused. */
  readonly changes: boolean;
  call(machine: AmtMachine, input: Input, caller: Caller): MethodResult;
}

export interface PutRule {
  /** Fields that may be changed. */
  readonly writable: readonly string[];
  /** Fields that may be set although a Get does not show them. */
  readonly hidden?: readonly string[];
  /** Fields that make it refuse the whole, even with the values they have. Other fields that may not be changed must have those. */
  readonly refused?: ReadonlySet<string>;
  /** Decides on the changes. Left out: they are kept. @throws SoapFault */
  decide?(machine: AmtMachine, changes: Fields, caller: Caller): Apply;
}

export interface AmtClass extends Era {
  readonly name: string;
  /** Names of selectors that pick an instance. */
  readonly keys: readonly string[];
  /** Its schema has times, so that answers declare their namespace. */
  readonly dated?: boolean;
  /** A Get without selectors picks the first of several, as recorded. */
  readonly firstIfNotPicked?: boolean;
  instances(machine: AmtMachine): readonly Instance[];
  readonly put?: PutRule;
  readonly methods?: Readonly<Record<string, Method>>;
  /** Decides on a new instance. @throws SoapFault */
  create?(machine: AmtMachine, input: Input): { readonly reference: Reference; readonly apply: Apply };
  remove?(machine: AmtMachine, instance: Instance): Apply;
}

/** The parameters of a method, or the fields of an instance in a body. */
export interface Input {
  /** Undefined when it is not there. */
  text(name: string): string | undefined;
  /** A number that is not negative. @throws SoapFault for anything else */
  number(name: string): number;
  reference(name: string): Reference | undefined;
  element(name: string): XmlElement | undefined;
  readonly elements: readonly XmlElement[];
}

export function readInput(element: XmlElement | undefined, namespace: string): Input {
  const find = (name: string): XmlElement | undefined => childOf(element, namespace, name);
  return {
    element: find,
    elements: element?.children ?? [],
    text: (name) => find(name)?.text,
    number(name) {
      const text = find(name)?.text ?? '';
      if (!/^\d{1,10}$/.test(text)) throw new SoapFault('SchemaValidationError');
      return Number(text);
    },
    reference: (name) => readReference(find(name)),
  };
}

/** The text of a time inside an element: of the common namespace, as Datetime or Interval. */
export function timeText(element: XmlElement | undefined, kind: 'Datetime' | 'Interval'): string | undefined {
  return childOf(element, NAMESPACES.cimCommon, kind)?.text;
}

/** A class with one instance that nobody changes. */
export function fixedClass(name: string, keys: readonly string[], instances: readonly Fields[], more: Partial<AmtClass> = {}): AmtClass {
  return { name, keys, instances: () => instances.map((fields) => ({ className: name, fields })), ...more };
}

/** The keys of services. Source: DMTF CIM schema, CIM_Service. */
export const SERVICE_KEYS = ['SystemCreationClassName', 'SystemName', 'CreationClassName', 'Name'] as const;

export const returns = (returnValue: number, apply?: Apply): MethodResult =>
  ({ output: { ReturnValue: returnValue }, ...(apply === undefined ? {} : { apply }) });

/** True when a reference picks the instance: of its class, with no selector that says otherwise. */
export function picks(reference: Reference | undefined, className: string, selectors: Readonly<Record<string, string>>): boolean {
  if (reference?.resource !== className) return false;
  const given = Object.entries(reference.selectors);
  return given.length > 0 && given.every(([name, value]) => selectors[name] === value);
}

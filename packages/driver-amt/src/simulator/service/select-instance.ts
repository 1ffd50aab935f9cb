import type { AmtClass, Instance } from '../classes/amt-class.js';
import type { AmtMachine } from '../machine/amt-machine.js';
import { SoapFault } from '../soap/soap-fault.js';
import type { Value } from '../soap/value.js';

/** Selectors of CIM itself, which say nothing about the instance. */
const NOT_KEYS = /^__/;

/** The instance that selectors pick. None are needed where there is one instance. @throws SoapFault */
export function selectInstance(type: AmtClass, machine: AmtMachine, selectors: ReadonlyMap<string, string>): Instance {
  const given = [...selectors].filter(([name]) => !NOT_KEYS.test(name));
  if (given.some(([name]) => !type.keys.includes(name))) throw new SoapFault('InvalidSelectors', { detail: 'UnexpectedSelectors' });
  const picked = type.instances(machine).filter(({ fields }) => given.every(([name, value]) => keyText(fields[name]) === value));
  const [first, second] = picked;
  if (first === undefined) throw new SoapFault('DestinationUnreachable');
  const isAmbiguous = second !== undefined && !(given.length === 0 && type.firstIfNotPicked === true);
  if (isAmbiguous) throw new SoapFault('InvalidSelectors', { detail: 'InsufficientSelectors' });
  return first;
}

/** A key as a selector has it; a reference by the first selector in it. */
function keyText(value: Value | undefined): string {
  if (typeof value !== 'object') return String(value);
  if ('kind' in value) return value.kind === 'reference' ? (Object.values(value.selectors)[0] ?? '') : value.text;
  return '';
}

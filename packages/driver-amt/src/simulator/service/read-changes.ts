import type { AmtClass, Instance, PutRule } from '../classes/amt-class.js';
import { classUri } from '../soap/namespaces.js';
import { SoapFault } from '../soap/soap-fault.js';
import type { Fields, Value } from '../soap/value.js';
import type { XmlElement } from '../soap/xml-element.js';

/** What a Put asks to be changed: the writable fields of its body, with the types they have. @throws SoapFault for a body that is not taken */
export function readChanges(type: AmtClass, rule: PutRule, instance: Instance, body: XmlElement | undefined): Fields {
  const uri = classUri(type.name);
  if (body?.name !== type.name || body.namespace !== uri) throw new SoapFault('SchemaValidationError');
  const texts = new Map<string, string[]>();
  for (const child of body.children) {
    if (child.namespace !== uri) throw new SoapFault('InvalidRepresentation', { detail: 'InvalidNamespace' });
    texts.set(child.name, [...(texts.get(child.name) ?? []), child.text]);
  }
  const isMissing = type.keys.filter((key) => key === 'InstanceID').some((key) => !texts.has(key));
  if (isMissing) throw new SoapFault('InvalidRepresentation', { detail: 'MissingValues' });
  return Object.fromEntries([...texts].flatMap(([name, values]) => changeOf(rule, instance.fields, name, values)));
}

function changeOf(rule: PutRule, fields: Fields, name: string, texts: readonly string[]): readonly (readonly [string, Value])[] {
  const invalid = new SoapFault('InvalidRepresentation', { detail: 'InvalidValues' });
  const current = fields[name];
  if (rule.refused?.has(name) === true) throw invalid;
  if (current === undefined) {
    if (rule.hidden?.includes(name) !== true || texts.length !== 1) throw invalid;
    return [[name, texts[0] ?? '']];
  }
  if (!rule.writable.includes(name)) {
    const isSame = isPlain(current) ? texts.join('\n') === [current].flat().map(String).join('\n') : true;
    if (!isSame) throw invalid;
    return [];
  }
  if (isList(current)) return [[name, texts.map((text) => typed(text, current[0] ?? ''))]];
  if (texts.length !== 1) throw invalid;
  return [[name, typed(texts[0] ?? '', current)]];
}

/** Times and references have elements inside, and none of them can be changed. */
function isPlain(value: Value): value is string | number | boolean | readonly (string | number | boolean)[] {
  return typeof value !== 'object' || isList(value);
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

function typed(text: string, like: Value): Value {
  if (typeof like === 'string') return text;
  if (typeof like === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  if (typeof like === 'number' && /^-?\d{1,15}$/.test(text)) return Number(text);
  throw new SoapFault('InvalidRepresentation', { detail: 'InvalidValues' });
}

import { type AmtClass, type Apply, type Caller, type Instance, readInput } from '../classes/amt-class.js';
import type { AmtMachine } from '../machine/amt-machine.js';
import { type AnswerBody, bodyPrefix, writeFields, writeReference } from '../soap/answer.js';
import { classUri, NAMESPACES } from '../soap/namespaces.js';
import type { Operation, SoapRequest } from '../soap/request.js';
import { SoapFault } from '../soap/soap-fault.js';
import { childOf } from '../soap/xml-element.js';
import type { Enumerations } from './enumerations.js';
import { readChanges } from './read-changes.js';
import { selectInstance } from './select-instance.js';

/** What an operation works with. */
export interface OperationContext {
  readonly machine: AmtMachine;
  readonly enumerations: Enumerations;
  readonly caller: Caller;
  /** Most items in one answer to a Pull, whatever was asked for. */
  readonly mostItems: number;
}

/** What an operation decided: nothing has changed before `apply`, and the answer is written after it. */
export interface Decided {
  readonly apply?: Apply | undefined;
  readonly answer: () => AnswerBody;
}

type Handler = (type: AmtClass, request: SoapRequest, context: OperationContext) => Decided;

/** Source: DSP0226 1.2, section 8.4; the rest of this firmware's enumerations is recorded. */
const { enumeration, transfer, wsman } = NAMESPACES;
const FIRST = bodyPrefix(0);

function instanceBody(type: AmtClass, { className, fields }: Instance): AnswerBody {
  const namespaces = [classUri(className), ...(type.dated === true ? [NAMESPACES.cimCommon] : [])];
  return { namespaces, xml: writeFields(FIRST, className, fields, bodyPrefix(1)) };
}

const get: Handler = (type, { selectors }, { machine }) => {
  const instance = selectInstance(type, machine, selectors);
  return { answer: () => instanceBody(type, instance) };
};

const put: Handler = (type, { selectors, body }, { machine, caller }) => {
  const rule = type.put;
  if (rule === undefined) throw new SoapFault('ActionNotSupported');
  const instance = selectInstance(type, machine, selectors);
  const changes = readChanges(type, rule, instance, body);
  const decided = rule.decide?.(machine, changes, caller) ?? (() => machine.settings.write(type.name, settingsKey(type, machine, instance), changes));
  if (machine.flash.writes >= machine.flash.limit) throw new SoapFault('InternalError', { status: FLASH_WRITE_LIMIT });
  return {
    apply() {
      machine.flash.write();
      decided();
    },
    answer: () => instanceBody(type, selectInstance(type, machine, selectors)),
  };
};

/** PT_STATUS. Source: Intel AMT Implementation and Reference Guide, "Errors and Return Values". */
const FLASH_WRITE_LIMIT = 0x26;

/** Instances of one class are kept by their InstanceID, where there are several. */
function settingsKey(type: AmtClass, machine: AmtMachine, { fields }: Instance): string {
  return type.instances(machine).length > 1 ? String(fields['InstanceID']) : '';
}

const create: Handler = (type, { body }, { machine }) => {
  if (type.create === undefined) throw new SoapFault('ActionNotSupported');
  if (body?.name !== type.name || body.namespace !== classUri(type.name)) throw new SoapFault('SchemaValidationError');
  const { reference, apply } = type.create(machine, readInput(body, classUri(type.name)));
  return { apply, answer: () => ({ namespaces: [transfer], xml: writeReference(`${FIRST}:ResourceCreated`, reference) }) };
};

const remove: Handler = (type, { selectors }, { machine }) => {
  if (type.remove === undefined) throw new SoapFault('ActionNotSupported');
  return { apply: type.remove(machine, selectInstance(type, machine, selectors)), answer: () => ({ namespaces: [], xml: '' }) };
};

const enumerate: Handler = (type, { body }, { machine, enumerations }) => {
  if (body?.name !== 'Enumerate' || body.namespace !== enumeration) throw new SoapFault('SchemaValidationError');
  const asksMore = ['Filter', 'EnumerationMode'].some((name) => childOf(body, wsman, name) !== undefined || childOf(body, enumeration, name) !== undefined);
  if (asksMore) throw new SoapFault('UnsupportedFeature');
  const context = enumerations.begin(type.name, type.instances(machine));
  return {
    answer: () => ({ namespaces: [enumeration], xml: writeFields(FIRST, 'EnumerateResponse', { EnumerationContext: context }, FIRST) }),
  };
};

const pull: Handler = (type, { body }, { enumerations, mostItems }) => {
  if (body?.name !== 'Pull' || body.namespace !== enumeration) throw new SoapFault('SchemaValidationError');
  const asked = Number(childOf(body, enumeration, 'MaxElements')?.text ?? mostItems);
  if (!(asked >= 1)) throw new SoapFault('SchemaValidationError');
  const { items, context } = enumerations.pull(childOf(body, enumeration, 'EnumerationContext')?.text ?? '', type.name, Math.min(asked, mostItems));
  return { answer: () => pullBody(type, items, context) };
};

function pullBody(type: AmtClass, items: readonly Instance[], context: string | undefined): AnswerBody {
  const classes = [...new Set(items.map(({ className }) => className))];
  const common = bodyPrefix(1 + classes.length);
  const inner = items.map(({ className, fields }) => writeFields(bodyPrefix(1 + classes.indexOf(className)), className, fields, common)).join('');
  const more = context === undefined ? '' : `<${FIRST}:EnumerationContext>${context}</${FIRST}:EnumerationContext>`;
  const end = context === undefined ? `<${FIRST}:EndOfSequence></${FIRST}:EndOfSequence>` : '';
  return {
    namespaces: [enumeration, ...classes.map(classUri), ...(type.dated === true ? [NAMESPACES.cimCommon] : [])],
    xml: `<${FIRST}:PullResponse>${more}<${FIRST}:Items>${inner}</${FIRST}:Items>${end}</${FIRST}:PullResponse>`,
  };
}

const release: Handler = (type, { body }, { enumerations }) => {
  enumerations.release(childOf(body, enumeration, 'EnumerationContext')?.text ?? '', type.name);
  return { answer: () => ({ namespaces: [], xml: '' }) };
};

const invoke: Handler = (type, { selectors, body, method: name }, { machine, caller }) => {
  const uri = classUri(type.name);
  const method = type.methods?.[name];
  if (method === undefined) throw new SoapFault('ActionNotSupported');
  selectInstance(type, machine, selectors);
  if (body?.name !== `${name}_INPUT` || body.namespace !== uri) throw new SoapFault('SchemaValidationError');
  const input = readInput(body, uri);
  const isForeign = input.elements.some((element) => element.namespace !== uri || !method.parameters.includes(element.name));
  const isIncomplete = method.required?.some((parameter) => input.element(parameter) === undefined) === true;
  if (isForeign || isIncomplete) throw new SoapFault('SchemaValidationError');
  const { output, apply } = method.call(machine, input, caller);
  return { apply, answer: () => ({ namespaces: [uri], xml: writeFields(FIRST, `${name}_OUTPUT`, output, FIRST) }) };
};

const HANDLERS: Readonly<Record<Operation, Handler>> = {
  Get: get, Put: put, Create: create, Delete: remove, Enumerate: enumerate, Pull: pull, Release: release, Invoke: invoke,
};

/** Looks at a request. @throws SoapFault when it is refused */
export function decide(type: AmtClass, request: SoapRequest, context: OperationContext): Decided {
  return HANDLERS[request.operation](type, request, context);
}

const CHANGES: ReadonlySet<Operation> = new Set(['Put', 'Create', 'Delete']);

/** True when the request would change something, whether it is refused or not. */
export function isChange(type: AmtClass | undefined, { operation, method }: SoapRequest): boolean {
  return CHANGES.has(operation) || type?.methods?.[method]?.changes === true;
}

import { ANONYMOUS, classOfUri, NAMESPACES } from './namespaces.js';
import { SoapFault } from './soap-fault.js';
import { reference, type Reference } from './value.js';
import { childOf, type XmlElement } from './xml-element.js';

export type Operation = 'Get' | 'Put' | 'Create' | 'Delete' | 'Enumerate' | 'Pull' | 'Release' | 'Invoke';

/** A request of WS-Management, as the device understands it. */
export interface SoapRequest {
  readonly action: string;
  readonly operation: Operation;
  /** Of Invoke. */
  readonly method: string;
  readonly messageId: string;
  /** Class name. */
  readonly resource: string;
  readonly selectors: ReadonlyMap<string, string>;
  /** The one element inside the body. */
  readonly body: XmlElement | undefined;
}

/** Actions that are not methods. Sources: WS-Transfer and WS-Enumeration, as DSP0226 takes them over in sections 7 and 8. */
const ACTIONS: ReadonlyMap<string, Operation> = new Map([
  ...(['Get', 'Put', 'Create', 'Delete'] as const).map((name) => [`${NAMESPACES.transfer}/${name}`, name] as const),
  ...(['Enumerate', 'Pull', 'Release'] as const).map((name) => [`${NAMESPACES.enumeration}/${name}`, name] as const),
]);

const { addressing, soap, wsman } = NAMESPACES;
/** Headers that the device knows; of others only those are refused that must be understood. Not OptionSet, which AMT does not support. */
const KNOWN_HEADERS = new Set([
  ...['Action', 'To', 'MessageID', 'ReplyTo', 'From', 'FaultTo'].map((name) => `${addressing} ${name}`),
  ...['ResourceURI', 'OperationTimeout', 'SelectorSet', 'MaxEnvelopeSize', 'Locale'].map((name) => `${wsman} ${name}`),
]);
/** Source: Intel AMT Implementation and Reference Guide, "DSP0226, Web Services for Management": smaller envelopes cannot be asked for. */
const SMALLEST_ENVELOPE_BYTES = 50_000;
/** Where the service is: the path alone, or a whole URL. */
const TO = /^(?:https?:\/\/[^/]+)?\/wsman\/?$/;

/** The id of a message that may be wrong otherwise; '0' when it has none. */
export function messageIdOf(envelope: XmlElement | undefined): string {
  const id = childOf(childOf(envelope, soap, 'Header'), addressing, 'MessageID')?.text ?? '';
  return id === '' ? '0' : id;
}

/** Reads a request. @throws SoapFault for one that the device does not take */
export function readRequest(envelope: XmlElement | undefined): SoapRequest {
  const header = childOf(envelope, soap, 'Header');
  if (envelope?.name !== 'Envelope' || envelope.namespace !== soap || header === undefined) throw new SoapFault('SchemaValidationError');
  checkHeaders(header);
  const action = required(header, addressing, 'Action');
  const uri = required(header, wsman, 'ResourceURI');
  const resource = classOfUri(uri);
  if (!TO.test(required(header, addressing, 'To')) || resource === undefined) throw new SoapFault('DestinationUnreachable');
  const operation = ACTIONS.get(action) ?? 'Invoke';
  if (operation === 'Invoke' && !action.startsWith(`${uri}/`)) throw new SoapFault('ActionNotSupported');
  return {
    action,
    operation,
    method: operation === 'Invoke' ? action.slice(uri.length + 1) : '',
    messageId: required(header, addressing, 'MessageID'),
    resource,
    selectors: selectorsOf(childOf(header, wsman, 'SelectorSet')),
    body: childOf(envelope, soap, 'Body')?.children[0],
  };
}

function checkHeaders(header: XmlElement): void {
  for (const each of header.children) {
    const isKnown = KNOWN_HEADERS.has(`${each.namespace} ${each.name}`);
    if (!isKnown && each.attributes.get('mustUnderstand') === 'true') throw new SoapFault('MustUnderstand');
  }
  const size = childOf(header, wsman, 'MaxEnvelopeSize');
  if (size !== undefined && !(Number(size.text) >= SMALLEST_ENVELOPE_BYTES)) throw new SoapFault('EncodingLimit', { detail: 'MaximumEnvelopeSize' });
  const reply = childOf(childOf(header, addressing, 'ReplyTo'), addressing, 'Address');
  if (reply !== undefined && reply.text !== ANONYMOUS) throw new SoapFault('UnsupportedFeature');
}

function required(header: XmlElement, namespace: string, name: string): string {
  const text = childOf(header, namespace, name)?.text ?? '';
  if (text === '') throw new SoapFault('MessageInformationHeaderRequired');
  return text;
}

function selectorsOf(set: XmlElement | undefined): ReadonlyMap<string, string> {
  return new Map((set?.children ?? []).map((selector) => [selector.attributes.get('Name') ?? '', selectorText(selector)]));
}

/** The value of a selector; where that is an endpoint reference, the value of the first selector inside. */
function selectorText(selector: XmlElement): string {
  const inner = childOf(childOf(childOf(selector, addressing, 'EndpointReference'), addressing, 'ReferenceParameters'), wsman, 'SelectorSet')?.children[0];
  return inner?.text ?? selector.text;
}

/** The instance that an endpoint reference in a body picks; undefined when it is none. The address itself does not matter to AMT. */
export function readReference(element: XmlElement | undefined): Reference | undefined {
  const parameters = childOf(element, addressing, 'ReferenceParameters');
  const resource = classOfUri(childOf(parameters, wsman, 'ResourceURI')?.text ?? '');
  if (resource === undefined) return undefined;
  return reference(resource, Object.fromEntries(selectorsOf(childOf(parameters, wsman, 'SelectorSet'))));
}

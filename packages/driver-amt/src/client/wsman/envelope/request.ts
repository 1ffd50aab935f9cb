import { ANONYMOUS, NAMESPACES, resourceUri } from '../namespaces.js';
import type { WsmanFields } from '../wsman.js';
import { escapeXml } from '../xml/escape.js';
import { BODY_PREFIXES, type ShowSecret, writeElement, writeSelectors } from './body.js';

/** What is asked of a class. */
export type WsmanOperation =
  | { readonly kind: 'Get' | 'Delete' | 'Enumerate' }
  | { readonly kind: 'Put' | 'Create'; readonly instance: WsmanFields }
  | { readonly kind: 'Pull' | 'Release'; readonly context: string }
  | { readonly kind: 'Invoke'; readonly method: string; readonly input: WsmanFields | undefined };

/** One request, before it is XML. */
export interface WsmanRequest {
  /** Class name: `CIM_ComputerSystem`. */
  readonly resource: string;
  readonly operation: WsmanOperation;
  readonly selectors?: Readonly<Record<string, string>> | undefined;
}

/** The path of the service. Source: Intel AMT Implementation and Reference Guide, page "DSP0226 Web Services for Management Specification". */
export const WSMAN_PATH = '/wsman';

/** How long the device may work on one request; what MeshCommander and Intel's toolkits send. AMT takes no less than PT30S. */
const OPERATION_TIMEOUT = 'PT60S';

/** What one Pull may bring: as many instances as a device has. Source: go-wsman-messages, internal/message/base.go. */
const PULL_LIMITS = '<e:MaxElements>999</e:MaxElements><e:MaxCharacters>99999</e:MaxCharacters>';

const TRANSFER = new Set(['Get', 'Put', 'Create', 'Delete']);

/** The operations that leave the device as it was. Of a method nobody knows. */
const READING: ReadonlySet<WsmanOperation['kind']> = new Set(['Get', 'Enumerate', 'Pull', 'Release']);

/** Whether the request may change the device, so that it must never be carried out twice by mistake. */
export function mayChange({ operation }: WsmanRequest): boolean {
  return !READING.has(operation.kind);
}

/** The action of a request. Source: WS-Transfer, WS-Enumeration (2004/09); DSP0227, section 9.3 for methods. */
export function actionOf({ resource, operation }: WsmanRequest): string {
  if (operation.kind === 'Invoke') return `${resourceUri(resource)}/${operation.method}`;
  return `${TRANSFER.has(operation.kind) ? NAMESPACES.transfer : NAMESPACES.enumeration}/${operation.kind}`;
}

/** A request in words: `Get CIM_Chassis`, `CIM_BootService.SetBootConfigRole`. */
export function requestName({ resource, operation }: WsmanRequest): string {
  return operation.kind === 'Invoke' ? `${resource}.${operation.method}` : `${operation.kind} ${resource}`;
}

/**
 * The envelope of a request.
 * @param show how secrets are written
 * @throws INVALID_OPTIONS for a class, method, field or text that cannot be sent.
 */
export function writeRequest(request: WsmanRequest, messageId: string, show: ShowSecret): string {
  const header = [
    `<a:Action>${escapeXml(actionOf(request))}</a:Action>`,
    `<a:To>${WSMAN_PATH}</a:To>`,
    `<w:ResourceURI>${resourceUri(request.resource)}</w:ResourceURI>`,
    `<a:MessageID>${escapeXml(messageId)}</a:MessageID>`,
    `<a:ReplyTo><a:Address>${ANONYMOUS}</a:Address></a:ReplyTo>`,
    `<w:OperationTimeout>${OPERATION_TIMEOUT}</w:OperationTimeout>`,
    writeSelectors(request.selectors),
  ];
  return [
    `<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="${NAMESPACES.soap}" ${BODY_PREFIXES}>`,
    `<s:Header>${header.join('')}</s:Header><s:Body>${writeBody(request, show)}</s:Body></s:Envelope>`,
  ].join('');
}

function writeBody({ resource, operation }: WsmanRequest, show: ShowSecret): string {
  const enumeration = (name: string, content: string): string => `<e:${name} xmlns:e="${NAMESPACES.enumeration}">${content}</e:${name}>`;
  const context = (value: string): string => `<e:EnumerationContext>${escapeXml(value)}</e:EnumerationContext>`;
  switch (operation.kind) {
    case 'Get':
    case 'Delete':
      return '';
    case 'Put':
    case 'Create':
      return writeElement(resource, operation.instance, resourceUri(resource), show);
    case 'Enumerate':
      return enumeration('Enumerate', '');
    case 'Pull':
      return enumeration('Pull', `${context(operation.context)}${PULL_LIMITS}`);
    case 'Release':
      return enumeration('Release', context(operation.context));
    case 'Invoke':
      return writeElement(`${operation.method}_INPUT`, operation.input, resourceUri(resource), show);
  }
}

const SCHEMAS: Readonly<Record<string, string>> = {
  CIM: 'http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/',
  AMT: 'http://intel.com/wbem/wscim/1/amt-schema/1/',
  IPS: 'http://intel.com/wbem/wscim/1/ips-schema/1/',
};
const TRANSFER = 'http://schemas.xmlsoap.org/ws/2004/09/transfer';
const ENUMERATION = 'http://schemas.xmlsoap.org/ws/2004/09/enumeration';
const ANONYMOUS = 'http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous';

export const uriOf = (resource: string): string => `${SCHEMAS[resource.slice(0, 3)] ?? ''}${resource}`;

export interface EnvelopeParts {
  readonly action: string;
  readonly resource: string;
  readonly body?: string;
  readonly selectors?: Readonly<Record<string, string>>;
  readonly messageId?: string;
  readonly to?: string;
  /** More headers. */
  readonly headers?: string;
  /** Where the answer goes. Default: back. */
  readonly replyTo?: string;
}

/** A request written by hand. */
export function envelope({ action, resource, body = '', selectors, messageId = '1', to = '/wsman', headers = '', replyTo = ANONYMOUS }: EnvelopeParts): string {
  const set = selectors === undefined ? '' : `<w:SelectorSet>${selectorsXml(selectors)}</w:SelectorSet>`;
  return `<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" ` +
    `xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"><s:Header><a:Action>${action}</a:Action><a:To>${to}</a:To><w:ResourceURI>${uriOf(resource)}</w:ResourceURI>` +
    `<a:MessageID>${messageId}</a:MessageID><a:ReplyTo><a:Address>${replyTo}</a:Address></a:ReplyTo>${headers}${set}</s:Header><s:Body>${body}</s:Body></s:Envelope>`;
}

const selectorsXml = (selectors: Readonly<Record<string, string>>): string =>
  Object.entries(selectors).map(([name, value]) => `<w:Selector Name="${name}">${value}</w:Selector>`).join('');

/** The inside of an endpoint reference. */
export const reference = (resource: string, selectors: Readonly<Record<string, string>>): string =>
  `<a:Address>${ANONYMOUS}</a:Address><a:ReferenceParameters><w:ResourceURI>${uriOf(resource)}</w:ResourceURI>` +
  `<w:SelectorSet>${selectorsXml(selectors)}</w:SelectorSet></a:ReferenceParameters>`;

export const action = {
  get: `${TRANSFER}/Get`, put: `${TRANSFER}/Put`, create: `${TRANSFER}/Create`, delete: `${TRANSFER}/Delete`,
  enumerate: `${ENUMERATION}/Enumerate`, pull: `${ENUMERATION}/Pull`, release: `${ENUMERATION}/Release`,
} as const;

export const enumerateBody = `<e:Enumerate xmlns:e="${ENUMERATION}"/>`;

export const pullBody = (context: string, most?: number): string =>
  `<e:Pull xmlns:e="${ENUMERATION}"><e:EnumerationContext>${context}</e:EnumerationContext>${most === undefined ? '' : `<e:MaxElements>${most}</e:MaxElements>`}</e:Pull>`;

export const releaseBody = (context: string): string =>
  `<e:Release xmlns:e="${ENUMERATION}"><e:EnumerationContext>${context}</e:EnumerationContext></e:Release>`;

/** An instance, or the input of a method, with what is inside written as XML by the prefix `r`. */
export const element = (resource: string, name: string, inner: string): string => `<r:${name} xmlns:r="${uriOf(resource)}">${inner}</r:${name}>`;

/** Fields with text, in the class's namespace. */
export const fieldsXml = (fields: Readonly<Record<string, string | number | boolean>>): string =>
  Object.entries(fields).map(([name, value]) => `<r:${name}>${value}</r:${name}>`).join('');

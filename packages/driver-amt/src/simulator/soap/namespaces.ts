/** Namespaces of the messages. Sources: DSP0226 1.2, annex A; DSP0230 1.0, section 5.1 (CIM classes); Intel's classes carry their own. */
export const NAMESPACES = {
  soap: 'http://www.w3.org/2003/05/soap-envelope',
  addressing: 'http://schemas.xmlsoap.org/ws/2004/08/addressing',
  wsman: 'http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd',
  transfer: 'http://schemas.xmlsoap.org/ws/2004/09/transfer',
  enumeration: 'http://schemas.xmlsoap.org/ws/2004/09/enumeration',
  eventing: 'http://schemas.xmlsoap.org/ws/2004/08/eventing',
  trust: 'http://schemas.xmlsoap.org/ws/2005/02/trust',
  security: 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd',
  cimBinding: 'http://schemas.dmtf.org/wbem/wsman/1/cimbinding.xsd',
  cimCommon: 'http://schemas.dmtf.org/wbem/wscim/1/common',
  schemaInstance: 'http://www.w3.org/2001/XMLSchema-instance',
  identity: 'http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd',
} as const;

export const ANONYMOUS = `${NAMESPACES.addressing}/role/anonymous`;

const CLASS_NAMESPACES: Readonly<Record<string, string>> = {
  CIM: 'http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/',
  AMT: 'http://intel.com/wbem/wscim/1/amt-schema/1/',
  IPS: 'http://intel.com/wbem/wscim/1/ips-schema/1/',
};

/** The resource URI of a class, which is also the namespace of its elements. */
export function classUri(className: string): string {
  return `${CLASS_NAMESPACES[className.slice(0, 3)] ?? ''}${className}`;
}

/** The class of a resource URI; undefined when it is none of the three schemas. */
export function classOfUri(uri: string): string | undefined {
  const name = uri.slice(uri.lastIndexOf('/') + 1);
  return classUri(name) === uri ? name : undefined;
}

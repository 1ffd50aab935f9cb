import { ERROR, ERROR_DOMAIN, RemoteError } from '../wire/remote-error.js';
import type { XmlElement } from './element.js';
import { parseXml, XmlFault } from './parse-xml.js';

/**
 * Parses what a caller sent and checks its root.
 * @param source what libvirt calls the text in its messages: `domain_definition`.
 * @param errorDomain whose text it is, for the error.
 * @throws RemoteError
 */
export function parseDocument(text: string, source: string, root: string, errorDomain: number): XmlElement {
  let element: XmlElement;
  try {
    element = parseXml(text);
  } catch (error) {
    if (error instanceof XmlFault) throw new RemoteError(ERROR.xmlDetail, errorDomain, `(${source}):${error.line}: ${error.message}`);
    throw error;
  }
  if (element.name === root) return element;
  throw new RemoteError(ERROR.xml, ERROR_DOMAIN.xml, `expecting root element of '${root}', not '${element.name}'`);
}

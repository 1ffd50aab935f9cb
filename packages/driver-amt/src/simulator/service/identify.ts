import { bodyPrefix, writeBare, writeFields } from '../soap/answer.js';
import { NAMESPACES } from '../soap/namespaces.js';
import { childOf, type XmlElement } from '../soap/xml-element.js';

const { soap, identity, wsman } = NAMESPACES;
const DIGEST_PROFILE = 'http://schemas.dmtf.org/wbem/wsman/1/wsman/secprofile/http/digest';

/** True for a request that only asks who is there: it has no headers. Source: DSP0226 1.2, section 11. */
export function isIdentify(envelope: XmlElement | undefined): boolean {
  return childOf(childOf(envelope, soap, 'Body'), identity, 'Identify') !== undefined;
}

/** The answer: protocol, vendor, version, and how one proves who one is. No recording shows one of AMT. */
export function identifyResponse(version: string): string {
  const fields = { ProtocolVersion: wsman, ProductVendor: 'Intel(r)', ProductVersion: `AMT ${version}`, SecurityProfiles: DIGEST_PROFILE };
  return writeBare({ namespaces: [identity], xml: writeFields(bodyPrefix(0), 'IdentifyResponse', fields, bodyPrefix(0)) });
}

import type { JsonObject } from '@ferric/core';
import { HttpFault } from './http-fault.js';

/** The microversions 1.N that are spoken here. Raising the maximum admits the fields and endpoints that say so in their `since`. */
export const MINIMUM_VERSION = 1;
export const MAXIMUM_VERSION = 82;

/** The request header that asks for a version. */
export const VERSION_HEADER = 'x-openstack-ironic-api-version';

const MINIMUM_TEXT = `1.${MINIMUM_VERSION}`;
const MAXIMUM_TEXT = `1.${MAXIMUM_VERSION}`;

/** Clients that asked for too new a version negotiate from these. */
export const RANGE_HEADERS: Readonly<Record<string, string>> = {
  'x-openstack-ironic-api-minimum-version': MINIMUM_TEXT,
  'x-openstack-ironic-api-maximum-version': MAXIMUM_TEXT,
};

/**
 * The minor version a request asks for; the minimum when it does not ask.
 * Source: Ironic, ironic/api/controllers/base.py (Version) and v1/__init__.py (_check_version); recorded exchanges 002-007.
 * @throws HttpFault 406, with the range headers unless the header cannot be read at all.
 */
export function negotiateVersion(header: string | readonly string[] | undefined): number {
  if (header === undefined) return MINIMUM_VERSION;
  const asked = String(header).trim();
  if (asked.toLowerCase() === 'latest') return MAXIMUM_VERSION;
  const match = /^(\d{1,9})\.(\d{1,9})$/.exec(asked);
  if (match === null) throw new HttpFault(406, 'Not Acceptable', 'Invalid value for X-OpenStack-Ironic-API-Version header');
  const [major, minor] = [Number(match[1]), Number(match[2])];
  if (major !== 1) {
    throw outOfRange(`Mutually exclusive versions requested. Version ${major}.${minor} requested but not supported by this service.`);
  }
  if (minor < MINIMUM_VERSION || minor > MAXIMUM_VERSION) {
    throw outOfRange(`Version ${major}.${minor} was requested but the minor version is not supported by this service.`);
  }
  return minor;
}

function outOfRange(description: string): HttpFault {
  return new HttpFault(406, 'Not Acceptable', `${description} The supported version range is: [${MINIMUM_TEXT}, ${MAXIMUM_TEXT}].`, RANGE_HEADERS);
}

/** The version entry of `/` and `/v1`. */
export function versionDocument(base: string): JsonObject {
  return { id: 'v1', links: [{ href: `${base}/v1/`, rel: 'self' }], status: 'CURRENT', min_version: MINIMUM_TEXT, version: MAXIMUM_TEXT };
}

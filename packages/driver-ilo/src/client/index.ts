/**
 * One typed client for HPE iLO 3 to 7, whatever it speaks: Redfish, RIS or RIBCL.
 * @packageDocumentation
 */
export * from './ilo-client.js';
export { createIloClient } from './create-ilo-client.js';
export { readCertificateText } from './controller/certificate-text.js';
export type { CertificateText } from './controller/certificate-text.js';
export * from './ribcl/index.js';
export * from './discovery/index.js';

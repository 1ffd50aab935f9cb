export { readDiscoveredLicence, readDiscoveryData } from './read-xmldata.js';
export type { DiscoverySettings } from './read-xmldata.js';
export { parseDiscoveredLicence, parseDiscoveryData } from './xmldata.js';
export type { DiscoveredLicence, DiscoveredPort, DiscoveryData } from './xmldata.js';

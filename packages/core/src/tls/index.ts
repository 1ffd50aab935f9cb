export { createTlsConnector } from './tls-connector.js';
export type { TlsConnector } from './tls-connector.js';
export { TLS_PROFILES } from './tls-settings.js';
export type { LegacyConnection, TlsConnectorSettings, TlsPeer, TlsProfile, TlsSettings } from './tls-settings.js';
export { parseFingerprint } from './fingerprint.js';
export { toConnectFunction } from './connect-function.js';
export type { ConnectFunction, ConnectTarget } from './connect-function.js';

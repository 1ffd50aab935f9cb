export { createIpmiClient } from './ipmi-client.js';
export { createIpmiTransport } from './transport.js';
export type { IpmiTransportSettings } from './transport.js';
export { getChannelAuthenticationCapabilities, getChannelCipherSuites, ping } from './outside-session.js';
export type { PingResult } from './outside-session.js';
export type { ChannelAuthenticationCapabilities } from './capabilities.js';
export type { CipherSuiteRecord } from '../lan/cipher-suite-records.js';
export type { PeerSettings } from './settings.js';
export { CIPHER_SUITES, PRIVILEGE_LEVELS } from './client-types.js';
export type {
  CipherSuiteId, ClientCounters, DatagramListener, IpmiClient, IpmiClientSettings, IpmiTransport, PayloadChannel, PayloadListener, PrivilegeLevel,
  RetrySettings, SessionFacts, TransportPeer,
} from './client-types.js';

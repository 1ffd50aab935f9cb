/**
 * A client of libvirt daemons without native code: any number of calls, streams and events over one connection by unix socket, TCP, TLS or SSH.
 * @packageDocumentation
 */
export { createLibvirtClient } from './libvirt-client.js';
export type { LibvirtClient, LibvirtClientParts, LibvirtClientSettings, LibvirtClientStatus } from './libvirt-client.js';

export { parseLibvirtUri } from './uri.js';
export type { LibvirtTransport, LibvirtUri, LibvirtUriParameters, LibvirtUserContext } from './uri.js';
export type { OpenedTransport, OpenTransport, SshSettings, TransportContext } from './transport/transport.js';
export type { SaslCredentials } from './sasl/mechanism.js';

export { DOMAIN_STATES } from './domains.js';
export type {
  DeviceChangeScope, Domain, DomainFilter, DomainInfo, DomainMetadataKind, Domains, DomainState, DomainStateReading, DomainStats, DomainStatsGroup,
  DomainXmlOptions, InterfaceAddress, TypedValue,
} from './domains.js';
export type { Network, NetworkFilter, NetworkLease, Networks, NetworkUpdate, NetworkUpdateCommand, NetworkUpdateSection } from './networks.js';
export { POOL_STATES, VOLUME_TYPES } from './storage.js';
export type {
  Storage, StoragePool, StoragePoolFilter, StoragePoolInfo, StoragePools, StoragePoolState, StorageVolume, StorageVolumeInfo, StorageVolumes,
  StorageVolumeType, UploadOptions, UploadProgress, VolumeSource,
} from './storage.js';
export type { Host, MachineKind, Version } from './host.js';

export type { EventGap, EventOptions, LibvirtEvent, LibvirtEventKind, LibvirtEvents } from './events.js';
export type { RpcStream } from './rpc/rpc-connection.js';

// For procedures that the typed calls do not cover: `client.call` takes any of these tables, and any that is made like them.
export { authenticationProcedures } from './wire/procedures/authentication.js';
export { connectionProcedures } from './wire/procedures/connection.js';
export { domainProcedures } from './wire/procedures/domain.js';
export { networkProcedures } from './wire/procedures/network.js';
export { storageProcedures } from './wire/procedures/storage.js';
export { remoteProcedure } from './wire/procedure.js';
export type { Procedure, ProcedureTraits, ProgramName, StreamDirection } from './wire/procedure.js';
export * as xdr from './wire/xdr.js';

import type { Attachment, BootDeviceName, BootDeviceSetting, BiosSetting, FirmwareComponent, FoundInventory, HttpMethod, Indicator, IndicatorState, InterfaceName, JsonObject, JsonValue, Node, Secret, VendorMethod, Vif, VifRequest } from '@ferric/core';
import type { NetworkEvent } from '../networks/network-events.js';
import type { StoredNode } from './stored-node.js';

/** Who asks, for locks, logs and the timeline. */
export interface Requester {
  /** `req-<uuid>`, the id that the answer carries. */
  readonly requestId: string;
  /** Name of the user, null without authentication. */
  readonly user: string | null;
  /** Minor version N of the request's microversion 1.N. */
  readonly version: number;
  /** Network address that the request came from. */
  readonly address?: string;
  /** Aborts when the client of a call to the hardware leaves before it is answered. Work that was accepted must not listen to it. */
  readonly signal?: AbortSignal;
}

/** Fields a client may set at creation. `interfaces` names only those the client chose. */
export interface NodeCreation {
  readonly uuid?: string;
  readonly driver: string;
  readonly interfaces: Partial<Readonly<Record<InterfaceName, string>>>;
  readonly fields: Partial<EditableNodeFields>;
}

/** Fields a client may set. */
export type EditableNodeFields = Pick<
  Node,
  | 'name' | 'driverInfo' | 'instanceInfo' | 'properties' | 'extra' | 'networkData' | 'instanceUuid' | 'chassisUuid' | 'resourceClass'
  | 'conductorGroup' | 'owner' | 'lessee' | 'description' | 'shard' | 'automatedClean' | 'protected' | 'protectedReason' | 'retired'
  | 'retiredReason' | 'maintenance'
>;

/** What a patch made of a node. An interface set to null returns to its default. */
export interface NodeEdit {
  readonly fields: Partial<EditableNodeFields>;
  readonly driver?: string;
  readonly interfaces: Partial<Readonly<Record<InterfaceName, string | null>>>;
}

/** `PUT .../states/provision`. */
export interface ProvisionRequest {
  readonly target: string;
  /** A text (base64 or URL) or an object to build an image from. */
  readonly configdrive?: Secret<JsonValue>;
  readonly cleanSteps?: readonly JsonObject[];
  readonly deploySteps?: readonly JsonObject[];
  readonly rescuePassword?: Secret;
  readonly disableRamdisk?: boolean;
}

/** Verdict on one interface; null when the interface cannot be judged without contact. */
export interface InterfaceVerdict {
  readonly result: boolean | null;
  readonly reason?: string;
}

export type VendorAnswer = { readonly kind: 'accepted' } | { readonly kind: 'value'; readonly value: JsonValue } | { readonly kind: 'attachment'; readonly attachment: Attachment };

/** Whether a node's console is on, and how a client reaches it: `console_info`, null while it is off. */
export interface ConsoleState {
  readonly enabled: boolean;
  readonly info: JsonObject | null;
}

/** An indicator as a client names it: `led@system`. */
export interface IndicatorName {
  readonly component: string;
  readonly name: string;
}

/** What the API asks of the conductor. Identifiers are a UUID or a name. All throw {@link RequestFault}. */
export interface NodeService {
  find(identifier: string): Promise<StoredNode>;
  create(creation: NodeCreation, requester: Requester): Promise<StoredNode>;
  /**
   * Changes a node. `edit` computes the change from the present record; it must be pure, since it runs again when somebody
   * else was faster. `resetInterfaces` gives the defaults of the new driver to all interfaces the edit does not name.
   */
  update(identifier: string, edit: (node: StoredNode) => NodeEdit, options: { readonly resetInterfaces: boolean }, requester: Requester): Promise<StoredNode>;
  delete(identifier: string, requester: Requester): Promise<void>;

  setMaintenance(identifier: string, request: { readonly enabled: boolean; readonly reason: string | null }, requester: Requester): Promise<void>;
  /** Resolves when the work was accepted; returns the node's UUID. */
  setProvisionState(identifier: string, request: ProvisionRequest, requester: Requester): Promise<string>;
  /** `timeoutSeconds` at least 1. Resolves when the work was accepted; returns the node's UUID. */
  setPowerState(identifier: string, request: { readonly target: string; readonly timeoutSeconds?: number }, requester: Requester): Promise<string>;
  validate(identifier: string): Promise<Readonly<Record<string, InterfaceVerdict>>>;
  setTargetRaidConfig(identifier: string, configuration: JsonObject, requester: Requester): Promise<void>;

  bootDevice(identifier: string, requester: Requester): Promise<BootDeviceSetting>;
  supportedBootDevices(identifier: string): Promise<readonly BootDeviceName[]>;
  setBootDevice(identifier: string, request: { readonly device: string; readonly persistent: boolean }, requester: Requester): Promise<void>;
  biosSettings(identifier: string, requester: Requester): Promise<readonly BiosSetting[]>;
  firmwareComponents(identifier: string, requester: Requester): Promise<readonly FirmwareComponent[]>;
  /** Resolves when the change was accepted; returns the node's UUID. */
  setBootMode(identifier: string, target: string, requester: Requester): Promise<string>;
  /** The same for secure boot. */
  setSecureBoot(identifier: string, enabled: boolean, requester: Requester): Promise<string>;
  console(identifier: string): Promise<ConsoleState>;
  /** Resolves when it was accepted. */
  setConsole(identifier: string, enabled: boolean, requester: Requester): Promise<void>;
  injectNmi(identifier: string, requester: Requester): Promise<void>;
  indicators(identifier: string, requester: Requester): Promise<readonly Indicator[]>;
  indicator(identifier: string, indicator: IndicatorName, requester: Requester): Promise<IndicatorState>;
  setIndicator(identifier: string, indicator: IndicatorName, state: string, requester: Requester): Promise<void>;
  /** What the last inspection found; 404 before the first. */
  inventory(identifier: string): Promise<FoundInventory>;

  /** Replaces the traits. */
  setTraits(identifier: string, traits: readonly string[], requester: Requester): Promise<void>;
  addTrait(identifier: string, trait: string, requester: Requester): Promise<void>;
  /** 404 for one that the node does not have. */
  removeTrait(identifier: string, trait: string, requester: Requester): Promise<void>;

  vifs(identifier: string): Promise<readonly Vif[]>;
  attachVif(identifier: string, request: VifRequest, requester: Requester): Promise<void>;
  detachVif(identifier: string, vif: string, requester: Requester): Promise<void>;
  /** Takes note of what a network service tells of its ports. */
  receiveNetworkEvents(events: readonly NetworkEvent[], requester: Requester): Promise<void>;

  vendorMethods(identifier: string): Promise<Readonly<Record<string, VendorMethod>>>;
  callVendorMethod(identifier: string, method: string, httpMethod: HttpMethod, args: JsonObject, requester: Requester): Promise<VendorAnswer>;
}

/** What is known of one hardware type on this installation. */
export interface DriverFacts {
  readonly name: string;
  readonly hosts: readonly string[];
  readonly defaultInterfaces: Readonly<Record<InterfaceName, string | null>>;
  readonly enabledInterfaces: Readonly<Record<InterfaceName, readonly string[]>>;
}

/** Hardware types that are installed. */
export interface DriverService {
  list(): Promise<readonly DriverFacts[]>;
  find(name: string): Promise<DriverFacts>;
  /** driver_info fields of the type's default interfaces: name -> text. */
  properties(name: string): Promise<Readonly<Record<string, string>>>;
  vendorMethods(name: string): Promise<Readonly<Record<string, VendorMethod>>>;
  callVendorMethod(name: string, method: string, httpMethod: HttpMethod, args: JsonObject, requester: Requester): Promise<VendorAnswer>;
}

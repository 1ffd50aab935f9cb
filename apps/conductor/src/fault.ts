import { FerricError, type FerricErrorCode } from '@ferric/core';

/** A request that is refused, in the words that clients of Ironic match. The API sends it; nobody logs it as an error. */
export class RequestFault extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, options: ErrorOptions & { readonly headers?: Readonly<Record<string, string>> } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.name = 'RequestFault';
    this.status = status;
    this.headers = options.headers ?? {};
  }
}

/**
 * HTTP status of a failure that came from a driver or a library. Ironic answers 500 to most of these;
 * here the status says whether asking again may help.
 */
const STATUS_BY_CODE: Readonly<Record<FerricErrorCode, number>> = {
  INVALID_OPTIONS: 400,
  UNSUPPORTED: 400,
  NOT_FOUND: 404,
  CONFLICT: 409,
  AUTH_FAILED: 502,
  TLS_UNTRUSTED: 502,
  PROTOCOL_FAULT: 502,
  REFUSED: 502,
  UNREACHABLE: 502,
  ABORTED: 503,
  BUSY: 503,
  TIMEOUT: 504,
  INTERNAL: 500,
};

/** Any thrown value as the fault to answer with. Texts of defects are not shown to clients. */
export function toRequestFault(error: unknown): RequestFault {
  if (error instanceof RequestFault) return error;
  if (FerricError.is(error) && error.code !== 'INTERNAL') return new RequestFault(STATUS_BY_CODE[error.code], error.message, { cause: error });
  return new RequestFault(500, 'The conductor failed to process this request; its log tells more under the request id of this answer.', { cause: error });
}

const at = (status: number) => (message: string): RequestFault => new RequestFault(status, message);
const badRequest = at(400);
const forbidden = at(403);
const notFound = at(404);
const notAcceptable = at(406);
const conflict = at(409);

/**
 * Every refusal with its text. Sources: recorded answers of Ironic 21.4 (test/fixtures/ironic-api) and ironic/common/exception.py.
 */
export const faults = {
  nodeNotFound: (identifier: string) => notFound(`Node ${identifier} could not be found.`),
  portNotFound: (identifier: string) => notFound(`Port ${identifier} could not be found.`),
  portgroupNotFound: (identifier: string) => notFound(`Portgroup ${identifier} could not be found.`),
  chassisNotFound: (identifier: string) => notFound(`Chassis ${identifier} could not be found.`),
  allocationNotFound: (identifier: string) => notFound(`Allocation ${identifier} could not be found.`),
  nodeNotAllocated: (identifier: string) => notFound(`Allocation for node ${identifier} was not found`),
  deployTemplateNotFound: (identifier: string) => notFound(`Deploy template ${identifier} could not be found.`),
  volumeConnectorNotFound: (identifier: string) => notFound(`Volume connector ${identifier} could not be found.`),
  volumeTargetNotFound: (identifier: string) => notFound(`Volume target ${identifier} could not be found.`),
  driverNotFound: (name: string) => notFound(`Could not find the following driver(s) or hardware type(s): ${name}.`),
  conductorNotFound: (hostname: string) => notFound(`Conductor ${hostname} could not be found.`),
  traitNotFound: (uuid: string, trait: string) => notFound(`Node ${uuid} doesn't have a trait '${trait}'`),
  historyNotFound: (uuid: string) => notFound(`Node history record ${uuid} could not be found.`),
  inventoryNotFound: (uuid: string) => notFound(`Node inventory record for node ${uuid} could not be found.`),
  biosSettingNotFound: (uuid: string, name: string) => notFound(`Node ${uuid} doesn't have a BIOS setting '${name}'`),
  /** Ironic says 404 here, since not every driver has RAID. */
  raidUnsupported: (driver: string) => notFound(`Driver ${driver} does not support raid (disabled or not implemented).`),
  resourceNotFound: () => notFound('The resource could not be found.'),
  /** What a deploy agent is told, whatever the reason. Source: recorded exchange 145. */
  agentResourceNotFound: () => notFound('Resource could not be found.'),

  nodeLocked: (uuid: string, host: string) =>
    conflict(`Node ${uuid} is locked by host ${host}, please retry after the current operation is completed.`),
  nodeNameTaken: (name: string) => conflict(`A node with name ${name} already exists.`),
  nodeUuidTaken: (uuid: string) => conflict(`A node with UUID ${uuid} already exists.`),
  portAddressTaken: (address: string) => conflict(`A port with MAC address ${address} already exists.`),
  portUuidTaken: (uuid: string) => conflict(`A port with UUID ${uuid} already exists.`),
  portNameTaken: (name: string) => conflict(`A port with name ${name} already exists.`),
  portgroupAddressTaken: (address: string) => conflict(`A portgroup with MAC address ${address} already exists.`),
  portgroupUuidTaken: (uuid: string) => conflict(`A portgroup with UUID ${uuid} already exists.`),
  portgroupNameTaken: (name: string) => conflict(`A portgroup with name ${name} already exists.`),
  chassisUuidTaken: (uuid: string) => conflict(`A chassis with UUID ${uuid} already exists.`),
  allocationUuidTaken: (uuid: string) => conflict(`An allocation with UUID ${uuid} already exists.`),
  allocationNameTaken: (name: string) => conflict(`An allocation with name ${name} already exists.`),
  nodeAllocated: (nodeUuid: string) => conflict(`Node ${nodeUuid} belongs to another allocation already.`),
  deallocationInState: (uuid: string, nodeUuid: string, state: string) =>
    conflict(`Cannot remove allocation ${uuid} for node ${nodeUuid}, because the node is in state ${state} where updates are not allowed (and maintenance mode is off)`),
  deallocationOfActive: (uuid: string, nodeUuid: string) =>
    conflict(`Cannot remove allocation ${uuid} for node ${nodeUuid}, because the node is active (and maintenance mode is off)`),
  instanceOfAllocation: (nodeUuid: string, states: readonly string[]) =>
    conflict(`Node ${nodeUuid} with an allocation can not have instance_uuid removed unless it is in one of allowed (${states.join(', ')}) states or in maintenance mode.`),
  deployTemplateUuidTaken: (uuid: string) => conflict(`A deploy template with UUID ${uuid} already exists.`),
  deployTemplateNameTaken: (name: string) => conflict(`A deploy template with name ${name} already exists.`),
  volumeConnectorUuidTaken: (uuid: string) => conflict(`A volume connector with UUID ${uuid} already exists.`),
  volumeConnectorTaken: (type: string, connectorId: string) => conflict(`A volume connector with type ${type} and connector ID ${connectorId} already exists.`),
  volumeTargetUuidTaken: (uuid: string) => conflict(`A volume target with UUID ${uuid} already exists.`),
  volumeTargetTaken: (bootIndex: number) => conflict(`A volume target with boot index '${bootIndex}' for the same node already exists.`),
  instanceUuidTaken: (instanceUuid: string, nodeUuid: string) =>
    conflict(`Instance ${instanceUuid} is already associated with a node, it cannot be associated with this other node ${nodeUuid}`),
  instanceUuidSet: (nodeUuid: string, instanceUuid: string) => conflict(`Node ${nodeUuid} is associated with instance ${instanceUuid}.`),
  updateDuringTransition: (uuid: string, state: string) =>
    conflict(`Node ${uuid} can not be updated while a state transition is in progress (state "${state}").`),
  deleteInState: (uuid: string, state: string) =>
    conflict(`Can not delete node "${uuid}" while it is in provision state "${state}". Valid provision states to perform deletion are: "available, enroll, manageable, adopt failed"`),
  portBound: (uuid: string, vif: string, use: string) => conflict(`Cannot delete the port ${uuid} as it is bound to VIF ${vif} for ${use} use.`),
  portAddressInUse: (uuid: string, nodeUuid: string) =>
    conflict(`Cannot update hardware address for port ${uuid} as node ${nodeUuid} is active or has instance UUID assigned`),
  deleteAssociated: (uuid: string, instanceUuid: string) => conflict(`Node ${uuid} is associated with instance ${instanceUuid}.`),

  protectedNode: (uuid: string) => forbidden(`Node ${uuid} is protected and cannot be undeployed, rebuilt or deleted`),

  invalidAction: (action: string, uuid: string, state: string | null) =>
    badRequest(`The requested action "${action}" can not be performed on node "${uuid}" while it is in state "${state ?? 'None'}".`),
  inMaintenance: (uuid: string) => badRequest(`The provisioning operation can't be performed on node ${uuid} because it's in maintenance mode.`),
  retired: (operation: string, uuid: string) => badRequest(`The ${operation} operation can't be performed on node ${uuid} because it is retired.`),
  noValidHost: (driver: string, group: string) =>
    badRequest(`No valid host was found. Reason: No conductor service registered which supports driver ${driver} for conductor group "${group}".`),
  unsupported: (driver: string, extension: string) => badRequest(`Driver ${driver} does not support ${extension} (disabled or not implemented).`),
  invalidBootMode: (mode: string, modes: readonly string[]) =>
    badRequest(`Invalid boot mode ${mode} requested for node. Allowed boot modes are: ${modes.join(', ')}`),
  bootModeUnsupported: (mode: string, supported: readonly string[]) =>
    badRequest(`Boot mode ${mode} is not supported by the hardware of this node. Supported boot modes: ${supported.join(', ')}`),
  bootModeInTransition: (state: string) =>
    conflict(
      `Node is in ${state} state. Since node is transitioning, the boot mode will not be set as this may interfere with ongoing changes and ` +
        'result in erroneous modification. Try again later.',
    ),
  invalidIndicatorComponent: (component: string) => badRequest(`Invalid component ${component} specified.`),
  invalidIndicator: (name: string) => badRequest(`Invalid indicator ${name} specified.`),
  malformedIndicator: (text: string) => badRequest(`Malformed indicator name "${text}"`),
  invalidIndicatorState: (state: string, states: readonly string[]) => badRequest(`Invalid indicator state ${state} specified. It can be: ${states.join(', ')}`),
  invalidBootDevice: (device: string) => badRequest(`Invalid boot device ${device} specified.`),
  invalidNodeName: (name: string) => badRequest(`Cannot create node with invalid name '${name}'`),
  invalidNodeNameChange: (name: string) => badRequest(`Cannot change name to invalid name '${name}'`),
  chassisNotFoundInBody: (uuid: string) => badRequest(`Chassis ${uuid} could not be found.`),
  portgroupNotFoundInBody: (uuid: string) => badRequest(`Portgroup ${uuid} could not be found.`),
  portgroupOfOtherNode: () => badRequest('Port can not be added to a portgroup belonging to a different node.'),
  portgroupNotEmpty: (uuid: string) => badRequest(`Cannot complete the requested action because portgroup ${uuid} contains ports.`),
  portgroupWithPortsMoved: (uuid: string, nodeUuid: string) =>
    badRequest(`Portgroup ${uuid} can not be associated with node ${nodeUuid} because there are ports associated with this portgroup.`),
  portgroupMovedInState: (uuid: string, nodeUuid: string, states: readonly string[]) =>
    conflict(`Portgroup ${uuid} can not be associated to node ${nodeUuid} unless the node is in a ${states.join(', ')} state or in maintenance mode.`),
  portgroupWhileInspecting: (uuid: string, nodeUuid: string) =>
    conflict(`Cannot update portgroup "${uuid}" on node "${nodeUuid}" while it is in state "inspecting".`),
  portgroupNeedsStandalone: (uuid: string, reasons: readonly string[]) =>
    conflict(`standalone_ports_supported can not be set to False, because the port group ${uuid} contains port with ${reasons.join(', ')}`),
  portCreatedInClosedPortgroup: (portgroupUuid: string) =>
    conflict(
      `Port group ${portgroupUuid} doesn't support standalone ports. This port cannot be created as a member of that portgroup as the port's ` +
        "'pxe_enabled' field was set to True.",
    ),
  portInClosedPortgroup: (portUuid: string, portgroupUuid: string, reasons: readonly string[]) =>
    conflict(
      `Port group ${portgroupUuid} doesn't support standalone ports. This port ${portUuid} cannot be  a member of that port group because of: ${reasons.join(', ')}`,
    ),
  portOfOtherPhysicalNetwork: (portgroupUuid: string, physicalNetwork: string | null, present: string | null) =>
    conflict(
      `Port with physical network ${physicalNetwork ?? 'None'} cannot become a member of port group ${portgroupUuid} which has ports in physical network ${present ?? 'None'}.`,
    ),
  portConnectionInState: (portUuid: string, nodeUuid: string, fields: readonly string[], states: readonly string[], state: string) =>
    conflict(
      `Port ${portUuid} can not have any connectivity attributes (${fields.join(', ')}) updated unless node ${nodeUuid} is in a ${states.join(', ')} state ` +
        `or in maintenance mode. The current state is ${state}.`,
    ),
  portWhileInspecting: (portUuid: string, nodeUuid: string) =>
    conflict(`Cannot update port "${portUuid}" on "${nodeUuid}" while it is in state "inspecting".`),
  deployTemplateInvalid: (problem: string) => badRequest(`Deploy template invalid: ${problem}.`),
  chassisNotEmpty: (uuid: string) => badRequest(`Cannot complete the requested action because chassis ${uuid} contains nodes.`),
  nodeNotFoundInBody: (identifier: string) => badRequest(`Node ${identifier} could not be found.`),
  nodesNotFoundInBody: (identifiers: readonly string[]) => badRequest(`Nodes cannot be found: ${identifiers.join(', ')}`),
  resourceClassMissing: () => badRequest('The resource_class field is mandatory when not backfilling'),
  backfillUnknown: () => badRequest('Cannot set node when creating an allocation in this API version'),
  tooManyTraits: (uuid: string, count: number, most: number) =>
    badRequest(`Could not modify traits for node ${uuid} as it would exceed the maximum number of traits per node (${count} vs. ${most})`),
  noVendorMethod: (method: string) => badRequest(`No handler for method ${method}`),
  vendorHttpMethod: (method: string, httpMethod: string) => badRequest(`The method ${method} does not support HTTP ${httpMethod}`),
  vendorArgumentMissing: (argument: string, method: string) => badRequest(`Parameter '${argument}' not passed to method '${method}'.`),
  failedValidation: (uuid: string, operation: string, reason: string) => badRequest(`Failed to validate ${operation} for node ${uuid}. Error: ${reason}`),

  /** Source: ironic_lib/exception.py (Unauthorized). */
  unauthorized: (message: string) => new RequestFault(401, message, { headers: { 'www-authenticate': 'Basic realm="Baremetal API"' } }),
  invalid: (message: string) => badRequest(message),
  conflict: (message: string) => conflict(message),
  notAcceptable: (message = 'Request not acceptable.') => notAcceptable(message),
} as const;

import { FerricError, type FerricErrorCode } from '@ferric/core';

/** A request that is refused, in the words that clients of Ironic match. The API sends it; nobody logs it as an error. */
export class RequestFault extends Error {
  readonly status: number;

  constructor(status: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'RequestFault';
    this.status = status;
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
  driverNotFound: (name: string) => notFound(`Could not find the following driver(s) or hardware type(s): ${name}.`),
  conductorNotFound: (hostname: string) => notFound(`Conductor ${hostname} could not be found.`),
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
  instanceUuidTaken: (instanceUuid: string, nodeUuid: string) =>
    conflict(`Instance ${instanceUuid} is already associated with a node, it cannot be associated with this other node ${nodeUuid}`),
  instanceUuidSet: (nodeUuid: string, instanceUuid: string) => conflict(`Node ${nodeUuid} is associated with instance ${instanceUuid}.`),
  updateDuringTransition: (uuid: string, state: string) =>
    conflict(`Node ${uuid} can not be updated while a state transition is in progress (state "${state}").`),
  deleteInState: (uuid: string, state: string) =>
    conflict(`Can not delete node "${uuid}" while it is in provision state "${state}". Valid provision states to perform deletion are: "available, enroll, manageable, adopt failed"`),
  deleteAssociated: (uuid: string, instanceUuid: string) => conflict(`Node ${uuid} is associated with instance ${instanceUuid}.`),

  protectedNode: (uuid: string) => forbidden(`Node ${uuid} is protected and cannot be undeployed, rebuilt or deleted`),

  invalidAction: (action: string, uuid: string, state: string | null) =>
    badRequest(`The requested action "${action}" can not be performed on node "${uuid}" while it is in state "${state ?? 'None'}".`),
  inMaintenance: (uuid: string) => badRequest(`The provisioning operation can't be performed on node ${uuid} because it's in maintenance mode.`),
  retired: (operation: string, uuid: string) => badRequest(`The ${operation} operation can't be performed on node ${uuid} because it is retired.`),
  noValidHost: (driver: string, group: string) =>
    badRequest(`No valid host was found. Reason: No conductor service registered which supports driver ${driver} for conductor group "${group}".`),
  unsupported: (driver: string, extension: string) => badRequest(`Driver ${driver} does not support ${extension} (disabled or not implemented).`),
  invalidBootDevice: (device: string) => badRequest(`Invalid boot device ${device} specified.`),
  invalidNodeName: (name: string) => badRequest(`Cannot create node with invalid name '${name}'`),
  invalidNodeNameChange: (name: string) => badRequest(`Cannot change name to invalid name '${name}'`),
  chassisNotFoundInBody: (uuid: string) => badRequest(`Chassis ${uuid} could not be found.`),
  portgroupNotFoundInBody: (uuid: string) => badRequest(`Portgroup ${uuid} could not be found.`),
  nodeNotFoundInBody: (identifier: string) => badRequest(`Node ${identifier} could not be found.`),
  noVendorMethod: (method: string) => badRequest(`No handler for method ${method}`),
  vendorHttpMethod: (method: string, httpMethod: string) => badRequest(`The method ${method} does not support HTTP ${httpMethod}`),
  vendorArgumentMissing: (argument: string, method: string) => badRequest(`Parameter '${argument}' not passed to method '${method}'.`),
  failedValidation: (uuid: string, operation: string, reason: string) => badRequest(`Failed to validate ${operation} for node ${uuid}. Error: ${reason}`),

  invalid: (message: string) => badRequest(message),
  conflict: (message: string) => conflict(message),
  notAcceptable: (message = 'Request not acceptable.') => notAcceptable(message),
} as const;

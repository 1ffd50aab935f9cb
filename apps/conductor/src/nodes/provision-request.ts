import { PROVISION_VERBS, sealSecrets, STEP_INTERFACES, type JsonObject, type ProvisionVerb } from '@ferric/core';
import { faults } from '../fault.js';
import type { NodeUpdate } from '../store/store.js';
import type { ProvisionRequest } from './node-service.js';
import type { StoredNode } from './stored-node.js';

/**
 * The verb behind a request, if this version and this node admit it.
 * Source: Ironic, NodeStatesController.provision; the order of the checks is the recorded one.
 * @throws RequestFault 400, 403 or 406.
 */
export function admitVerb(node: StoredNode, request: ProvisionRequest, version: number): ProvisionVerb {
  const verb = Object.hasOwn(PROVISION_VERBS, request.target) ? PROVISION_VERBS[request.target] : undefined;
  if (verb === undefined) throw faults.invalidAction(request.target, node.uuid, node.provisionState);
  if (version < (verb.sinceIn?.[node.provisionState] ?? verb.since)) throw faults.notAcceptable();
  checkArguments(request);
  if (verb.refusedInMaintenance === true && node.maintenance) throw faults.inMaintenance(node.uuid);
  if (verb.refusedWhenProtected === true && node.protected) throw faults.protectedNode(node.uuid);
  return verb;
}

const TARGETS_WITH_CONFIGDRIVE: ReadonlySet<string> = new Set(['active', 'deploy', 'rebuild']);

function checkArguments(request: ProvisionRequest): void {
  const { target } = request;
  if (target === 'clean' && request.cleanSteps === undefined) {
    throw faults.invalid('"clean_steps" is required when setting target provision state to clean');
  }
  if (target !== 'clean' && request.cleanSteps !== undefined) {
    throw faults.invalid('"clean_steps" is only valid when setting target provision state to clean');
  }
  if (request.cleanSteps !== undefined) checkSteps('clean_steps', request.cleanSteps);
  if (request.deploySteps !== undefined) checkSteps('deploy_steps', request.deploySteps);
  if (target === 'rescue' && (request.rescuePassword?.reveal() ?? '').trim() === '') {
    throw faults.invalid('A non-empty "rescue_password" is required when setting target provision state to rescue');
  }
  if (target !== 'rescue' && request.rescuePassword !== undefined) {
    throw faults.invalid('"rescue_password" is only valid when setting target provision state to rescue');
  }
  if (request.configdrive !== undefined && request.configdrive !== null && !TARGETS_WITH_CONFIGDRIVE.has(target)) {
    throw faults.invalid('Adding a config drive is only supported when setting provision state to active or rebuild');
  }
}

const STEP_KEYS: ReadonlySet<string> = new Set(['interface', 'step', 'args', 'priority', 'execute_on_child_nodes', 'limit_child_node_execution']);

function checkSteps(field: string, steps: readonly JsonObject[]): void {
  for (const step of steps) {
    const interfaceName = step['interface'];
    if (!(STEP_INTERFACES as readonly unknown[]).includes(interfaceName)) {
      throw faults.invalid(`Invalid ${field}: '${String(interfaceName)}' is not one of [${STEP_INTERFACES.map((name) => `'${name}'`).join(', ')}]`);
    }
    if (typeof step['step'] !== 'string' || step['step'] === '') throw faults.invalid(`Invalid ${field}: 'step' is a required property`);
    const unknown = Object.keys(step).find((key) => !STEP_KEYS.has(key));
    if (unknown !== undefined) throw faults.invalid(`Invalid ${field}: Additional properties are not allowed ('${unknown}' was unexpected)`);
  }
}

/** What the arguments of a request change in the record. */
export function argumentChanges(node: StoredNode, request: ProvisionRequest): NodeUpdate {
  const instanceInfo = {
    ...(request.configdrive === undefined || request.configdrive === null ? {} : { configdrive: request.configdrive }),
    ...(request.rescuePassword === undefined ? {} : { rescue_password: request.rescuePassword }),
  };
  const { user_deploy_steps: earlierSteps, ...lasting } = node.driverInternalInfo;
  // The steps of a deployment that failed are not those of the next one.
  const forgotten = earlierSteps !== undefined && TARGETS_WITH_CONFIGDRIVE.has(request.target);
  const internal = {
    ...(request.cleanSteps === undefined ? {} : { clean_steps: sealSecrets(request.cleanSteps) }),
    ...(request.deploySteps === undefined ? {} : { user_deploy_steps: sealSecrets(request.deploySteps) }),
  };
  return {
    ...(Object.keys(instanceInfo).length === 0 ? {} : { instanceInfo: { ...node.instanceInfo, ...instanceInfo } }),
    ...(Object.keys(internal).length === 0 && !forgotten ? {} : { driverInternalInfo: { ...(forgotten ? lasting : node.driverInternalInfo), ...internal } }),
  };
}

import { PROVISION_VERBS, type ProvisionVerb, type Sealed } from '@ferric/core';
import { faults } from '../fault.js';
import type { NodeUpdate } from '../store/store.js';
import type { ProvisionRequest } from './node-service.js';
import { sealSteps } from './step-secrets.js';
import type { StoredNode } from './stored-node.js';
import { TEMPLATE_STEPS } from '../workflows/template-steps.js';

/**
 * The verb behind a request, if this version and this node admit it. The API has checked the arguments.
 * Source: Ironic, NodeStatesController.provision; the order of the checks is the recorded one.
 * @throws RequestFault 400, 403 or 406.
 */
export function admitVerb(node: StoredNode, request: ProvisionRequest, version: number): ProvisionVerb {
  const verb = Object.hasOwn(PROVISION_VERBS, request.target) ? PROVISION_VERBS[request.target] : undefined;
  if (verb === undefined) throw faults.invalidAction(request.target, node.uuid, node.provisionState);
  if (version < (verb.sinceIn?.[node.provisionState] ?? verb.since)) throw faults.notAcceptable();
  if (verb.refusedInMaintenance === true && node.maintenance) throw faults.inMaintenance(node.uuid);
  if (verb.refusedWhenProtected === true && node.protected) throw faults.protectedNode(node.uuid);
  return verb;
}

const DEPLOYING_TARGETS: ReadonlySet<string> = new Set(['active', 'deploy', 'rebuild']);

/**
 * What the arguments of a request change in the record.
 * @param templateSteps steps of the deploy templates that apply; the plan and its resumptions go by them, whatever becomes of the templates
 */
export function argumentChanges(node: StoredNode, request: ProvisionRequest, templateSteps: readonly Sealed[] = []): NodeUpdate {
  const instanceInfo = {
    ...(request.configdrive === undefined ? {} : { configdrive: request.configdrive }),
    ...(request.rescuePassword === undefined ? {} : { rescue_password: request.rescuePassword }),
  };
  const { user_deploy_steps: earlierSteps, [TEMPLATE_STEPS]: earlierTemplates, ...lasting } = node.driverInternalInfo;
  // The steps of a deployment that failed are not those of the next one.
  const forgotten = (earlierSteps !== undefined || earlierTemplates !== undefined) && DEPLOYING_TARGETS.has(request.target);
  const internal = {
    ...(request.cleanSteps === undefined ? {} : { clean_steps: sealSteps(request.cleanSteps) }),
    ...(request.deploySteps === undefined ? {} : { user_deploy_steps: sealSteps(request.deploySteps) }),
    ...(templateSteps.length === 0 ? {} : { [TEMPLATE_STEPS]: templateSteps }),
  };
  return {
    ...(Object.keys(instanceInfo).length === 0 ? {} : { instanceInfo: { ...node.instanceInfo, ...instanceInfo } }),
    ...(Object.keys(internal).length === 0 && !forgotten ? {} : { driverInternalInfo: { ...(forgotten ? lasting : node.driverInternalInfo), ...internal } }),
  };
}

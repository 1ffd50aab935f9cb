import type { Sealed } from '@ferric/core';
import { faults, RequestFault } from '../fault.js';
import type { ConductorContext } from '../nodes/conductor-context.js';
import { openTask, strategyOf } from '../nodes/node-task.js';
import type { StoredNode } from '../nodes/stored-node.js';
import type { DeployTemplate } from '../resources/deploy-template.js';
import type { Store } from '../store/store.js';
import { requestedSteps, stepsOf, type NodeStep, type RequestedStep } from './node-steps.js';

/** Key of driver_internal_info under which a deployment keeps the steps of the templates that apply to it: a template may change meanwhile. */
export const TEMPLATE_STEPS = 'deploy_template_steps';

/** The step that carries a deployment. It may be switched off, not replaced. Source: Ironic, ironic/conductor/steps.py (_validate_user_step). */
const CORE_STEP = 'deploy.deploy';

/** A step that a deploy template asks for. */
export interface TemplateStep extends RequestedStep {
  /** Name of the template. */
  readonly template: string;
}

/**
 * The traits that the instance on a node was asked for with.
 * Source: Ironic, ironic/conductor/utils.py (validate_instance_info_traits).
 * @throws RequestFault 400 when they are no list of texts, or when the node does not have them all.
 */
function instanceTraits(node: Pick<StoredNode, 'uuid' | 'instanceInfo' | 'traits'>): readonly string[] {
  const given = node.instanceInfo['traits'] ?? null;
  if (given === null || given === '') return [];
  if (!Array.isArray(given) || !given.every((trait: Sealed) => typeof trait === 'string')) {
    throw faults.invalid(`Error parsing traits from Node ${node.uuid} instance_info field. A list of strings is expected.`);
  }
  const missing = (given as readonly string[]).filter((trait) => !node.traits.includes(trait));
  if (missing.length > 0) {
    throw faults.invalid(`Cannot specify instance traits that are not also set on the node. Node ${node.uuid} is missing traits ${missing.join(', ')}`);
  }
  return given as readonly string[];
}

/**
 * The steps of the templates whose names are traits of the node's instance, sealed, for the record of the node.
 * Throws like {@link instanceTraits}.
 */
export async function readTemplateSteps(
  { deployTemplates }: { readonly deployTemplates: Pick<Store['deployTemplates'], 'all'> },
  node: StoredNode,
): Promise<readonly Sealed[]> {
  const traits = instanceTraits(node);
  const templates: readonly DeployTemplate[] = traits.length === 0 ? [] : await deployTemplates.all({ names: traits });
  return templates.flatMap(({ name, steps }) => steps.map((step) => ({ ...step, template: name }) as unknown as Sealed));
}

/** The steps of templates as a deployment kept them. */
export function templateSteps(document: Sealed | undefined): readonly TemplateStep[] {
  const names = (document ?? []) as readonly { readonly template?: Sealed }[];
  return requestedSteps(document).map((step, index) => ({ ...step, template: String(names[index]?.template) }));
}

/** What the steps of templates are looked at with. */
export interface TemplateCheck {
  readonly available: readonly NodeStep[];
  /** Whether steps that nobody offers yet may turn up when the ramdisk runs. */
  readonly moreToCome: boolean;
}

/**
 * Checks the steps of templates against those that a node has.
 * Source: Ironic, ironic/conductor/steps.py (_validate_user_steps, _validate_deploy_steps_unique).
 * @throws RequestFault 400 with all that is wrong.
 */
export function checkTemplateSteps(steps: readonly TemplateStep[], check: TemplateCheck): void {
  const problems = [...steps.flatMap((step) => problemsOf(step, check)), ...problemOfRepeats(steps)];
  if (problems.length === 0) return;
  const names = [...new Set(steps.map(({ template }) => template))].join(',');
  throw faults.invalid(
    `Validation of deploy steps from deploy templates matching this node's instance traits failed. Matching deploy templates: ${names}. ` +
      `Errors: ${problems.join('; ')}`,
  );
}

/** No value of an argument is told: it may be a secret. */
function problemsOf(step: TemplateStep, { available, moreToCome }: TemplateCheck): readonly string[] {
  const offered = available.find((each) => each.interface === step.interface && each.name === step.step);
  const text = `{'interface': '${step.interface}', 'step': '${step.step}'}`;
  if (offered === undefined) return moreToCome ? [] : [`node does not support this deploy step: ${text}`];
  const unexpected = Object.keys(step.args).filter((name) => !Object.hasOwn(offered.arguments, name));
  const isOn = step.priority !== 0;
  const missing = Object.entries(offered.arguments)
    .filter(([name, { required }]) => isOn && required && step.args[name] === undefined)
    .map(([name, { description }]) => `${name} (${description})`);
  return [
    ...(unexpected.length === 0 ? [] : [`deploy step ${text} has these unexpected arguments: ${unexpected.join(', ')}`]),
    ...(missing.length === 0 ? [] : [`deploy step ${text} is missing these required arguments: ${missing.join(', ')}`]),
    ...(isOn && titleOf(step) === CORE_STEP
      ? [
          `deploy step ${step.step} on interface ${step.interface} is a core step and cannot be overridden by user steps. ` +
            'It may be disabled by setting the priority to 0',
        ]
      : []),
  ];
}

function problemOfRepeats(steps: readonly TemplateStep[]): readonly string[] {
  const titles = steps.map(titleOf);
  const repeated = new Set(titles.filter((title, index) => titles.indexOf(title) < index));
  if (repeated.size === 0) return [];
  return [
    "deploy steps from all deploy templates matching this node's instance traits cannot have the same interface and step. " +
      `Duplicate deploy steps for ${[...repeated].join(', ')}`,
  ];
}

/** What a deployment is asked for in all: what the client asked for comes before the same step of a template. */
export function withTemplateSteps(requested: readonly RequestedStep[], fromTemplates: readonly TemplateStep[]): readonly RequestedStep[] {
  const titles = new Set(requested.map(titleOf));
  return [...requested, ...fromTemplates.filter((step) => !titles.has(titleOf(step)))];
}

function titleOf({ interface: owner, step }: RequestedStep): string {
  return `${owner}.${step}`;
}

/**
 * Why the templates of a node do not fit it, as far as that can be judged before the ramdisk runs; undefined when they fit.
 */
export async function refusalOfTemplates(context: ConductorContext, node: StoredNode): Promise<RequestFault | undefined> {
  try {
    await checkTemplatesOf(context, node);
    return undefined;
  } catch (error) {
    if (error instanceof RequestFault) return error;
    throw error;
  }
}

async function checkTemplatesOf(context: ConductorContext, node: StoredNode): Promise<void> {
  const steps = templateSteps(await readTemplateSteps(context.store, node));
  if (steps.length === 0) return;
  const strategy = strategyOf(context, node, 'deploy');
  await using opened = await openTask(context, node, AbortSignal.timeout(context.settings.deviceTimeoutMs));
  const available = stepsOf('deploy', opened.device, strategy?.steps ?? []);
  checkTemplateSteps(steps, { available, moreToCome: strategy?.ramdiskSteps !== undefined });
}

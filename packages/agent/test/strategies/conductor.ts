import type { DeployStrategy, InspectStrategy, JsonObject, NodeChanges, RescueStrategy, StrategyResult, StrategyStep } from '@ferric/core';
import type { Stage } from './stage.js';

export const directOf = (stage: Stage): DeployStrategy => deployOf(stage, 'direct');
export const ramdiskOf = (stage: Stage): DeployStrategy => deployOf(stage, 'ramdisk');
export const rescueOf = ({ strategies }: Stage): RescueStrategy => strategies.find((each): each is RescueStrategy => each.interface === 'rescue') as RescueStrategy;
export const inspectOf = ({ strategies }: Stage, name: string): InspectStrategy =>
  strategies.find((each): each is InspectStrategy => each.interface === 'inspect' && each.name === name) as InspectStrategy;

function deployOf({ strategies }: Stage, name: string): DeployStrategy {
  return strategies.find((each): each is DeployStrategy => each.interface === 'deploy' && each.name === name) as DeployStrategy;
}

export function stepOf(strategy: DeployStrategy, name: string): StrategyStep {
  return strategy.steps.find((step) => step.name === name) as StrategyStep;
}

/** Does a piece of work and writes what it wants changed, as a conductor does. */
export async function work<T extends StrategyResult | NodeChanges | undefined>(stage: Stage, doing: Promise<T>): Promise<T> {
  const result = await stage.finish(doing);
  stage.task.apply(result !== undefined && 'next' in result ? (result as StrategyResult).changes : (result as NodeChanges | undefined));
  return result;
}

export async function run(stage: Stage, step: StrategyStep, args: JsonObject = {}): Promise<StrategyResult> {
  return work(stage, step.run(stage.task, args));
}

export async function resume(stage: Stage, step: StrategyStep, args: JsonObject = {}): Promise<StrategyResult> {
  const { resume: look } = step;
  if (look === undefined) throw new Error(`Step ${step.name} cannot be resumed`);
  return work(stage, look.call(step, stage.task, args));
}

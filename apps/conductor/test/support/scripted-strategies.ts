import { anyDriver, CONTRACT, type DeployStrategy, type FerricPlugin, type InspectStrategy, type JsonObject, type RescueStrategy, type StrategyResult, type StrategyStep, type Task } from '@ferric/core';
import { createFakeDriver } from '@ferric/driver-fake';

/** Name of the hardware type that the scripted strategies drive. */
export const SCRIPTED_HARDWARE = 'scripted-hardware';

/** What the strategies of a scripted node did and shall do; tests read and write it. */
export interface Script {
  /** Everything that was called, in order: `run write_image`, `resume write_image`, `tear down cleaning`. */
  readonly calls: string[];
  /** The arguments of each step that ran, in order. */
  readonly args: JsonObject[];
  /** What a step answers when it is resumed, first first; `done` when none is left. An Error is thrown. */
  readonly answers: Map<string, (StrategyResult | Error)[]>;
  /** Steps that the ramdisk offers. */
  ramdisk: readonly StrategyStep[];
  /** Called in the middle of a step: a test may stop the conductor there, or report for the machine. */
  during: (call: string, task: Task) => Promise<void>;
}

/** A new script with nothing out of the ordinary. */
export function createScript(): Script {
  return { calls: [], args: [], answers: new Map(), ramdisk: [], during: async () => undefined };
}

type Answer = StrategyResult['next'];

/** A step that waits or is done, for every script. */
export function scriptedStep(script: Script, kind: StrategyStep['kind'], name: string, priority: number, first: Answer, more: Partial<StrategyStep> = {}): StrategyStep {
  return {
    kind, interface: 'deploy', name, priority, abortable: true, requiresRamdisk: false, arguments: {},
    async run(task, args) {
      script.args.push(args);
      await call(script, `run ${name}`, task);
      return { next: first, waitsFor: `${name} to end` };
    },
    async resume(task) {
      await call(script, `resume ${name}`, task);
      const answer = script.answers.get(name)?.shift() ?? { next: 'done' };
      if (answer instanceof Error) throw answer;
      return answer;
    },
    ...more,
  };
}

async function call(script: Script, what: string, task: Task): Promise<void> {
  script.calls.push(what);
  await script.during(what, task);
}

/** A plugin whose strategies follow a script. Deploying: `boot` (100, waits), `write` (80, waits), `finish` (20). Cleaning and inspecting wait for the machine. */
export function scriptedPlugin(script: Script): FerricPlugin {
  const act = (what: string) => async (task: Task): Promise<undefined> => {
    await call(script, what, task);
    return undefined;
  };
  const waiting = (what: string) => async (task: Task): Promise<StrategyResult> => {
    await call(script, what, task);
    return { next: 'wait', waitsFor: `${what} to end` };
  };
  const deploy: DeployStrategy = {
    interface: 'deploy', name: 'scripted', validate: async () => undefined,
    steps: [
      scriptedStep(script, 'deploy', 'boot', 100, 'wait'),
      scriptedStep(script, 'deploy', 'write', 80, 'wait'),
      scriptedStep(script, 'deploy', 'finish', 20, 'done'),
    ],
    async ramdiskSteps(task, kind) {
      await call(script, `ramdisk steps ${kind}`, task);
      return script.ramdisk.filter((step) => step.kind === kind);
    },
    prepare: act('prepare'), cleanUp: act('clean up'), tearDownCleaning: act('tear down cleaning'),
    tearDown: async () => ({ next: 'done' }),
    prepareCleaning: waiting('prepare cleaning'),
  };
  const inspect: InspectStrategy = {
    interface: 'inspect', name: 'scripted', validate: async () => undefined,
    inspect: waiting('inspect'),
    async resume(task, found) {
      await call(script, 'resume inspect', task);
      return { next: 'done', changes: { properties: found.inventory['properties'] as JsonObject, inventory: found, ports: [{ address: '52:54:00:00:00:99', pxeEnabled: true }] } };
    },
    abort: (task) => call(script, 'abort inspect', task),
  };
  const rescue: RescueStrategy = {
    interface: 'rescue', name: 'scripted', validate: async () => undefined,
    rescue: waiting('rescue'),
    resume: async (task) => {
      await call(script, 'resume rescue', task);
      return { next: 'done' };
    },
    unrescue: async () => ({ next: 'done' }),
    cleanUp: act('clean up rescue'),
  };
  return {
    contract: CONTRACT,
    create: (host) => ({
      hardwareTypes: [
        {
          name: SCRIPTED_HARDWARE, description: 'A machine whose strategies follow a script',
          interfaces: { power: ['scripted'], management: ['scripted'], deploy: ['scripted'], inspect: ['scripted'], raid: ['no-raid', 'agent'], rescue: ['scripted'] },
        },
      ],
      drivers: [anyDriver({ ...createFakeDriver({ ...host, gate: (address) => host.gates.gate(address) }), name: 'scripted' })],
      strategies: [deploy, inspect, rescue],
    }),
  };
}

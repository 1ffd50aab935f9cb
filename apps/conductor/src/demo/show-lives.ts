import { Listr, type ListrTask } from 'listr2';
import { followEvents } from './follow-events.js';
import type { LifeStep, LifeTools } from './life-step.js';
import { lifeOf } from './machine-life.js';
import type { DemoMachine } from './virtual-rack.js';

/**
 * Takes all machines through their lives at the same time and shows on the terminal how far each is.
 * @returns whether every machine got through; false too when the signal ended it, which it does without an error.
 */
export async function showLives(machines: readonly DemoMachine[], conductorUrl: string, tools: LifeTools): Promise<boolean> {
  const shown = machines.map((machine) => showLife(machine, tools));
  const lives = new Listr(shown.map(({ task }) => task), {
    concurrent: true,
    exitOnError: false,
    collectErrors: true,
    rendererOptions: { collapseSubtasks: false },
    // Its own answer to Ctrl-C is to end the process on the spot, with everything left behind.
    registerSignalListeners: false,
  });
  const over = new AbortController();
  const byNode = new Map(shown.map(({ uuid, tell }) => [uuid, tell]));
  const following = followEvents(conductorUrl, AbortSignal.any([tools.signal, over.signal]), ({ node_uuid: uuid, message }) => byNode.get(uuid)?.(message));
  // Machines get through without anybody watching.
  const followed = following.catch(() => undefined);
  await lives.run();
  over.abort();
  await followed;
  return (lives.errors ?? []).length === 0 && !tools.signal.aborted;
}

interface ShownLife {
  readonly uuid: string;
  readonly task: ListrTask;
  /** Shows what happens within the step that the machine is in. */
  tell(message: string): void;
}

function showLife(machine: DemoMachine, tools: LifeTools): ShownLife {
  const { name, hardwareType } = machine.device;
  // Where the lines of all machines come one below the other, each says whose it is.
  const prefix = process.stdout.isTTY ? '' : `${name} `;
  let tell: ShownLife['tell'] = () => undefined;

  const showStep = (step: LifeStep): ListrTask => ({
    title: `${prefix}${step.title}`,
    skip: () => tools.signal.aborted,
    task: async (_context, task) => {
      tell = (message) => {
        task.output = `${prefix}${message}`;
      };
      const startedAt = performance.now();
      try {
        const result = await step.run();
        task.title = `${prefix}${step.title}: ${result} (${Math.round(performance.now() - startedAt)} ms)`;
      } catch (error) {
        if (!tools.signal.aborted) throw error;
        task.skip(`${prefix}${step.title}: stopped`);
      }
    },
  });
  return {
    uuid: machine.uuid,
    tell: (message) => tell(message),
    task: {
      title: `${name} (${hardwareType})`,
      task: (_context, task) => task.newListr(lifeOf(machine, tools).map(showStep), { concurrent: false, exitOnError: true }),
    },
  };
}

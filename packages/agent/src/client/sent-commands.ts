import { revealSealed, type JsonValue } from '@ferric/core';
import type { AgentCommand, AgentCommandName, CommandParameters } from './agent.js';
import { asObject } from './agent-json.js';

/** What a client knows of the agent's list, to tell a command that it has just sent from one before it. */
export interface SentCommands {
  saw(command: AgentCommand): void;
  sawList(commands: readonly AgentCommand[]): void;
  /** Made before the list is read again: whether the last command of the list is the one whose answer was lost. */
  recognise(command: AgentCommandName, parameters: CommandParameters): (last: AgentCommand) => boolean;
}

export function createSentCommands(): SentCommands {
  // Undefined: nothing was seen yet. Null: the list was empty.
  let lastId: string | null | undefined;
  return {
    saw(command) {
      lastId = command.id;
    },
    sawList(commands) {
      lastId = commands.at(-1)?.id ?? null;
    },
    recognise(command, parameters) {
      const before = lastId;
      const name = command.slice(command.indexOf('.') + 1);
      return (last) => last.name === name && last.id !== before && !tellsOfAnotherStep(last.result, parameters);
    },
  };
}

/** A client that has seen nothing may find the step before this one: its result repeats which step it was. */
function tellsOfAnotherStep(result: JsonValue, parameters: CommandParameters): boolean {
  const asked = asObject(parameters['step'] === undefined ? undefined : revealSealed(parameters['step']));
  const repeated = Object.entries(asObject(result) ?? {}).find(([key]) => key.endsWith('_step'))?.[1];
  const told = asObject(repeated);
  if (asked === undefined || told === undefined) return false;
  return asked['interface'] !== told['interface'] || asked['step'] !== told['step'];
}

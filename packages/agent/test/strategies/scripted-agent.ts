import { FerricError, revealSealed, type JsonObject, type JsonValue } from '@ferric/core';
import type { Agent, AgentCommand, AgentCommandName, CommandStatus } from '../../src/client/index.js';
import type { AgentConnection } from '../../src/strategies/index.js';

/** What the agent answers to a command, or the error with which its answer never comes. */
export type Answer = FerricError | { readonly status?: CommandStatus; readonly result?: JsonValue; readonly error?: string };

export interface SentCommand {
  readonly name: AgentCommandName;
  /** In clear, as they go over the wire. */
  readonly parameters: JsonObject;
  readonly wait: boolean;
}

/** An agent that answers as a test says, and remembers what it was told. */
export interface ScriptedAgent {
  /** For the setting of the same name. */
  connect(connection: AgentConnection): Agent;
  /** Everything that was sent, in order. */
  readonly sent: readonly SentCommand[];
  readonly connections: readonly AgentConnection[];
  /** Connections that nobody has closed. */
  readonly open: number;
  /** Its commands since its start, oldest first. A test may change them. */
  readonly list: AgentCommand[];
  /** Answers of the next calls of a command; the last one stays. Without any it is done at once, without a result. */
  answers(name: AgentCommandName, ...answers: readonly Answer[]): void;
  /** The last command has ended. */
  end(command: { readonly status: CommandStatus; readonly result?: JsonValue; readonly error?: string }): void;
  /** From now on the list of commands cannot be had, or can again. */
  listFails(error: FerricError | undefined): void;
  /** Called for every look at the list of commands. */
  onList(listener: () => void): void;
  /** A new boot: no commands. */
  restart(): void;
}

export function createScriptedAgent(): ScriptedAgent {
  const sent: SentCommand[] = [];
  const connections: AgentConnection[] = [];
  const list: AgentCommand[] = [];
  const queues = new Map<string, Answer[]>();
  let failure: FerricError | undefined;
  let listener: (() => void) | undefined;
  let open = 0;
  let number = 0;

  const take = (name: string): Answer => {
    const queue = queues.get(name) ?? [];
    return (queue.length > 1 ? queue.shift() : queue[0]) ?? {};
  };
  return {
    sent,
    connections,
    list,
    get open() {
      return open;
    },
    answers: (name, ...answers) => void queues.set(name, [...answers]),
    listFails: (error) => void (failure = error),
    onList: (call) => void (listener = call),
    restart: () => void list.splice(0),
    end(ended) {
      const last = list.pop();
      if (last === undefined) throw new Error('The scripted agent has no command that could end');
      list.push(command(last.id, last.name, ended));
    },
    connect(connection) {
      connections.push(connection);
      open += 1;
      let closed = false;
      return {
        url: connection.url,
        async execute(name, parameters, { wait, signal }) {
          if (closed) throw new Error('The scripted agent was used after it was closed');
          signal?.throwIfAborted();
          sent.push({ name, parameters: revealSealed(parameters) as JsonObject, wait });
          const answer = take(name);
          if (FerricError.is(answer)) throw answer;
          number += 1;
          const given = command(`command-${number}`, name.slice(name.indexOf('.') + 1), answer);
          list.push(given);
          return given;
        },
        async commands(options) {
          if (closed) throw new Error('The scripted agent was used after it was closed');
          options?.signal?.throwIfAborted();
          listener?.();
          if (failure !== undefined) throw failure;
          return [...list];
        },
        async [Symbol.asyncDispose]() {
          if (!closed) open -= 1;
          closed = true;
        },
      };
    },
  };
}

function command(id: string, name: string, answer: { readonly status?: CommandStatus; readonly result?: JsonValue; readonly error?: string }): AgentCommand {
  const { status = 'SUCCEEDED', result = null, error } = answer;
  return { id, name, status, result, error: error === undefined ? null : { type: 'CommandExecutionError', code: 500, message: error } };
}

export const unreachable = (): FerricError => new FerricError('UNREACHABLE', 'connect ECONNREFUSED 192.0.2.10:9999');

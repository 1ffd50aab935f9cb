import { randomUUID } from 'node:crypto';
import type { JsonObject, JsonValue } from '@ferric/core';
import { CallMistake, CommandFailure } from './command-failure.js';
import { type AgentWorkplace, checkCall, type CommandDefinition, type CommandParameters } from './command.js';
import { EXTENSIONS } from './extensions.js';

/** A command that was taken, as the API tells of it. */
export interface CommandRecord {
  readonly id: string;
  /** Without its extension: `prepare_image`. */
  readonly name: string;
  readonly status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CLEAN_VERSION_MISMATCH';
  readonly error: JsonObject | null;
  readonly result: JsonValue;
}

interface Entry {
  record: CommandRecord;
  ended: Promise<void>;
}

/** More commands than one boot sees; older ones are forgotten. */
const MOST_RECORDS = 1000;

/**
 * Runs commands, one after the other, and remembers them. Source: ironic-python-agent, ironic_python_agent/extensions/base.py
 * (ExecuteCommandMixin, AsyncCommandResult).
 */
export class CommandRunner {
  readonly #workplace: AgentWorkplace;
  readonly #onEnd: () => void;
  readonly #entries = new Map<string, Entry>();
  #turn: Promise<unknown> = Promise.resolve();
  #poison: string | undefined;

  /** @param onEnd called whenever an asynchronous command has ended */
  constructor(workplace: AgentWorkplace, onEnd: () => void) {
    this.#workplace = workplace;
    this.#onEnd = onEnd;
  }

  /** All commands, oldest first. */
  get records(): readonly CommandRecord[] {
    return [...this.#entries.values()].map(({ record }) => record);
  }

  /**
   * The name of the exception that the agent cannot put into words, after a synchronous command threw one: from then on the list of
   * commands cannot be told any more.
   */
  get poison(): string | undefined {
    return this.#poison;
  }

  /** @throws CommandFailure RequestedObjectNotFoundError */
  find(id: string): CommandRecord {
    const entry = this.#entries.get(id);
    if (entry === undefined) throw new CommandFailure('RequestedObjectNotFoundError', `Command Result with id ${id} not found.`);
    return entry.record;
  }

  /** Resolves when the command has ended. */
  async ended(id: string): Promise<CommandRecord> {
    await this.#entries.get(id)?.ended;
    return this.find(id);
  }

  /** Resolves when all commands have ended. */
  async settled(): Promise<void> {
    await Promise.all([...this.#entries.values()].map(({ ended }) => ended));
  }

  /**
   * Takes a command: `standby.sync`. Resolves with its record: ended for a synchronous one, under way for the others.
   * @throws CommandFailure when it is not taken: unknown, invalid, or another one is running
   */
  async execute(fullName: string, parameters: CommandParameters): Promise<CommandRecord> {
    const turn = this.#turn.then(() => this.#take(fullName, parameters));
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #take(fullName: string, parameters: CommandParameters): Promise<CommandRecord> {
    const dot = fullName.indexOf('.');
    if (dot === -1) throw new CommandFailure('InvalidCommandError', 'Command name must be of the form <extension>.<name>');
    const running = this.records.findLast(({ status }) => status === 'RUNNING');
    if (running !== undefined) throw new CommandFailure('AgentIsBusy', `executing command ${running.name}`);
    const [extensionName, name] = [fullName.slice(0, dot), fullName.slice(dot + 1)];
    const extension = EXTENSIONS.get(extensionName);
    if (extension === undefined) throw new CommandFailure('RequestedObjectNotFoundError', `Extension with id ${extensionName} not found.`);
    const command = extension.get(name);
    if (command === undefined) throw new CommandFailure('InvalidCommandError', `Unknown command: ${name}`);
    command.validate?.(parameters);
    this.#workplace.log(`command ${fullName}`);
    return command.kind === 'synchronous' ? this.#runNow(name, command, parameters) : this.#runInBackground(name, command, parameters);
  }

  async #runNow(name: string, command: CommandDefinition, parameters: CommandParameters): Promise<CommandRecord> {
    const id = randomUUID();
    try {
      checkCall(command, parameters);
      const result = await command.run(this.#workplace, parameters);
      return this.#keep({ id, name, status: 'SUCCEEDED', error: null, result: typeof result === 'string' ? { result } : result });
    } catch (error) {
      if (error instanceof CommandFailure && error.type === 'InvalidCommandParamsError') throw error;
      // The real agent records the exception itself, which no JSON can carry.
      if (!(error instanceof CommandFailure)) this.#poison = error instanceof CallMistake ? error.name : 'OSError';
      return this.#keep({ id, name, status: 'FAILED', error: reportOf(error), result: null });
    }
  }

  async #runInBackground(name: string, command: CommandDefinition, parameters: CommandParameters): Promise<CommandRecord> {
    const id = randomUUID();
    const entry: Entry = { record: { id, name, status: 'RUNNING', error: null, result: null }, ended: Promise.resolve() };
    this.#add(entry);
    const work = async (): Promise<void> => {
      try {
        checkCall(command, parameters);
        const result = await command.run(this.#workplace, parameters);
        entry.record = { ...entry.record, status: 'SUCCEEDED', result: typeof result === 'string' ? { result: `${name}: ${result}` } : result };
      } catch (error) {
        const isMismatch = error instanceof CommandFailure && error.type === 'VersionMismatch';
        entry.record = { ...entry.record, status: isMismatch ? 'CLEAN_VERSION_MISMATCH' : 'FAILED', error: reportOf(error) };
        this.#workplace.log(`command ${name} failed: ${error instanceof Error ? error.message : String(error)}`);
      } finally {
        this.#onEnd();
      }
    };
    entry.ended = work();
    // What ends at once is told of as ended, as the real agent's thread is quicker than its answer.
    await Promise.resolve();
    return entry.record;
  }

  #keep(record: CommandRecord): CommandRecord {
    this.#add({ record, ended: Promise.resolve() });
    return record;
  }

  #add(entry: Entry): void {
    this.#entries.set(entry.record.id, entry);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > MOST_RECORDS && oldest !== undefined) this.#entries.delete(oldest);
  }
}

function reportOf(error: unknown): JsonObject {
  if (error instanceof CommandFailure) return error.report;
  return new CommandFailure('CommandExecutionError', error instanceof Error ? error.message : String(error)).report;
}

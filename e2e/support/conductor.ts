import { join } from 'node:path';
import type { JsonObject } from '@ferric/core';
import { type ClientOptions, createIronicClient, type IronicClient } from './ironic-client.ts';
import { type ProgramEnd, type RunningProgram, startProgram } from './program.ts';
import { CONDUCTOR_PROGRAM, REPOSITORY } from './repository.ts';

export interface ConductorOptions extends ClientOptions {
  readonly dataDir: string;
  /** Default 0: a free port. */
  readonly port?: number;
  /** Folder whose package.json lists the drivers. Default: the repository. */
  readonly project?: string;
  /** The program, default the built one of the repository. */
  readonly program?: string;
  /** More arguments: `['--log-level', 'debug']`. */
  readonly args?: readonly string[];
  /** Added to its environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A conductor that is starting or runs. */
export interface ConductorProcess extends AsyncDisposable {
  readonly program: RunningProgram;
  /** Resolves when it listens; fails with what it printed when it ends before. */
  ready(): Promise<RunningConductor>;
}

/** A conductor that listens. */
export interface RunningConductor extends ConductorProcess {
  readonly api: IronicClient;
  readonly port: number;
  /** The structured lines of its log so far. */
  log(): readonly JsonObject[];
  /** Stops it as a service manager does. */
  stop(): Promise<ProgramEnd>;
  /** Ends it at once, as a power cut does. */
  kill(): Promise<void>;
}

const LISTENING = /^Ferric conductor listening on (https?:\/\/\S+)$/;
const START_LIMIT_MS = 60_000;

/** Starts the built conductor as a process of its own, without waiting for it. */
export function launchConductor(options: ConductorOptions): ConductorProcess {
  const { dataDir, port = 0, project = REPOSITORY, program: file = CONDUCTOR_PROGRAM, args = [], env } = options;
  const program = startProgram(process.execPath, [
    file, 'serve', '--port', String(port), '--data-dir', dataDir, '--project', project, '--conductor-name', 'e2e', ...args,
  ], env === undefined ? {} : { env });
  const conductor: ConductorProcess = {
    program,
    async ready() {
      const [, url = ''] = await program.waitForLine(LISTENING, { timeoutMs: START_LIMIT_MS });
      return {
        ...conductor,
        api: createIronicClient(url, options),
        port: Number(new URL(url).port),
        log: () => program.stderr.flatMap(parseLogLine),
        async stop() {
          program.signal('SIGTERM');
          return program.ended;
        },
        kill: () => program.kill(),
      };
    },
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  };
  return conductor;
}

/** Starts the built conductor and waits until it listens. */
export async function startConductor(options: ConductorOptions): Promise<RunningConductor> {
  const conductor = launchConductor(options);
  try {
    return await conductor.ready();
  } catch (error) {
    await conductor[Symbol.asyncDispose]();
    throw error;
  }
}

/** The files of the embedded databases in a data folder. */
export function databaseFiles(dataDir: string): { readonly store: string; readonly journal: string } {
  return { store: join(dataDir, 'conductor.sqlite'), journal: join(dataDir, 'workflows.sqlite') };
}

function parseLogLine(line: string): JsonObject[] {
  try {
    return [JSON.parse(line) as JsonObject];
  } catch {
    return [];
  }
}

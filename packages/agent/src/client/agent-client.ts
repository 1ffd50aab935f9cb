import {
  createClosing, delay, FerricError, maskSealed, MAXIMUM_TIMEOUT_MS, revealSealed, withDeadline, type CallOptions, type Deadline,
} from '@ferric/core';
import type { Agent, AgentCommand, AgentCommandName, CommandParameters } from './agent.js';
import { readAgentClientOptions, type AgentClientOptions, type AgentClientSettings } from './agent-client-options.js';
import { readCommand, readCommandList, readDocument, type AnswerContext } from './answers.js';
import { createExchanger, type AgentReply, type AgentRequest, type Exchanger } from './exchange.js';
import { createKnownSecrets, isAgentSecretKey } from './known-secrets.js';
import { createSentCommands, type SentCommands } from './sent-commands.js';

const MEBIBYTE = 1024 * 1024;
const LONGEST_ANSWER_BYTES = 8 * MEBIBYTE;
/** The log of a machine is an archive of everything its ramdisk wrote; the list of commands repeats it. */
const LONGEST_LOG_BYTES = 64 * MEBIBYTE;
const LOG_COMMAND: AgentCommandName = 'log.collect_system_logs';

const FIRST_PAUSE_MS = 1_000;

/**
 * A client for the agent on one machine. It connects when it is used, with a connection for each exchange, and follows no redirect.
 * @throws INVALID_OPTIONS
 * @see ironic-python-agent, ironic_python_agent/api/app.py; Ironic, ironic/drivers/modules/agent_client.py
 */
export function createAgentClient(options: AgentClientOptions): Agent {
  const settings = readAgentClientOptions(options);
  const secrets = createKnownSecrets(settings.token);
  const exchanger = createExchanger(settings, secrets);
  const closing = createClosing(`The client of the agent at ${settings.address} was closed`);
  const sent = createSentCommands();
  const connection: Connection = { settings, exchanger, mask: secrets.mask, sent };

  return {
    url: settings.url,
    execute: async (command, parameters, callOptions) =>
      closing.guard(callOptions, async (guarded) => {
        secrets.remember(parameters);
        return inTime(settings, command, guarded, async (deadline, timeoutMs) =>
          execute(connection, { command, parameters, wait: callOptions.wait, timeoutMs }, deadline));
      }),
    commands: async (callOptions) =>
      closing.guard(callOptions, async (guarded) =>
        inTime(settings, 'commands', guarded, async (deadline, timeoutMs) => listCommands(connection, deadline, timeoutMs))),
    async [Symbol.asyncDispose]() {
      await closing[Symbol.asyncDispose]();
      await exchanger[Symbol.asyncDispose]();
    },
  };
}

interface Connection {
  readonly settings: AgentClientSettings;
  readonly exchanger: Exchanger;
  readonly mask: AnswerContext['mask'];
  readonly sent: SentCommands;
}

interface Execution {
  readonly command: AgentCommandName;
  readonly parameters: CommandParameters;
  readonly wait: boolean;
  /** Time for one exchange. Milliseconds. */
  readonly timeoutMs: number;
}

/** A caller's limit is for the whole call; without one each exchange has its own, and the call as many as it may need. */
async function inTime<T>(
  settings: AgentClientSettings, what: string, options: CallOptions, work: (deadline: Deadline, timeoutMs: number) => Promise<T>,
): Promise<T> {
  const pauses = FIRST_PAUSE_MS * 2 ** settings.attempts;
  const everythingMs = settings.attempts * (settings.attempts + 1) * (settings.commandTimeoutMs + pauses);
  const timing = {
    what: `${what} of the agent at ${settings.address}`,
    defaultTimeoutMs: Math.min(everythingMs, MAXIMUM_TIMEOUT_MS),
    details: { address: settings.address, command: what },
    clock: settings.clock,
  };
  return withDeadline(options, timing, async (deadline) => work(deadline, options.timeoutMs ?? settings.commandTimeoutMs));
}

/** A command changes the machine: it is sent again only when it is known that it did not arrive. */
async function execute(connection: Connection, execution: Execution, deadline: Deadline): Promise<AgentCommand> {
  const { command, wait, timeoutMs } = execution;
  const request: AgentRequest = {
    method: 'POST', path: '/commands/', wait, label: command, timeoutMs, body: writeBody(execution),
    limitBytes: command === LOG_COMMAND ? LONGEST_LOG_BYTES : LONGEST_ANSWER_BYTES,
  };
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await connection.exchanger.send(request, deadline);
    if (outcome.kind === 'reply') return readExecuted(connection, outcome, request);
    const { error, mayHaveArrived, again } = outcome;
    const timedOut = error.code === 'TIMEOUT';
    if (!again && !timedOut) throw error;
    if (mayHaveArrived) {
      const arrived = await findArrived(connection, execution, deadline, error);
      if (arrived !== undefined) return arrived;
    }
    // After a silence the agent may still be at it: a synchronous command is in its list only when it has ended.
    if (timedOut || attempt >= connection.settings.attempts) throw error;
    await pause(connection, attempt, deadline);
  }
}

function readExecuted(connection: Connection, reply: AgentReply, request: AgentRequest): AgentCommand {
  const context = contextOf(connection, request);
  const answer = readCommand(readDocument(reply.status, reply.text, context), context);
  connection.sent.saw(answer);
  return answer;
}

/** The command in the agent's own list, when its answer was lost. */
async function findArrived(connection: Connection, execution: Execution, deadline: Deadline, lost: FerricError): Promise<AgentCommand | undefined> {
  const { sent } = connection;
  const isThis = sent.recognise(execution.command, execution.parameters);
  const commands = await listCommands(connection, deadline, execution.timeoutMs).catch((error: unknown) => {
    // Neither the answer nor the list came: that the answer was lost is what matters.
    throw FerricError.is(error) && error.code === 'UNREACHABLE' ? inDoubt(lost) : error;
  });
  const last = commands.at(-1);
  if (last === undefined || !isThis(last)) return undefined;
  return execution.wait && last.status === 'RUNNING' ? waitFor(connection, last, execution, deadline) : last;
}

async function waitFor(connection: Connection, command: AgentCommand, execution: Execution, deadline: Deadline): Promise<AgentCommand> {
  const request: AgentRequest = {
    method: 'GET', path: `/commands/${encodeURIComponent(command.id)}`, wait: true, label: execution.command, timeoutMs: execution.timeoutMs,
    limitBytes: LONGEST_LOG_BYTES,
  };
  return readExecuted(connection, await read(connection, request, deadline), request);
}

async function listCommands(connection: Connection, deadline: Deadline, timeoutMs: number): Promise<readonly AgentCommand[]> {
  const request: AgentRequest = { method: 'GET', path: '/commands/', label: 'commands', timeoutMs, limitBytes: LONGEST_LOG_BYTES };
  const reply = await read(connection, request, deadline);
  const context = contextOf(connection, request);
  const commands = readCommandList(readDocument(reply.status, reply.text, context), context);
  connection.sent.sawList(commands);
  return commands;
}

/** Reading changes nothing: it is tried again. */
async function read(connection: Connection, request: AgentRequest, deadline: Deadline): Promise<AgentReply> {
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await connection.exchanger.send(request, deadline);
    if (outcome.kind === 'reply') return outcome;
    if (!outcome.again || attempt >= connection.settings.attempts) throw outcome.error;
    await pause(connection, attempt, deadline);
  }
}

async function pause({ settings }: Connection, attempt: number, deadline: Deadline): Promise<void> {
  await delay(FIRST_PAUSE_MS * 2 ** (attempt - 1), { signal: deadline.signal, clock: settings.clock });
}

function writeBody({ command, parameters }: Execution): { readonly open: string; readonly masked: string } {
  const body = (params: unknown): string => JSON.stringify({ name: command, params });
  return { open: body(revealSealed(parameters)), masked: body(maskSealed(parameters, isAgentSecretKey)) };
}

function contextOf({ settings, mask }: Connection, { method, label }: AgentRequest): AnswerContext {
  return { address: settings.address, label, method, mask };
}

function inDoubt(lost: FerricError): FerricError {
  return new FerricError(lost.code, lost.message, {
    cause: lost,
    details: { ...lost.details, mayHaveArrived: true },
    hint: 'The command may have been carried out: look at the commands of the agent before it is sent again.',
  });
}

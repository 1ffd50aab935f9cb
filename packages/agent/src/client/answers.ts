import { FerricError, printValue, type FerricErrorCode, type FerricErrorOptions, type JsonObject, type JsonValue } from '@ferric/core';
import type { AgentCommand, CommandStatus } from './agent.js';
import { asObject, isWithinBounds } from './agent-json.js';
import { maskDocument } from './known-secrets.js';

/** Where an answer came from, for the errors. */
export interface AnswerContext {
  /** `192.0.2.10:9999` */
  readonly address: string;
  /** What was asked: `standby.sync`, `commands`. */
  readonly label: string;
  readonly method: 'GET' | 'POST';
  /** Takes the client's own secrets out of texts, and cuts them. */
  readonly mask: (text: string, longest?: number) => string;
}

/** The agent's own words. Longest text that is passed on, characters. */
const LONGEST_TEXT = 16_384;

/**
 * The document of an answer.
 * @throws BUSY, REFUSED, AUTH_FAILED by its status; PROTOCOL_FAULT for one that no agent gives.
 */
export function readDocument(status: number, text: string, context: AnswerContext): JsonObject {
  if (status >= 300) throw statusError(status, text, context);
  const document = parseObject(text);
  if (document !== undefined && isWithinBounds(document)) return document;
  throw fault(`answered ${context.label} with what is no answer of an agent: ${excerpt(text, context)}`, context);
}

/** A command of an answer. Throws PROTOCOL_FAULT naming what is missing or wrong. */
export function readCommand(value: JsonValue | undefined, context: AnswerContext): AgentCommand {
  const command = asObject(value);
  if (command === undefined) throw fault(`told of a command that is no object: ${printValue(value)}`, context);
  const status = STATUSES.get(requiredText(command, 'command_status', context));
  if (status === undefined) {
    throw fault(`told of a command with the unknown command_status ${printValue(command['command_status'])}`, context);
  }
  return {
    id: requiredText(command, 'id', context),
    name: requiredText(command, 'command_name', context),
    status,
    error: readError(command['command_error'], status, context),
    result: maskRepeatedStep(command['command_result'] ?? null),
  };
}

/** The list of commands of an answer. Throws PROTOCOL_FAULT. */
export function readCommandList(document: JsonObject, context: AnswerContext): readonly AgentCommand[] {
  const { commands } = document;
  if (!Array.isArray(commands)) throw fault(`told no list of commands: ${printValue(document)}`, context);
  return commands.map((command: JsonValue) => readCommand(command, context));
}

const STATUSES: ReadonlyMap<string, CommandStatus> = new Map([
  ['RUNNING', 'RUNNING'], ['SUCCEEDED', 'SUCCEEDED'], ['FAILED', 'FAILED'],
  ['VERSION_MISMATCH', 'VERSION_MISMATCH'], ['CLEAN_VERSION_MISMATCH', 'VERSION_MISMATCH'],
]);

function requiredText(command: JsonObject, key: string, context: AnswerContext): string {
  const value = command[key];
  if (typeof value === 'string' && value !== '') return value;
  throw fault(`told of a command whose ${key} is no text: ${printValue(value)}`, context);
}

function readError(value: JsonValue | undefined, status: CommandStatus, context: AnswerContext): AgentCommand['error'] {
  if (value === undefined || value === null || value === '') {
    const gaveNoReason = status === 'FAILED' || status === 'VERSION_MISMATCH';
    return gaveNoReason ? { type: 'Unknown', code: null, message: 'The agent gave no reason.' } : null;
  }
  const error = asObject(value);
  const words = [error?.['details'], error?.['message'], value].find((word) => typeof word === 'string' && word !== '');
  return {
    type: typeof error?.['type'] === 'string' ? error['type'] : 'Unknown',
    code: typeof error?.['code'] === 'number' ? error['code'] : null,
    message: context.mask(typeof words === 'string' ? words : printValue(value), LONGEST_TEXT),
  };
}

/** A step's result repeats the step with all its arguments, such as the config drive. */
function maskRepeatedStep(result: JsonValue): JsonValue {
  const object = asObject(result);
  if (object === undefined) return result;
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, key.endsWith('_step') ? maskDocument(value) : value]));
}

/** What a status other than success means. Source: ironic-python-agent, ironic_python_agent/api/app.py and errors.py. */
function statusError(status: number, body: string, context: AnswerContext): FerricError {
  const document = parseObject(body);
  const faultString = document?.['faultstring'];
  const words = context.mask(typeof faultString === 'string' ? faultString : body, typeof faultString === 'string' ? LONGEST_TEXT : 200);
  const busy = context.method === 'POST' && (status === 409 || (status >= 400 && /agent is busy/i.test(words)));
  const { code, says, hint } = busy ? BUSY : (MEANINGS.find(({ first, last }) => status >= first && status <= last) ?? UNEXPECTED);
  const tail = words === '' ? '' : `: ${words}`;
  return new FerricError(code, `The agent at ${context.address} ${says(context.label)}${tail}`, {
    details: { address: context.address, command: context.label, status },
    ...(hint === undefined ? {} : { hint }),
  });
}

interface Meaning {
  readonly code: FerricErrorCode;
  readonly says: (label: string) => string;
  readonly hint?: string;
}

const BUSY: Meaning = {
  code: 'BUSY',
  says: (label) => `cannot run ${label} now`,
  hint: 'It runs one command at a time: wait until the one that runs has ended.',
};

const UNEXPECTED: Meaning = { code: 'PROTOCOL_FAULT', says: (label) => `answered ${label} in a way that no agent does` };

const MEANINGS: readonly (Meaning & { readonly first: number; readonly last: number })[] = [
  {
    first: 300, last: 399, code: 'PROTOCOL_FAULT',
    says: (label) => `answered ${label} by pointing to another address, which is never followed`,
    hint: 'Something else than the agent answers there.',
  },
  {
    first: 401, last: 401, code: 'AUTH_FAILED',
    says: (label) => `did not accept the token for ${label}`,
    hint: 'It was given another token, or none: the machine has to boot its ramdisk again.',
  },
  { first: 400, last: 499, code: 'REFUSED', says: (label) => `declined ${label}` },
  {
    first: 500, last: 599, code: 'PROTOCOL_FAULT',
    says: (label) => `failed inside while it answered ${label}`,
    hint: 'An agent that failed this way once may answer 500 to every later question about its commands: boot the ramdisk again.',
  },
];

function fault(what: string, context: AnswerContext, options: FerricErrorOptions = {}): FerricError {
  return new FerricError('PROTOCOL_FAULT', context.mask(`The agent at ${context.address} ${what}`, LONGEST_TEXT), {
    details: { address: context.address, command: context.label },
    ...options,
  });
}

function excerpt(body: string, context: AnswerContext): string {
  return body === '' ? 'an empty answer' : printValue(context.mask(body, 200));
}

function parseObject(body: string): JsonObject | undefined {
  try {
    return asObject(JSON.parse(body) as JsonValue);
  } catch {
    return undefined;
  }
}

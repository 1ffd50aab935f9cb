import { readFileSync } from 'node:fs';
import type { JsonObject, JsonValue } from '@ferric/core';

interface Exchange {
  readonly name: string;
  readonly parameters: JsonObject;
  readonly status: string;
  readonly result: JsonValue;
}

const folder = new URL('../fixtures/', import.meta.url);

export function fixture(path: string): JsonValue {
  return JSON.parse(readFileSync(new URL(path, folder), 'utf8')) as JsonValue;
}

/** Every command that was sent in a recorded conversation and answered with a command, in order. */
function recordedCommands(path: string): readonly Exchange[] {
  return (fixture(path) as readonly JsonObject[]).flatMap((exchange) => {
    const body = exchange['body'] as JsonObject | undefined | null;
    const answer = (exchange['response'] ?? exchange['answer']) as JsonObject | undefined | null;
    if (exchange['method'] !== 'POST' || typeof body?.['name'] !== 'string' || typeof answer?.['command_status'] !== 'string') return [];
    return [{ name: body['name'], parameters: body['params'] as JsonObject, status: answer['command_status'], result: answer['command_result'] ?? null }];
  });
}

/** The first recorded exchange of a command. */
export function recorded(path: string, name: string): Exchange {
  const found = recordedCommands(path).find((exchange) => exchange.name === name);
  if (found === undefined) throw new Error(`${path} holds no ${name}`);
  return found;
}

/** How the recorded conductor asked after the end of a command: the last entry of the lists that show it. */
export function recordedEnd(path: string, commandName: string): JsonValue {
  const lists = (fixture(path) as readonly JsonObject[]).map((exchange) => (exchange['response'] as JsonObject | null | undefined)?.['commands']);
  const entries = lists.flatMap((commands) => (Array.isArray(commands) ? (commands as readonly JsonObject[]) : []));
  const found = entries.findLast((entry) => entry['command_name'] === commandName && entry['command_status'] === 'SUCCEEDED');
  return found?.['command_result'] ?? null;
}

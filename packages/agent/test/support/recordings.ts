import { readFileSync } from 'node:fs';
import type { JsonObject } from '@ferric/core';

/** One exchange between conductor and agent as it was recorded. */
export interface RecordedExchange {
  readonly direction?: string;
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: JsonObject | null;
  readonly status: number;
  readonly response: JsonObject;
}

/** The token of all recordings. */
export const RECORDED_TOKEN = 'AAAAAAAAAAAAAAAA0123456789abcdefXYZ_-bbbbbbb';
/** The node of all recordings. */
export const RECORDED_NODE = '1be26c0b-03f2-4d2e-ae87-c02d7f33c123';

/** A file of test/fixtures/ipa. */
export function readRecording(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../fixtures/ipa/${name}.json`, import.meta.url), 'utf8'));
}

/** What the conductor asked of the agent's commands, in order. Exchanges of another kind are left out. */
export function recordedCommands(name: string): readonly RecordedExchange[] {
  const exchanges = readRecording(name) as readonly RecordedExchange[];
  return exchanges.filter(({ direction, path }) => direction !== 'agent->conductor' && path.startsWith('/v1/commands/'));
}

/** The answer that was recorded to a command, such as `deploy.get_deploy_steps`. */
export function recordedAnswer(command: string): RecordedExchange {
  const found = recordedCommands('agent-commands').find(({ body }) => body?.['name'] === command);
  if (found === undefined) throw new Error(`No recording of ${command}`);
  return found;
}

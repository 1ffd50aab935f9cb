import { type Clock, delay, type JsonObject, type JsonValue } from '@ferric/core';
import type { AgentPacing } from './agent-options.js';
import type { AgentWorkplace } from './commands/command.js';
import { packLogs } from './commands/extensions.js';
import { MANAGER_VERSIONS } from './commands/step-lists.js';
import { asObject } from './conductor-calls.js';
import { guessRootDisk } from './image/choose-disk.js';
import { failureText, type HttpAnswer } from './wire/http.js';

export interface InspectionOptions {
  readonly url: string;
  readonly collectors: readonly string[];
  readonly bootInterface: string | null;
  readonly pacing: AgentPacing;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly workplace: AgentWorkplace;
  readonly post: (body: JsonObject) => Promise<HttpAnswer>;
}

/** Source: ironic-python-agent, ironic_python_agent/inspector.py. */
const ATTEMPTS = 5;
const COLLECTORS: ReadonlySet<string> = new Set(['default', 'logs']);

/**
 * Tells the conductor what the machine is made of. A failure is logged, and the agent goes on without.
 * @returns the uuid that the answer names, for the lookup
 */
export async function postInspection(options: InspectionOptions): Promise<string | undefined> {
  const { pacing, clock, signal, workplace } = options;
  for (const name of options.collectors.filter((each) => !COLLECTORS.has(each))) workplace.log(`this agent has no inspection collector ${name}`);
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const outcome = await options.post(inspectionBody(options)).catch((error: unknown) => {
      signal.throwIfAborted();
      return failureText(error);
    });
    if (typeof outcome !== 'string' && outcome.status < 300) return readUuid(outcome.text);
    const status = typeof outcome === 'string' ? undefined : outcome.status;
    workplace.log(`inspection post failed: ${typeof outcome === 'string' ? outcome : `status ${outcome.status}`}`);
    if (status !== undefined && status < 500 && status !== 409) return undefined;
    if (attempt === ATTEMPTS) return undefined;
    const [firstMs, longestMs] = pacing.inspectionRetryMs;
    await delay(Math.min(longestMs, firstMs * 2 ** (attempt - 1)), { clock, signal });
  }
  return undefined;
}

/** What is posted. `root_disk` is missing when no disk is large enough. */
function inspectionBody({ collectors, bootInterface, clock, workplace }: InspectionOptions): JsonObject {
  const rootDisk = guessRootDisk(workplace);
  const described = ((workplace.inventory['disks'] ?? []) as readonly JsonValue[]).find((each) => asObject(each)['name'] === rootDisk?.name);
  return {
    inventory: workplace.inventory,
    ...(described === undefined ? {} : { root_disk: described }),
    boot_interface: bootInterface,
    configuration: {
      collectors: collectors.filter((name) => COLLECTORS.has(name)),
      managers: Object.entries(MANAGER_VERSIONS).map(([name, version]) => ({ name, version })),
    },
    ...(collectors.includes('logs') ? { logs: packLogs(workplace.logLines, clock.now()) } : {}),
    error: null,
  };
}

/** Two kinds of answers: `{uuid}` of old versions, and that of a lookup. */
function readUuid(text: string): string | undefined {
  try {
    const body = asObject(JSON.parse(text));
    const uuid = body['uuid'] ?? asObject(body['node'])['uuid'];
    return typeof uuid === 'string' ? uuid : undefined;
  } catch {
    return undefined;
  }
}

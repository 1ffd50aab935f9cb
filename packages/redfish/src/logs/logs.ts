import type { CallOptions } from '@ferric/core';
import { requireAction, runAction } from '../actions/actions.js';
import type { RedfishClient, RedfishReply } from '../client/client-types.js';
import { within } from '../client/within.js';
import { requireLink } from '../resource/links.js';
import { reader } from '../resource/readers.js';
import type { Resource } from '../resource/resource.js';
import { readMembers } from '../walk/collection.js';

/** A log of a system or a manager. */
export interface LogService {
  readonly resource: Resource;
  /** `IML`, `IEL`, `SEL`, `Log`, ... */
  readonly id: string;
  readonly name: string | undefined;
}

export interface LogEntry {
  readonly id: string;
  /** Null when the controller did not know the time. */
  readonly at: Date | null;
  /** `OK`, `Warning`, `Critical`. */
  readonly severity: string | undefined;
  readonly message: string;
  readonly messageId: string | undefined;
  readonly sensorType: string | undefined;
}

/** The logs of a system or a manager. @throws UNSUPPORTED when it has none */
export async function readLogServices(client: RedfishClient, owner: Resource, options?: CallOptions): Promise<readonly LogService[]> {
  const services = await readMembers(client, requireLink(owner, 'LogServices', 'Logs'), options);
  return services.map((resource) => {
    const fields = reader(resource.body, resource.path);
    return { resource, id: fields.text('Id') ?? lastPart(resource.path), name: fields.text('Name') };
  });
}

/** Logs are read entry by entry where the controller does not bring them along, so that a limit saves time. */
const ENTRY_LIMIT = 500;

/** @param options `limit`: at most so many entries, in the order of the controller; default 500 */
export async function readLogEntries(client: RedfishClient, log: LogService, options: CallOptions & { readonly limit?: number } = {}): Promise<readonly LogEntry[]> {
  const entries = await readMembers(client, requireLink(log.resource, 'Entries'), { limit: ENTRY_LIMIT, ...options });
  return entries.map(decodeLogEntry);
}

export function decodeLogEntry({ body, path }: Resource): LogEntry {
  const fields = reader(body, path);
  return {
    id: fields.text('Id') ?? fields.text('RecordId') ?? lastPart(path),
    at: timeOf(fields.text('EventTimestamp') ?? fields.text('Created')),
    severity: fields.text('Severity'),
    message: fields.text('Message') ?? fields.text('Name') ?? '',
    messageId: fields.text('MessageId'),
    sensorType: fields.text('SensorType'),
  };
}

/** Empties a log. @throws UNSUPPORTED when it cannot be emptied */
export async function clearLog(client: RedfishClient, log: LogService, options?: CallOptions): Promise<RedfishReply> {
  return within(client, options, `the log ${log.id}`, async (call) => runAction(client, requireAction(log.resource, 'ClearLog'), {}, call));
}

function timeOf(text: string | undefined): Date | null {
  const milliseconds = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(milliseconds) ? null : new Date(milliseconds);
}

function lastPart(path: string): string {
  return path.replace(/\/+$/, '').split('/').at(-1) ?? path;
}

import { type CallOptions, errorCode, type FerricErrorCode } from '@ferric/core';
import { requireAction, runAction } from '../actions/actions.js';
import type { RedfishClient, RedfishReply, ServiceRoot } from '../client/client-types.js';
import { within, withinChange } from '../client/within.js';
import { requireLink } from '../resource/links.js';
import { reader } from '../resource/readers.js';
import type { Resource } from '../resource/resource.js';
import { listMembers, type Member, readEach, readMembers } from '../walk/collection.js';

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

/** How much was left out. */
export interface LogCut {
  /** Entries that were read. */
  readonly read: number;
  /** Entries of the log; 5000 for a longer one. */
  readonly found: number;
}

export interface LogEntryOptions extends CallOptions {
  /** At most so many entries, the newest. Default 500. */
  readonly limit?: number;
  /** Told when older entries were left out. Must return at once and must not throw. */
  readonly onCut?: (cut: LogCut) => void;
}

/** Logs are read entry by entry where the controller does not bring them along, so that a limit saves time. */
const ENTRY_LIMIT = 500;
/** More than any log was seen to hold. */
const LISTED_LIMIT = 5000;

/** The newest entries of a log, the newest first: those with the highest numbers; where they have none, the last ones. */
export async function readLogEntries(client: RedfishClient, log: LogService, options: LogEntryOptions = {}): Promise<readonly LogEntry[]> {
  const { limit = ENTRY_LIMIT, onCut, ...outer } = options;
  return within(client, outer, `the log ${log.id}`, async (call) => {
    const found = newestFirst(await listEntries(client, requireLink(log.resource, 'Entries'), call));
    const entries = await readEach(client, found.slice(0, limit), call);
    if (found.length > limit) onCut?.({ read: entries.length, found: found.length });
    return entries.map(decodeLogEntry);
  });
}

/** What a service answers that does not expand after all, or to more than fits into an answer. */
const NOT_EXPANDED: ReadonlySet<FerricErrorCode> = new Set(['UNSUPPORTED', 'REFUSED', 'PROTOCOL_FAULT']);

/** With their content where the service can bring it along. Source: DSP0266, "Use of the $expand query parameter". */
async function listEntries(client: RedfishClient, path: string, call: CallOptions): Promise<readonly Member[]> {
  const options = { ...call, limit: LISTED_LIMIT };
  if (expands(await client.root(call))) {
    try {
      return await listMembers(client, `${path}?$expand=.`, options);
    } catch (error) {
      if (!NOT_EXPANDED.has(errorCode(error))) throw error;
    }
  }
  return listMembers(client, path, options);
}

/** NoLinks: the form `.`, which brings along what is below. Source: DSP0268, ServiceRoot, ProtocolFeaturesSupported. */
function expands({ body, path }: ServiceRoot): boolean {
  return reader(body, path).child('ProtocolFeaturesSupported').child('ExpandQuery').boolean('NoLinks') === true;
}

/** By their numbers, which grow: clocks of controllers are set back, and lists begin at either end. */
function newestFirst(members: readonly Member[]): readonly Member[] {
  const numberOf = ({ path }: Member): number => Number(lastPart(path));
  if (members.every(({ path }) => /^\d{1,15}$/.test(lastPart(path)))) return members.toSorted((one, other) => numberOf(other) - numberOf(one));
  return members.toReversed();
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
  return withinChange(client, options, `the log ${log.id}`, async (call) => runAction(client, requireAction(log.resource, 'ClearLog'), {}, call));
}

function timeOf(text: string | undefined): Date | null {
  const milliseconds = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(milliseconds) ? null : new Date(milliseconds);
}

function lastPart(path: string): string {
  return path.replace(/\/+$/, '').split('/').at(-1) ?? path;
}

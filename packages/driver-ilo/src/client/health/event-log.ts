import { type EventLogEntry, FerricError, invalidOptions, printValue } from '@ferric/core';
import { clearLog, type LogEntry, type LogService, readLogEntries, readLogServices } from '@ferric/redfish';
import type { IloEventLog, IloLogName } from '../ilo-client.js';
import type { Perform, RestCall } from '../operations/perform.js';
import { clearEventLog, readEventLog, toEventLogEntries } from '../ribcl/index.js';

const LOGS: readonly IloLogName[] = ['server', 'controller'];
/** What iLO calls them: the integrated management log and the iLO event log. */
const IDS: Readonly<Record<IloLogName, string>> = { server: 'IML', controller: 'IEL' };
const SEVERITIES: Readonly<Record<string, EventLogEntry['severity']>> = { OK: 'information', Warning: 'warning', Critical: 'critical' };

export function createEventLog(perform: Perform): IloEventLog {
  return {
    async read(log, options) {
      const names = namesFor(log);
      return perform('event log', {
        async rest(call) {
          const entries: EventLogEntry[] = [];
          for (const name of names) {
            const found = await readLogEntries(call.client, await serviceOf(call, name), call.options);
            entries.push(...found.map((entry) => toEntry(name, entry)));
          }
          return entries;
        },
        async ribcl({ run }) {
          const entries: EventLogEntry[] = [];
          for (const name of names) entries.push(...toEventLogEntries(name, await run(readEventLog(name))));
          return entries;
        },
      }, options);
    },
    async clear(log, options) {
      const names = namesFor(log);
      await perform('event log', {
        async rest(call) {
          for (const name of names) await clearLog(call.client, await serviceOf(call, name), call.options);
        },
        async ribcl({ run }) {
          for (const name of names) await run(clearEventLog(name));
        },
      }, options);
    },
  };
}

function namesFor(log: IloLogName | undefined): readonly IloLogName[] {
  if (log === undefined) return LOGS;
  if (LOGS.includes(log)) return [log];
  throw invalidOptions('Event log', [{ field: 'log', problem: 'invalid', expected: LOGS.join(' or '), received: printValue(log) }]);
}

async function serviceOf({ client, options, system, manager }: RestCall, name: IloLogName): Promise<LogService> {
  const owner = name === 'server' ? await system() : await manager();
  const services = await readLogServices(client, owner, options);
  const found = services.find(({ id }) => id.toUpperCase() === IDS[name]);
  if (found !== undefined) return found;
  throw new FerricError('UNSUPPORTED', `${owner.path} has no log ${IDS[name]}`, { details: { resource: owner.path, logs: services.map(({ id }) => id) } });
}

function toEntry(log: IloLogName, { id, at, severity, message, sensorType }: LogEntry): EventLogEntry {
  return { id: `${log}-${id}`, at, severity: SEVERITIES[severity ?? ''] ?? 'information', message, ...(sensorType === undefined ? {} : { sensor: sensorType }) };
}

import { faults } from '../../fault.js';
import { isConductorAlive } from '../../nodes/conductor-life.js';
import type { ConductorRecord } from '../../store/store.js';
import type { ApiDependencies } from '../dependencies.js';
import { text } from '../http/argument-types.js';
import { defineEndpoint, ok, type AnyEndpoint } from '../http/endpoint.js';
import { viewOf } from '../nodes/node-lookup.js';
import { listSchema, recordSchema } from '../openapi/schemas.js';
import { defineTable } from '../table/field.js';
import { fieldMakers } from '../table/field-makers.js';
import { nextLink, PAGE_ARGUMENTS, readPage, SELECTION_ARGUMENTS, type RequestedPage } from '../table/paging.js';
import { presentersOf } from '../table/presenter.js';
import { readSelection } from '../table/selection.js';

const SINCE = 49;

type Conductor = ConductorRecord & { readonly alive: boolean };

const { text: textField, truth, time, document, links } = fieldMakers<Conductor>();

/** Source: recorded exchanges 015 and 016. */
export const CONDUCTOR_TABLE = defineTable<Conductor>({
  name: 'conductor',
  collection: 'conductors',
  summary: ['hostname', 'conductor_group', 'alive'],
  fields: [
    time('created_at', 'createdAt', 'When it first started.'),
    time('updated_at', 'updatedAt', 'Its last sign of life.'),
    textField('hostname', 'hostname', 'Its name.'),
    textField('conductor_group', 'conductorGroup', 'Group it belongs to.'),
    document('drivers', 'drivers', 'Hardware types it has.'),
    links('links', 'conductors', 'hostname', ''),
    truth('alive', 'alive', 'Whether it gave a sign of life lately.', { unsortable: true }),
  ],
});

/** `/v1/conductors`. */
export function conductorEndpoints(api: ApiDependencies): readonly AnyEndpoint[] {
  const presenters = presentersOf(CONDUCTOR_TABLE, []);
  const all = async (): Promise<readonly Conductor[]> => {
    const now = api.clock.now();
    return (await api.store.conductors.list()).map((conductor) => ({ ...conductor, alive: isConductorAlive(conductor, now) }));
  };
  return [
    defineEndpoint({
      method: 'GET',
      path: '/conductors',
      summary: 'Lists conductors.',
      since: SINCE,
      query: { ...PAGE_ARGUMENTS, marker: { type: text, description: 'Name of the last conductor of the page before.' }, ...SELECTION_ARGUMENTS },
      answer: { status: 200, description: 'A page of conductors.', schema: listSchema(CONDUCTOR_TABLE) },
      async handle(call) {
        const { base, query, version } = call;
        const page = readPage(CONDUCTOR_TABLE, query, version);
        const selection = readSelection(CONDUCTOR_TABLE, query, version, 'summary');
        const conductors = takePage(await all(), page);
        const presenter = presenters(version, selection);
        const last = conductors.length === page.limit ? conductors.at(-1) : undefined;
        const next = { base, path: 'conductors', table: CONDUCTOR_TABLE, version, query, selection, limit: page.limit } as const;
        return ok({
          conductors: conductors.map((conductor) => presenter.present(conductor, viewOf(api, call))),
          ...(last === undefined ? {} : { next: nextLink({ ...next, marker: last.hostname }) }),
        });
      },
    }),
    defineEndpoint({
      method: 'GET',
      path: '/conductors/:conductor',
      summary: 'Shows a conductor.',
      since: SINCE,
      query: { fields: SELECTION_ARGUMENTS.fields },
      answer: { status: 200, description: 'The conductor.', schema: recordSchema(CONDUCTOR_TABLE) },
      async handle(call) {
        const selection = readSelection(CONDUCTOR_TABLE, call.query, call.version, 'whole record');
        const hostname = call.parameters['conductor'] ?? '';
        const conductor = (await all()).find((each) => each.hostname === hostname);
        if (conductor === undefined) throw faults.conductorNotFound(hostname);
        return ok(presenters(call.version, selection).present(conductor, viewOf(api, call)));
      },
    }),
  ];
}

/** A page of the few conductors there are. @throws RequestFault 404 for an unknown marker. */
function takePage(conductors: readonly Conductor[], { sortKey, sortDirection, limit, marker }: RequestedPage): readonly Conductor[] {
  const key = sortKey as 'id' | keyof Conductor;
  const sorted = key === 'id' ? [...conductors] : conductors.toSorted((a, b) => compare(a[key], b[key]));
  if (sortDirection === 'desc') sorted.reverse();
  const before = marker === undefined ? -1 : sorted.findIndex((conductor) => conductor.hostname === marker);
  if (marker !== undefined && before === -1) throw faults.conductorNotFound(marker);
  return sorted.slice(before + 1, before + 1 + limit);
}

function compare(a: unknown, b: unknown): number {
  const [left, right] = [a, b].map((value) => (value instanceof Date ? value.toISOString() : String(value)));
  return (left ?? '') < (right ?? '') ? -1 : Number(left !== right);
}

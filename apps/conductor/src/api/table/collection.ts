import type { JsonObject } from '@ferric/core';
import type { RecordService } from '../../resources/record-service.js';
import type { Page, RecordReader, SortKey } from '../../store/store.js';
import type { RequestFault } from '../../fault.js';
import type { ApiDependencies } from '../dependencies.js';
import type { ArgumentTable, ArgumentValues } from '../http/arguments.js';
import { defineEndpoint, ok, type AnyEndpoint, type Answer, type Call } from '../http/endpoint.js';
import { viewOf } from '../nodes/node-lookup.js';
import { listSchema, recordSchema } from '../openapi/schemas.js';
import type { ResourceTable } from './field.js';
import { creationBody } from './input.js';
import { toCreation, toEdit } from './members.js';
import { nextLink, PAGE_ARGUMENTS, readPage, SELECTION_ARGUMENTS, type PageQuery } from './paging.js';
import { patchBody } from './patch.js';
import { presentersOf } from './presenter.js';
import { readSelection, type Selection, type SelectionQuery } from './selection.js';

/** A resource that is listed, created, shown, changed and deleted in the same way as most others. */
export interface Collection<Model extends { readonly uuid: string }, Filters, Query extends ArgumentTable> {
  readonly table: ResourceTable<Model, Query>;
  /** The same with what creations may say besides fields of the record. Default: nothing. */
  readonly creationTable?: ResourceTable<Model>;
  /** Below `/v1`, without a slash: `volume/connectors`. */
  readonly path: string;
  /** In summaries: `a port group`, `port groups`. */
  readonly one: string;
  readonly many: string;
  /** First minor version that has it. Default: every version. */
  readonly since?: number;
  /** First minor version that changes them. Default: that of the collection. */
  readonly changeSince?: number;
  /** Whether `<path>/detail` exists. */
  readonly detailPath: boolean;
  /** What lists show when nothing is asked for. Default: the summary. */
  readonly listShows?: 'summary' | 'whole record';
  readonly service: RecordService<Model>;
  readonly reader: Pick<RecordReader<Model, Filters>, 'list'>;
  toFilters(query: ArgumentValues<Query>, version: number): Promise<Filters> | Filters;
  /** What a path names, in the form that the service takes. Throws RequestFault 400 or 404 for what can name none. */
  identify(given: string, version: number): string;
  notFound(identifier: string): RequestFault;
  /** Rules over several fields. `changes` are those that the client gave. Throws RequestFault 400. */
  check?(changes: Partial<Model>, present: Model | undefined): void;
}

/** What every list is asked, besides its filters. */
type ListCall = Call<PageQuery & SelectionQuery & Readonly<Record<string, unknown>>, unknown>;

/** The list of those that belong to another resource: `/nodes/{node}/ports`. */
export interface NestedList<Filters, Query> {
  readonly path: string;
  readonly summary: string;
  /** First minor version that has it. Default: that of the collection. */
  readonly since?: number;
  /** Filters of the collection that are accepted here too. Default: none. */
  readonly filters?: Partial<Query>;
  /** Finds the owner: which records are its own, and the path of the list with the owner's canonical name. */
  owner(call: Call<unknown, unknown>): Promise<{ readonly filters: Partial<Filters>; readonly path: string }>;
}

export interface CollectionEndpoints<Filters, Query> {
  readonly endpoints: readonly AnyEndpoint[];
  /** The list below another resource, with its own `detail` where the collection has one. */
  nested(list: NestedList<Filters, Query>): readonly AnyEndpoint[];
}

/** The endpoints of a collection. */
export function collectionEndpoints<Model extends { readonly uuid: string }, Filters extends object, const Query extends ArgumentTable>(
  api: ApiDependencies,
  collection: Collection<Model, Filters, Query>,
): CollectionEndpoints<Filters, Query> {
  const { table, creationTable = table, path, one, many, service, listShows = 'summary' } = collection;
  const gate = collection.since === undefined ? {} : { since: collection.since };
  const presenters = presentersOf(table, ['uuid']);
  const oneSchema = recordSchema(table);
  const parameter = table.name;

  const identifierOf = ({ parameters, version }: Call<unknown, unknown>): string => collection.identify(parameters[parameter] ?? '', version);
  const show = (call: Call<unknown, unknown>, record: Model, selection: Selection = 'whole record'): JsonObject =>
    presenters(call.version, selection).present(record, viewOf(api, call));

  const list = async (call: ListCall, at: string, selection: Selection, owned: Partial<Filters>): Promise<Answer> => {
    const { base, query, version } = call;
    const page = readPage(table, query, version);
    const filters = { ...(await collection.toFilters(query as ArgumentValues<Query>, version)), ...owned };
    const presenter = presenters(version, selection);
    const records = await collection.reader.list(filters, page as Page<SortKey<Model>>, presenter.columns);
    if (records === undefined) throw collection.notFound(page.marker ?? '');
    const last = records.length === page.limit ? records.at(-1) : undefined;
    return ok({
      [table.collection]: records.map((record) => presenter.present(record as Model, viewOf(api, call))),
      ...(last === undefined ? {} : { next: nextLink({ base, path: at, table, version, query, selection, limit: page.limit, marker: last.uuid }) }),
    });
  };

  /** A list, and the same with all fields under `detail`. */
  const lists = (nested: NestedList<Filters, Query>): readonly AnyEndpoint[] => {
    const query: ArgumentTable = { ...(nested.filters as ArgumentTable | undefined), ...PAGE_ARGUMENTS };
    const shared = {
      ...gate, ...(nested.since === undefined ? {} : { since: nested.since }), method: 'GET',
      answer: { status: 200, description: `A page of ${many}.`, schema: listSchema(table) },
    } as const;
    const short = defineEndpoint({
      ...shared,
      path: `/${nested.path}`,
      summary: nested.summary,
      query: { ...query, ...SELECTION_ARGUMENTS } as ArgumentTable,
      async handle(call) {
        const asked = call as unknown as ListCall;
        const selection = readSelection(table, asked.query, call.version, listShows);
        const owner = await nested.owner(call);
        return list(asked, owner.path, selection, owner.filters);
      },
    });
    if (!collection.detailPath) return [short];
    const detail = defineEndpoint({
      ...shared,
      path: `/${nested.path}/detail`,
      summary: `${nested.summary.slice(0, -1)} with all their fields.`,
      query,
      async handle(call) {
        const owner = await nested.owner(call);
        return list(call as unknown as ListCall, `${owner.path}/detail`, 'whole record', owner.filters);
      },
    });
    return [short, detail];
  };

  const endpoints = [
    ...lists({ path, summary: `Lists ${many}.`, filters: table.filters, owner: async () => ({ filters: {}, path }) }),
    defineEndpoint({
      ...gate,
      method: 'POST',
      path: `/${path}`,
      summary: `Creates ${one}.`,
      body: creationBody(creationTable),
      answer: { status: 201, description: 'The new record; Location says where it is.', schema: oneSchema },
      async handle(call) {
        const fields = toCreation(creationTable, call.body);
        collection.check?.(fields, undefined);
        const record = await service.create(fields, call.requester);
        return { status: 201, headers: { location: `${call.base}/v1/${path}/${record.uuid}` }, body: show(call, record) };
      },
    }),
    defineEndpoint({
      ...gate,
      method: 'GET',
      path: `/${path}/:${parameter}`,
      summary: `Shows ${one}.`,
      query: { fields: SELECTION_ARGUMENTS.fields },
      answer: { status: 200, description: 'The record.', schema: oneSchema },
      async handle(call) {
        const selection = readSelection(table, call.query, call.version, 'whole record');
        return ok(show(call, await service.find(identifierOf(call)), selection));
      },
    }),
    defineEndpoint({
      ...gate, ...(collection.changeSince === undefined ? {} : { since: collection.changeSince }),
      method: 'PATCH',
      path: `/${path}/:${parameter}`,
      summary: `Changes ${one}.`,
      body: patchBody(table),
      answer: { status: 200, description: 'The record as it is now.', schema: oneSchema },
      async handle(call) {
        const edit = (present: Model): Partial<Model> => {
          const changes = toEdit(table, call.body, present, call.version);
          collection.check?.(changes, present);
          return changes;
        };
        return ok(show(call, await service.update(identifierOf(call), edit, call.requester)));
      },
    }),
    defineEndpoint({
      ...gate,
      method: 'DELETE',
      path: `/${path}/:${parameter}`,
      summary: `Deletes ${one}.`,
      answer: { status: 204, description: 'It is deleted.' },
      async handle(call) {
        await service.delete(identifierOf(call), call.requester);
        return { status: 204 };
      },
    }),
  ];
  return { endpoints, nested: lists };
}

import type { Clock, JsonObject } from '@ferric/core';
import { createRedfishClient, type RedfishClient } from '../../src/index.js';
import { type ScriptedService, startService } from './scripted-service.js';
import { type Entry, ROOT, table } from './tables.js';

export interface StaticService extends AsyncDisposable {
  readonly client: RedfishClient;
  readonly service: ScriptedService;
  /** What was sent besides reads: `PATCH /path {"a":1}`. */
  readonly changes: readonly string[];
}

/** A client and a service that gives these resources to everybody and takes every change. @param answers those that differ */
export async function staticService(resources: Readonly<Record<string, JsonObject>>, answers: Readonly<Record<string, Entry>> = {}, clock?: Clock): Promise<StaticService> {
  const reads = Object.entries({ '/redfish/v1/': ROOT, ...resources }).map(([path, body]) => [`GET ${path}`, { body }] as const);
  const fixed = table({ ...Object.fromEntries(reads), ...answers });
  const service = await startService((request, socket) => {
    const step = `${request.method} ${request.path}`;
    return request.method === 'GET' || Object.hasOwn(answers, step) ? fixed(request, socket) : { body: {} };
  });
  const client = createRedfishClient({ url: service.url, ...(clock === undefined ? {} : { clock }) });
  return {
    client,
    service,
    get changes() {
      return service.seen.filter(({ method }) => method !== 'GET').map(({ method, path, body }) => `${method} ${path}${body === undefined ? '' : ` ${JSON.stringify(body)}`}`);
    },
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]();
      await service[Symbol.asyncDispose]();
    },
  };
}

import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { FerricError, type NodeView, type SealedObject } from '@ferric/core';
import { sampleNode } from '@ferric/core/testing';
import {
  checkHeartbeat, createAgentToken, DEFAULT_AGENT_LOOKUP_SETTINGS, lookupAllowed, lookupAnswer, readAgentRecord, readInspection, readLookup,
  type InspectionReport,
} from '../../src/index.js';

/** A conductor with one node that does no more than what this package's rules say. */
export interface SmallConductor extends AsyncDisposable {
  readonly url: string;
  readonly node: NodeView;
  readonly inspections: readonly InspectionReport[];
}

const UUID = '1be26c0b-03f2-4d2e-ae87-c02d7f33c123';
const VERSION_HEADER = 'x-openstack-ironic-api-version';

export async function startSmallConductor(macAddress: string, provisionState: NodeView['provisionState']): Promise<SmallConductor> {
  let driverInternalInfo: SealedObject = {};
  const inspections: InspectionReport[] = [];
  const node = (): NodeView => sampleNode({ uuid: UUID, provisionState, driverInternalInfo });
  const learn = (facts: SealedObject): void => void (driverInternalInfo = { ...driverInternalInfo, ...facts });

  const lookup = (url: URL, version: number): unknown => {
    const { addresses, nodeUuid } = readLookup(Object.fromEntries(url.searchParams));
    if (!lookupAllowed(provisionState) || !(nodeUuid === UUID || addresses.includes(macAddress))) return undefined;
    const before = readAgentRecord(node()).token;
    const token = before ?? createAgentToken();
    const answer = lookupAnswer({
      node: node(), token: before === undefined ? token : 'already given', version, links: [],
      settings: { ...DEFAULT_AGENT_LOOKUP_SETTINGS, heartbeatTimeoutSeconds: 20 },
    });
    learn({ agent_secret_token: token });
    return answer;
  };

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://localhost');
    const version = Number(String(request.headers[VERSION_HEADER] ?? '1.1').split('.')[1]);
    const answer = async (): Promise<void> => {
      if (request.method === 'GET' && url.pathname === '/') return send(response, 200, { default_version: { id: 'v1', version: '1.84' } });
      if (request.method === 'GET' && url.pathname === '/v1/lookup') {
        const found = lookup(url, version);
        return found === undefined ? send(response, 404, {}) : send(response, 200, found);
      }
      const body: unknown = await json(request);
      if (url.pathname === '/v1/continue_inspection') {
        inspections.push(readInspection(body));
        return send(response, 202, { uuid: UUID });
      }
      const verdict = checkHeartbeat({ body, version, node: node(), record: readAgentRecord(node()), settings: { requireTls: true }, at: new Date() });
      learn(verdict.facts);
      response.writeHead(202).end();
    };
    answer().catch((error: unknown) => send(response, FerricError.is(error) && error.code === 'INVALID_OPTIONS' ? 400 : 500, { error: String(error) }));
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get node() {
      return node();
    },
    inspections,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

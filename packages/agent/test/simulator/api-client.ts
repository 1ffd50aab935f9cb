import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { text } from 'node:stream/consumers';
import type { Secret } from '@ferric/core';

// Speaks to the agent's API with nothing but Node.js: the client of this package is tested elsewhere.

/** Where an agent's API is, and what opens it. A VirtualAgent is one. */
export interface ApiPlace {
  readonly apiUrl: string | undefined;
  readonly certificate: string | undefined;
  readonly token: Secret | undefined;
}

export interface ApiAnswer {
  readonly status: number;
  readonly location: string | undefined;
  // What an answer holds is what tests look at.
  readonly body: Record<string, unknown> & { readonly commands?: readonly Record<string, unknown>[] };
}

export interface ApiCall {
  readonly method?: 'GET' | 'POST';
  readonly path: string;
  readonly body?: unknown;
  /** Default: the agent's. */
  readonly token?: string | null;
}

/** One request, which trusts exactly the agent's certificate. Rejects with the system's error. */
export async function callApi(agent: ApiPlace, { method = 'GET', path, body, token }: ApiCall): Promise<ApiAnswer> {
  const shown = token === undefined ? agent.token?.reveal() : (token ?? undefined);
  const url = new URL(`${agent.apiUrl ?? ''}${path}`);
  if (shown !== undefined) url.searchParams.set('agent_token', shown);
  const content = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
  const settings = { method, agent: false, ...(content === undefined ? {} : { headers: { 'Content-Length': Buffer.byteLength(content) } }) };
  return new Promise((resolve, reject) => {
    const request = url.protocol === 'https:' ? requestHttps(url, { ...settings, ca: agent.certificate ?? '' }) : requestHttp(url, settings);
    request.on('error', reject);
    request.on('response', (response) => {
      text(response).then((answer) => {
        resolve({ status: response.statusCode ?? 0, location: response.headers.location, body: answer === '' ? {} : (JSON.parse(answer) as ApiAnswer['body']) });
      }, reject);
    });
    request.end(content);
  });
}

/** Sends a command. */
export async function command(agent: ApiPlace, name: string, params: object = {}, wait = true): Promise<ApiAnswer> {
  return callApi(agent, { method: 'POST', path: `/v1/commands/?wait=${wait}`, body: { name, params } });
}

import { Pool } from 'undici';
import { HEADERS } from './load.ts';

const CONNECTIONS = 16;

/** Calls that must succeed, over 16 connections. */
export interface Api extends AsyncDisposable {
  /** @param path below `/v1` */
  call(method: 'GET' | 'POST' | 'PUT', path: string, body?: unknown): Promise<Record<string, unknown>>;
}

export function openApi(url: string): Api {
  const pool = new Pool(url, { connections: CONNECTIONS, pipelining: 1 });
  return {
    async call(method, path, body) {
      const response = await pool.request({ method, path: `/v1${path}`, headers: HEADERS, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
      const text = await response.body.text();
      if (response.statusCode >= 300) throw new Error(`${method} ${path} answered ${response.statusCode}: ${text}`);
      return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
    },
    [Symbol.asyncDispose]: () => pool.close(),
  };
}

import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { FerricError } from '@ferric/core';
import { run } from '@ferric/lab';
import { type IloOptions, startIlo, type VirtualIlo } from '../../src/simulator/index.js';

/** The port that some clients insist on. */
const HTTPS_PORT = 443;
const ATTEMPTS = 20;

/** Starts an iLO at port 443 of an address of its own: the whole of 127/8 is this machine. Needs the right to listen there. */
export async function startAt443(options: Omit<IloOptions, 'host' | 'port'>): Promise<VirtualIlo> {
  for (let attempt = 1; ; attempt += 1) {
    const host = `127.86.${randomInt(1, 255)}.${randomInt(1, 255)}`;
    try {
      return await startIlo({ ...options, host, port: HTTPS_PORT });
    } catch (error) {
      if (!FerricError.is(error) || error.code !== 'CONFLICT' || attempt === ATTEMPTS || error.message.includes('EACCES')) throw error;
    }
  }
}

/** A web server that has every file that it is asked for. */
export interface ImageServer extends AsyncDisposable {
  readonly url: string;
}

export async function startImageServer(): Promise<ImageServer> {
  const server = createServer((_request, response) => void response.end());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** What became of one call of a foreign client. */
export interface CallResult {
  readonly name: string;
  readonly value?: unknown;
  readonly error?: string;
  readonly message?: string;
}

/** Runs one of the clients beside this file and yields what it prints. */
export async function runClient<T>(file: string, told: Readonly<Record<string, unknown>>, timeoutMs: number): Promise<T> {
  const path = fileURLToPath(new URL(file, import.meta.url));
  return JSON.parse(await run('/usr/bin/python3', [path], { input: JSON.stringify(told), timeoutMs })) as T;
}

/** A call that cannot succeed, and why. */
export interface Failure {
  /** Which calls; the name of a call begins with it. */
  readonly calls: readonly string[];
  /** Class of the error, and a part of its text. */
  readonly error: string;
  readonly says: string;
  readonly because: string;
}

/** Compares what became of each call with the failures that are explained; yields what nobody expected. */
export function unexplained(results: readonly CallResult[], failures: readonly Failure[]): readonly string[] {
  return results.flatMap(({ name, error, message = '' }) => {
    const failure = failures.find(({ calls }) => calls.some((call) => name === call || name.startsWith(`${call}(`) || name.startsWith(`${call} `)));
    if (failure === undefined) return error === undefined ? [] : [`${name} failed: ${error}: ${message}`];
    if (error === undefined) return [`${name} succeeded, although ${failure.because}`];
    return error === failure.error && message.includes(failure.says) ? [] : [`${name} failed otherwise: ${error}: ${message}`];
  });
}

/** The value that a call yielded. */
export function valueOf(results: readonly CallResult[], name: string): unknown {
  const found = results.find((result) => result.name === name);
  if (found === undefined) throw new Error(`No call "${name}" was made`);
  return found.value;
}

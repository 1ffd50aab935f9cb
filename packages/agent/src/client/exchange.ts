import { FerricError, MASK, throwIfAborted, withDeadline, type Deadline, type JsonObject } from '@ferric/core';
import { Pool } from 'undici';
import type { AgentClientSettings } from './agent-client-options.js';
import type { KnownSecrets } from './known-secrets.js';
import { toTransportFailure, type TransportFailure } from './transport-failure.js';

/** One request to the agent. */
export interface AgentRequest {
  readonly method: 'GET' | 'POST';
  /** Below `/v1`, with its slash at the end where it has one: `/commands/`. */
  readonly path: string;
  readonly wait?: boolean;
  /** `open` is what is sent, `masked` what may be seen of it. */
  readonly body?: { readonly open: string; readonly masked: string };
  /** What it is, for people: `standby.sync`, `commands`. */
  readonly label: string;
  /** Time for it. Milliseconds. */
  readonly timeoutMs: number;
  /** The longest answer that is read. Bytes. */
  readonly limitBytes: number;
}

export interface AgentReply {
  readonly kind: 'reply';
  readonly status: number;
  readonly text: string;
}

/** Speaks HTTP with one agent. A reply of any status is a reply. */
export interface Exchanger extends AsyncDisposable {
  /** Rejects only when the deadline ends; everything else is an outcome. */
  send(request: AgentRequest, deadline: Deadline): Promise<AgentReply | TransportFailure>;
}

/** More at once than a client ever needs: one command that is waited for, and looks at the list. */
const MOST_CONNECTIONS = 4;
/** Characters of one frame of the transcript. */
const LONGEST_FRAME = 65_536;

export function createExchanger(settings: AgentClientSettings, secrets: KnownSecrets): Exchanger {
  const life = new AbortController();
  const pool = new Pool(settings.origin, {
    connections: MOST_CONNECTIONS,
    // Each exchange has its own connection. The agent's server refuses without reading the body and then takes that for the next request,
    // and a connection that it gives up at the wrong moment would leave a command in doubt.
    pipelining: 0,
    allowH2: false,
    // The deadline of the call decides; these timers run by another clock.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: {
      rejectUnauthorized: true,
      timeout: settings.commandTimeoutMs,
      // Destroying a pool lets connections that are still being made go on until that time is over; this ends them too.
      signal: life.signal,
      ...(settings.verifyCa === undefined ? {} : { ca: settings.verifyCa }),
    },
  });

  const record = (direction: 'in' | 'out', request: AgentRequest, payload: () => string): void => {
    settings.transcript?.record({
      at: settings.clock.now(), direction, peer: settings.origin, protocol: 'ipa', label: request.label,
      payload: secrets.mask(payload(), LONGEST_FRAME),
    });
  };

  const talk = async (request: AgentRequest, signal: AbortSignal): Promise<AgentReply | TransportFailure> => {
    record('out', request, () => `${request.method} ${target(settings, request, MASK)} ${request.body?.masked ?? ''}`.trimEnd());
    let answered = false;
    try {
      const response = await pool.request({
        method: request.method,
        path: target(settings, request, encodeURIComponent(settings.token.reveal())),
        headers: { accept: 'application/json', ...(request.body === undefined ? {} : { 'content-type': 'application/json' }) },
        // A text has a length, which goes into the header Content-Length.
        body: request.body?.open ?? null,
        signal,
      });
      answered = true;
      const text = await readText(response.body, request, settings);
      record('in', request, () => `${response.statusCode} ${text}`);
      return { kind: 'reply', status: response.statusCode, text };
    } catch (error) {
      throwIfAborted(signal);
      if (FerricError.is(error)) return { kind: 'failed', error, mayHaveArrived: true, again: false };
      return toTransportFailure(error, { address: settings.address, details: details(settings, request), answered, mask: secrets.mask });
    }
  };

  return {
    async send(request, deadline) {
      if (request.timeoutMs >= deadline.remainingMs()) return talk(request, deadline.signal);
      const timing = {
        what: `${request.label} of the agent at ${settings.address}`,
        defaultTimeoutMs: request.timeoutMs,
        details: details(settings, request),
        clock: settings.clock,
      };
      try {
        return await withDeadline({ signal: deadline.signal }, timing, async ({ signal }) => talk(request, signal));
      } catch (error) {
        throwIfAborted(deadline.signal);
        if (FerricError.is(error) && error.code === 'TIMEOUT') return { kind: 'failed', error, mayHaveArrived: true, again: false };
        throw error;
      }
    },
    async [Symbol.asyncDispose]() {
      life.abort();
      await pool.destroy();
    },
  };
}

function target(settings: AgentClientSettings, request: AgentRequest, token: string): string {
  const wait = request.wait === undefined ? '' : `wait=${request.wait}&`;
  return `${settings.basePath}/v1${request.path}?${wait}agent_token=${token}`;
}

function details(settings: AgentClientSettings, request: AgentRequest): JsonObject {
  return { address: settings.address, command: request.label };
}

async function readText(body: AsyncIterable<Uint8Array>, request: AgentRequest, settings: AgentClientSettings): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > request.limitBytes) {
      throw new FerricError('PROTOCOL_FAULT', `The agent at ${settings.address} answered more than ${request.limitBytes} bytes to ${request.label}`, {
        details: details(settings, request),
      });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

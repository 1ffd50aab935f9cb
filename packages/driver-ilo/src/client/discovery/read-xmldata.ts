import { FerricError, type CallOptions } from '@ferric/core';
import { checkEndpoint, type CheckedEndpoint, type RibclClientSettings } from '../ribcl/client-settings.js';
import { conduct } from '../ribcl/conduct.js';
import { exchangeOnce } from '../ribcl/https/https-exchange.js';
import { createMask } from '../ribcl/known-secrets.js';
import { decodeBody } from '../ribcl/wire/decode-body.js';
import { parseDiscoveredLicence, parseDiscoveryData, type DiscoveredLicence, type DiscoveryData } from './xmldata.js';

/** How a controller is asked without a login. */
export type DiscoverySettings = Omit<RibclClientSettings, 'username' | 'password'>;

const ANSWER_LIMIT_BYTES = 1024 * 1024;
const HTTP_OK = 200;
const HTTP_UNAVAILABLE = 503;

/**
 * What an iLO tells of itself and of its server to anybody. No credentials are sent. An operator can switch this off: UNSUPPORTED proves nothing.
 * @throws UNREACHABLE, TIMEOUT, TLS_UNTRUSTED, PROTOCOL_FAULT; UNSUPPORTED when it is not there; BUSY; INVALID_OPTIONS; the abort reason.
 */
export async function readDiscoveryData(settings: DiscoverySettings, options?: CallOptions): Promise<DiscoveryData> {
  return read(checkEndpoint(settings), 'all', parseDiscoveryData, options);
}

/** The licence that an iLO tells to anybody, where it does. Throws as {@link readDiscoveryData} does. */
export async function readDiscoveredLicence(settings: DiscoverySettings, options?: CallOptions): Promise<DiscoveredLicence> {
  return read(checkEndpoint(settings), 'CpqKey', parseDiscoveredLicence, options);
}

async function read<Result>(endpoint: CheckedEndpoint, item: string, parse: (text: string) => Result, options: CallOptions = {}): Promise<Result> {
  const { address, transcript, clock } = endpoint;
  const path = `/xmldata?item=${item}`;
  const command = `GET ${path}`;
  const mask = createMask([]);
  const record = (direction: 'in' | 'out', label: string, payload: string): void =>
    transcript?.record({ at: clock.now(), direction, peer: `https ${address}`, protocol: 'xmldata', label, payload: mask(payload) });
  return conduct(endpoint, { command, changes: false, mask, timeoutMs: endpoint.timeoutMs }, options, async (signal, progress) => {
    record('out', path, command);
    const request = { method: 'GET', path, headers: {}, label: command, limitBytes: ANSWER_LIMIT_BYTES } as const;
    const { status, body } = await exchangeOnce(endpoint.connector, endpoint.peer, request, signal, progress);
    const text = decodeBody(body);
    record('in', `answer to ${path}`, `${status} ${text}`);
    if (status === HTTP_OK) return parse(text);
    throw new FerricError(status === HTTP_UNAVAILABLE ? 'BUSY' : 'UNSUPPORTED', `The controller answered ${path} with HTTP status ${status}`, {
      details: { httpStatus: status },
      hint: 'Discovery may be switched off in the access settings of the iLO.',
    });
  });
}

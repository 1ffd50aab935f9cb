import { X509Certificate } from 'node:crypto';
import {
  FerricError, HEARTBEAT_RECORD_STATES, HEARTBEAT_WAIT_STATES, printValue, Secret, type ProvisionState, type SealedObject,
} from '@ferric/core';
import type { AgentKey, AgentRecord } from '../agent-record.js';
import { tokensMatch } from './agent-token.js';

/** Where an installation stands that its own installer drives (anaconda). */
export const AGENT_STATUSES = ['start', 'end', 'error'] as const;
export type AgentStatus = (typeof AGENT_STATUSES)[number];

/** What a heartbeat leads to: work goes on, it is only written down, or nothing. */
export type HeartbeatAction = 'act' | 'record' | 'ignore';

export interface Heartbeat {
  /** What came, parsed. Unknown fields are passed over. */
  readonly body: unknown;
  /** Minor version N of the request's microversion 1.N. */
  readonly version: number;
  /** The state of the node that it names. */
  readonly node: { readonly provisionState: ProvisionState };
  readonly record: Pick<AgentRecord, 'url' | 'token'>;
  readonly settings: HeartbeatSettings;
  /** Now. */
  readonly at: Date;
}

export interface HeartbeatSettings {
  /** Whether an agent that does not speak TLS is refused. Ironic's default is true. */
  readonly requireTls: boolean;
}

/** A heartbeat that was accepted. */
export interface HeartbeatVerdict {
  readonly action: HeartbeatAction;
  /** What to merge into `driver_internal_info`; empty when it is ignored. */
  readonly facts: { readonly [Key in AgentKey]?: string };
  readonly status?: AgentStatus;
}

/**
 * Decides on `POST /v1/heartbeat/{node}`. The answer to one that is accepted is 202, whatever its action is.
 * @throws INVALID_OPTIONS in Ironic's words, for all that Ironic answers with 400.
 * Source: Ironic, ironic/api/controllers/v1/ramdisk.py (HeartbeatController.post), ironic/conductor/manager.py (heartbeat).
 */
export function checkHeartbeat({ body, version, node, record, settings, at }: Heartbeat): HeartbeatVerdict {
  const fields = readFields(body);
  refuseNewerFields(fields, version);
  const url = checkCallbackUrl(fields, record.url, settings);
  if (fields.agent_token === undefined) throw refusal('Agent token is required for heartbeat processing.');
  if (!tokensMatch(record.token, new Secret(fields.agent_token))) throw refusal('Invalid or missing agent token received.');
  const status = checkStatus(fields.agent_status);
  if (fields.agent_version === undefined && status === undefined) {
    throw refusal('Agent did not transmit a version, and a version is required. Please update the agent being used.');
  }
  checkCertificate(fields.agent_verify_ca);

  const action = heartbeatAction(node.provisionState);
  const told = {
    agent_url: url,
    agent_version: fields.agent_version,
    agent_verify_ca: fields.agent_verify_ca,
    agent_status: status,
    agent_status_message: fields.agent_status_message,
  };
  const facts = action === 'ignore' ? {} : { ...withoutUndefined(told), agent_last_heartbeat: at.toISOString() };
  return { action, facts, ...(status === undefined ? {} : { status }) };
}

/** What a heartbeat leads to in a state. */
export function heartbeatAction(state: ProvisionState): HeartbeatAction {
  if (HEARTBEAT_WAIT_STATES.has(state)) return 'act';
  return HEARTBEAT_RECORD_STATES.has(state) ? 'record' : 'ignore';
}

interface FieldRule {
  /** First minor version that knows the field. */
  readonly since: number;
  /** Longest text that is accepted. Characters. */
  readonly longest: number;
  /** What Ironic says to it when the version is too old. */
  readonly refusal: string;
}

const STATUS_REFUSAL = 'Fields "agent_status" and "agent_status_message" not recognised.';

const FIELDS = {
  callback_url: { since: 22, longest: 2048, refusal: 'Field "callback_url" not recognised' },
  agent_version: { since: 36, longest: 255, refusal: 'Field "agent_version" not recognised' },
  agent_token: { since: 62, longest: 1024, refusal: 'Field "agent_token" not recognised' },
  agent_verify_ca: { since: 68, longest: 65_536, refusal: 'Field "agent_verify_ca" not recognised in this version' },
  agent_status: { since: 72, longest: 255, refusal: STATUS_REFUSAL },
  agent_status_message: { since: 72, longest: 65_536, refusal: STATUS_REFUSAL },
} as const satisfies Record<string, FieldRule>;
type FieldName = keyof typeof FIELDS;
type Fields = { readonly [Name in FieldName]?: string };

const FIELD_NAMES = Object.keys(FIELDS) as FieldName[];

function readFields(body: unknown): Fields {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw refusal('A heartbeat must be a JSON object.');
  const came = body as SealedObject;
  return Object.fromEntries(
    FIELD_NAMES.flatMap((name) => {
      const text = readText(name, came[name]);
      return text === undefined ? [] : [[name, text]];
    }),
  );
}

/** A body that was sealed on its way is as good as a plain one. */
function readText(name: FieldName, value: unknown): string | undefined {
  const clear: unknown = Secret.is(value) ? value.reveal() : value;
  if (clear === undefined || clear === null) return undefined;
  if (typeof clear !== 'string') throw refusal(`Expected string for ${name}${name === 'agent_token' ? '' : `: ${printValue(clear)}`}`);
  if (clear.length > FIELDS[name].longest) throw refusal(`Field "${name}" is longer than ${FIELDS[name].longest} characters`);
  return clear;
}

function refuseNewerFields(fields: Fields, version: number): void {
  const newer = FIELD_NAMES.find((name) => fields[name] !== undefined && version < FIELDS[name].since);
  if (newer !== undefined) {
    throw refusal(FIELDS[newer].refusal, `Send it with the header X-OpenStack-Ironic-API-Version: 1.${FIELDS[newer].since} or a later version.`);
  }
}

/** The address as it is recorded; undefined for the installer that is not called back. */
function checkCallbackUrl(fields: Fields, recorded: string | undefined, settings: HeartbeatSettings): string | undefined {
  const url = fields.callback_url;
  if (url === undefined) throw refusal('Missing mandatory parameter: callback_url');
  const oneWay = url === '' && fields.agent_status !== undefined;
  if (!oneWay && !isCallbackUrl(url)) {
    throw refusal('An issue with the supplied "callback_url" has been detected.', 'It must be an http or https address without a user name.');
  }
  if (recorded !== undefined && recorded !== url) {
    throw refusal(
      'Detected change in ramdisk provided "callback_url"',
      'The agent of this boot reported another address before. If the machine was reset by hand, have the conductor switch it off and on.',
    );
  }
  if (oneWay) return undefined;
  if (settings.requireTls && !/^https:/i.test(url)) {
    throw refusal('TLS is required by configuration', 'Boot a newer agent, which makes its own certificate, or allow agents without TLS.');
  }
  return url;
}

function isCallbackUrl(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && ['http:', 'https:'].includes(url.protocol) && /^https?:\/\/[^/]/i.test(text)
    && url.username === '' && url.password === '' && url.search === '' && url.hash === '';
}

function checkStatus(status: string | undefined): AgentStatus | undefined {
  if (status === undefined) return undefined;
  const known = AGENT_STATUSES.find((name) => name === status);
  if (known === undefined) throw refusal(`Agent status is invalid. Valid states are ${AGENT_STATUSES.join(',')}.`);
  return known;
}

/** What is no certificate would make every later call to this agent fail, with a worse explanation. */
function checkCertificate(pem: string | undefined): void {
  if (pem === undefined) return;
  try {
    void new X509Certificate(pem);
  } catch (error) {
    throw refusal('Field "agent_verify_ca" holds no certificate', 'It must be a certificate in PEM, as the agent makes it.', error);
  }
}

function withoutUndefined<T extends Record<string, string | undefined>>(values: T): { readonly [Key in keyof T]?: string } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as { readonly [Key in keyof T]?: string };
}

function refusal(message: string, hint?: string, cause?: unknown): FerricError {
  return new FerricError('INVALID_OPTIONS', message, { ...(hint === undefined ? {} : { hint }), ...(cause === undefined ? {} : { cause }) });
}

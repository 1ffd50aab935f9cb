import { type NodeChanges, type NodeView, type Sealed, Secret } from '@ferric/core';

/**
 * What `driver_internal_info` knows of the agent that runs on a machine now. Names as Ironic's, but for `agent_conductor_url`.
 * Source: Ironic, ironic/conductor/utils.py (wipe_internal_info_on_power_off) and ironic/drivers/modules/agent_base.py (heartbeat).
 */
export const AGENT_KEYS = [
  'agent_url', 'agent_secret_token', 'agent_version', 'agent_verify_ca', 'agent_last_heartbeat', 'agent_status', 'agent_status_message',
  'agent_conductor_url', 'agent_cached_deploy_steps', 'agent_cached_clean_steps',
] as const;
export type AgentKey = (typeof AGENT_KEYS)[number];

/**
 * The changes that make the conductor forget the agent. They must be kept BEFORE a machine is switched off or reset: an agent that
 * comes up while the old token is still on record gets no token of its own and never gets through.
 */
export const AGENT_FORGOTTEN: NodeChanges = Object.freeze({
  driverInternalInfo: Object.freeze(Object.fromEntries(AGENT_KEYS.map((key) => [key, null]))),
});

/**
 * A token that was laid into what the machine boots, for its agent alone. It becomes that of the agent when it looks its node up, and outlives
 * power commands: the next agent from the same medium has it too. Ironic keeps it in `agent_secret_token` at once.
 */
export const EMBEDDED_TOKEN = 'agent_embedded_token';

/**
 * Key of driver_internal_info: the machine was seen off for a start that is prepared, and only switching it on is left. While it is set nothing is cut
 * off: the answer to `power on` may be lost, and what runs then is what was to start. Whoever ends the work on a node drops it.
 */
export const OFF_FOR_START = 'agent_off_for_start';

/** What is known of the agent on a machine. What is missing or unusable is undefined. */
export interface AgentRecord {
  /** Where its API listens: an http or https address. */
  readonly url: string | undefined;
  readonly token: Secret | undefined;
  /** The token that the agent of the next boot, or of this one, was given by its medium. */
  readonly embeddedToken: Secret | undefined;
  /** PEM text of its certificate; the only one that its API may show. */
  readonly verifyCa: string | undefined;
  readonly version: string | undefined;
  readonly lastHeartbeatAt: Date | undefined;
  /** The address under which the machine reached the conductor: `http://192.0.2.1:6385`. */
  readonly conductorUrl: string | undefined;
}

/** Reads the facts that lookup and heartbeats left on a node. Never throws: a value of another kind counts as missing. */
export function readAgentRecord(node: Pick<NodeView, 'driverInternalInfo'>): AgentRecord {
  const text = (key: AgentKey): string | undefined => readText(node.driverInternalInfo[key]);
  const secret = (key: AgentKey | typeof EMBEDDED_TOKEN): Secret | undefined => {
    const clear = readText(node.driverInternalInfo[key]);
    return clear === undefined ? undefined : new Secret(clear);
  };
  return {
    url: readAddress(text('agent_url')),
    token: secret('agent_secret_token'),
    embeddedToken: secret(EMBEDDED_TOKEN),
    verifyCa: text('agent_verify_ca'),
    version: text('agent_version'),
    lastHeartbeatAt: readTime(text('agent_last_heartbeat')),
    conductorUrl: readAddress(text('agent_conductor_url')),
  };
}

function readText(value: Sealed | undefined): string | undefined {
  const clear: unknown = Secret.is(value) ? value.reveal() : value;
  return typeof clear === 'string' && clear !== '' ? clear : undefined;
}

function readAddress(text: string | undefined): string | undefined {
  const url = text === undefined ? null : URL.parse(text);
  return url !== null && ['http:', 'https:'].includes(url.protocol) ? text : undefined;
}

/** Ironic writes UTC without saying so, which Date would read as the time of this place. */
function readTime(text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const time = new Date(/T[\d:.]+$/.test(text) ? `${text}Z` : text);
  return Number.isNaN(time.getTime()) ? undefined : time;
}

import {
  FerricError, isUuid, LOOKUP_ALLOWED_STATES, MASK, maskSealed, normalizeMacAddress, printValue,
  type JsonObject, type JsonValue, type NodeView, type ProvisionState, type Secret,
} from '@ferric/core';

/** What an agent that looks for its node tells of itself. At least one of the two names something. */
export interface LookupQuery {
  /** Its MAC addresses, lower case with colons, each once. */
  readonly addresses: readonly string[];
  /** Wins over the addresses. Lower case. */
  readonly nodeUuid?: string;
}

/**
 * Reads the query of `GET /v1/lookup`. What is no MAC address, such as an InfiniBand GUID, is passed over; unknown parameters too.
 * @param query as a server parses it: a parameter that came several times is a list
 * @throws INVALID_OPTIONS in Ironic's words, when nothing usable came or `node_uuid` is none.
 * Source: Ironic, ironic/api/controllers/v1/ramdisk.py (LookupController.get_all).
 */
export function readLookup(query: Readonly<Record<string, unknown>>): LookupQuery {
  const nodeUuid = readNodeUuid(query['node_uuid']);
  const texts = [query['addresses']].flat().filter((value): value is string => typeof value === 'string');
  const addresses = validMacAddresses(texts.flatMap((text) => text.split(',')));
  if (nodeUuid !== undefined) return { addresses, nodeUuid };
  if (addresses.length > 0) return { addresses };
  throw new FerricError('INVALID_OPTIONS', "At least one of 'addresses' and 'node_uuid' parameters is required", {
    hint: 'Send the MAC addresses of the machine as addresses=52:54:00:cf:2d:31,... or the UUID of its node as node_uuid.',
  });
}

/** The canonical forms of the MAC addresses among these texts, each once, in their order. */
export function validMacAddresses(texts: readonly string[]): readonly string[] {
  return [...new Set(texts.flatMap((text) => normalizeMacAddress(text.trim()) ?? []))];
}

/** Whether an agent may learn which node it is and get its token. A refusal must look like an unknown node. */
export function lookupAllowed(state: ProvisionState): boolean {
  return LOOKUP_ALLOWED_STATES.has(state);
}

/** What agents are told of themselves. */
export interface AgentLookupSettings {
  /** The agent reports after 0.3 to 0.6 of this time. Seconds, default 300. */
  readonly heartbeatTimeoutSeconds: number;
  /** Whether MD5 checksums of images count. Default false. */
  readonly allowMd5Checksum: boolean;
  /** Whether the agent trusts the declared format of an image without looking into it. Default false. */
  readonly disableDeepImageInspection: boolean;
  /** Formats of images that the agent takes. Default raw, gpt, qcow2, iso. */
  readonly permittedImageFormats: readonly string[];
  /** True: the agent does not look for the machine's BMC, and its inventory has none. Default false. */
  readonly skipBmcDetection: boolean;
  /** Whether whole-disk images of BIOS machines get a boot loader too. Default false. */
  readonly enableBiosBootloaderInstall: boolean;
  /** `1.2`, `1.3`. The agent's own server takes it too, and breaks when its OpenSSL lacks it: left out of the answer by default. */
  readonly tlsMinimumVersion?: string | undefined;
  /** Cipher suites of TLS 1.2 and below, OpenSSL's names with colons. Left out of the answer by default. */
  readonly tlsCipherSuites?: string | undefined;
}

/** Defaults of {@link AgentLookupSettings}: those of Ironic, but for what it leaves to old agents. */
export const DEFAULT_AGENT_LOOKUP_SETTINGS: AgentLookupSettings = {
  heartbeatTimeoutSeconds: 300,
  allowMd5Checksum: false,
  disableDeepImageInspection: false,
  permittedImageFormats: ['raw', 'gpt', 'qcow2', 'iso'],
  skipBmcDetection: false,
  enableBiosBootloaderInstall: false,
};

/** First minor version whose lookups answer with a token. */
export const TOKEN_SINCE = 62;

export interface LookupAnswer {
  readonly node: Pick<NodeView, 'uuid' | 'properties' | 'instanceInfo' | 'driverInternalInfo'>;
  /** The token, at the first lookup of a boot; any later one must not tell it again. */
  readonly token: Secret | 'already given';
  /** Minor version N of the request's microversion 1.N. */
  readonly version: number;
  readonly settings: AgentLookupSettings;
  /** As the API shows them with any node. */
  readonly links: readonly JsonValue[];
}

/**
 * The body of a lookup's answer, and of an inspection's from 1.84 on. It holds the token IN CLEAR, for it is what goes to the agent:
 * send it, and let no log see it. All other secrets of the node are `******`.
 * Source: Ironic, ironic/api/controllers/v1/ramdisk.py (config, convert_with_links).
 */
export function lookupAnswer({ node, token, version, settings, links }: LookupAnswer): JsonObject {
  return {
    node: {
      uuid: node.uuid,
      // The agent calls methods of these three: an object must stand there.
      properties: maskSealed(node.properties),
      instance_info: maskSealed(node.instanceInfo),
      driver_internal_info: maskSealed(node.driverInternalInfo),
      links,
    },
    config: {
      ...METRICS,
      heartbeat_timeout: settings.heartbeatTimeoutSeconds,
      ...(version >= TOKEN_SINCE ? { agent_token: token === 'already given' ? MASK : token.reveal() } : {}),
      agent_token_required: true,
      agent_md5_checksum_enable: settings.allowMd5Checksum,
      disable_deep_image_inspection: settings.disableDeepImageInspection,
      permitted_image_formats: settings.permittedImageFormats,
      agent_skip_bmc_detect: settings.skipBmcDetection,
      enable_bios_bootloader_install: settings.enableBiosBootloaderInstall,
      ...(settings.tlsMinimumVersion === undefined ? {} : { tls_min_version: settings.tlsMinimumVersion }),
      ...(settings.tlsCipherSuites === undefined ? {} : { tls_cipher_suites: settings.tlsCipherSuites }),
    },
  };
}

/** The agent's metrics stay where they are: nothing collects them. Old agents fail without these keys. */
const METRICS: JsonObject = {
  metrics: { backend: 'noop', prepend_host: false, prepend_uuid: false, prepend_host_reverse: true, global_prefix: null },
  metrics_statsd: { statsd_host: 'localhost', statsd_port: 8125 },
};

function readNodeUuid(value: unknown): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value === 'string' && isUuid(value)) return value.toLowerCase();
  throw new FerricError('INVALID_OPTIONS', `Expected UUID for node_uuid: ${printValue(value)}`);
}

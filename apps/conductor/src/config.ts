import { readFile } from 'node:fs/promises';
import { homedir, hostname } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_AGENT_STRATEGY_SETTINGS, type AddedPorts } from '@ferric/agent';
import { BOOT_MODES, FerricError, invalidOptions, isSecretKey, printValue, Secret, type OptionIssue } from '@ferric/core';
import { DEFAULT_BOOT_SETTINGS } from '@ferric/ipxe-config';
import { z } from 'zod';

const milliseconds = z.coerce.number().int().min(1);
const list = z.union([z.array(z.string()), z.string().transform((text) => text.split(',').map((name) => name.trim()).filter((name) => name !== ''))]);
/** A boot file: something that machines load from elsewhere, or a file that this conductor serves. */
const bootFile = z.string().regex(/^(https?:\/\/[^\s/]|file:\/\/\/)\S+$/, 'an address such as https://images.example/kernel or file:///srv/images/kernel');
const filePath = z.string().min(1, 'the path of a file');
const callbackTimeout = milliseconds.default(1_800_000);
const addedPorts = ['pxe', 'active', 'all', 'disabled'] as const satisfies readonly AddedPorts[];
const priority = z.coerce.number().int().min(0).max(10_000).optional();
const truth = z.union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')]);

/**
 * Every setting of a conductor: one name in the config file, `--kebab-case` on the command line, `FERRIC_UPPER_CASE`
 * in the environment. The command line wins over the environment, the environment over the file.
 */
export const configSchema = z.strictObject({
  host: z.string().default('127.0.0.1').describe('Address to listen on.'),
  port: z.coerce.number().int().min(0).max(65535).default(6385).describe('TCP port to listen on; 0 takes a free one.'),
  dataDir: z
    .string()
    .default(join(homedir(), '.local', 'share', 'ferric'))
    .describe('Folder of the embedded database. Not used with --database-url, but for local files.'),
  databaseUrl: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'a URL such as postgresql://user@127.0.0.1/ferric')
    .transform((text) => new Secret(text))
    .optional()
    .describe('PostgreSQL to share among several conductors; without it the embedded SQLite is used.'),
  project: z.string().default('.').describe('Folder whose package.json lists the driver packages.'),
  drivers: list.optional().describe('Driver packages to load, instead of the dependencies of the project.'),
  conductorName: z.string().min(1).max(255).default(hostname()).describe('Name of this conductor, as clients see it.'),
  conductorGroup: z.string().default('').describe('Conductor group, as clients see it.'),
  publicEndpoint: z.url().optional().describe('Base of the links in answers; without it the address of each request.'),
  allowUnauthenticated: truth.default(false).describe('Listen on an address beyond this machine without authentication.'),
  auth: z.enum(['none', 'http_basic']).default('none').describe('Who may use the API: everybody who reaches it (none), or the users in the file of --htpasswd (http_basic).'),
  htpasswd: filePath.optional().describe("Apache's user file with bcrypt hashes (htpasswd -B). It is read again when it changes."),
  tlsCert: filePath.optional().describe('Certificate in PEM, with those between it and its authority: the API speaks HTTPS. It is read again when it changes.'),
  tlsKey: filePath.optional().describe('Private key of the certificate in PEM, without a passphrase.'),
  logLevel: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info').describe('What is logged, to standard error.'),
  workers: z.coerce.number().int().min(1).max(1000).default(64).describe('Pieces of work at the same time.'),
  lockWaitMs: milliseconds.default(1000).describe('How long a request waits for the lock of a node.'),
  deviceTimeoutMs: milliseconds.default(30_000).describe('Longest time for one call to a controller that a client waits for.'),
  powerChangeTimeoutMs: milliseconds.default(60_000).describe('Time in which a machine must reach a power state.'),
  softPowerOffTimeoutMs: milliseconds.default(600_000).describe('The same for soft power off and soft reboot.'),
  outagePatienceMs: z.coerce.number().int().min(0).max(86_400_000).default(900_000).describe('How long each part of deploying, cleaning, inspecting, rescuing, unrescuing, adopting and tearing down waits in all for a controller that does not answer, before it fails; 0 fails at once.'),
  deployCallbackTimeoutMs: callbackTimeout.describe('Time that a machine has to report while it is deployed.'),
  cleanCallbackTimeoutMs: callbackTimeout.describe('Time that a machine has to report while it is cleaned.'),
  inspectCallbackTimeoutMs: callbackTimeout.describe('Time that a machine has to report while it is inspected.'),
  rescueCallbackTimeoutMs: callbackTimeout.describe('Time that a machine has to report until it is rescued.'),
  deployKernel: bootFile.optional().describe('Kernel of the deploy agent, for nodes that name none (driver_info deploy_kernel).'),
  deployRamdisk: bootFile.optional().describe('Ramdisk of the deploy agent, for nodes that name none (driver_info deploy_ramdisk).'),
  rescueKernel: bootFile.optional().describe('Kernel of the rescue agent, for nodes that name none (driver_info rescue_kernel).'),
  rescueRamdisk: bootFile.optional().describe('Ramdisk of the rescue agent, for nodes that name none (driver_info rescue_ramdisk).'),
  deployIso: bootFile.optional().describe('ISO image of the deploy agent for virtual media, for nodes that name none (driver_info deploy_iso).'),
  rescueIso: bootFile.optional().describe('ISO image for rescuing by virtual media, for nodes that name none (driver_info rescue_iso).'),
  bootloader: bootFile.optional().describe('Image of an EFI system partition for virtual media that are made of kernel and ramdisk, for nodes that name none (driver_info bootloader); without it one with GRUB is made.'),
  mediaEndpoint: z.url({ protocol: /^https?$/ }).optional().describe('Base of the addresses from which controllers, and firmware that boots over HTTPS, load media; without it the public endpoint, or the address that is listened on.'),
  mediaCa: filePath.optional().describe('Certificates in PEM that firmware is told to trust when it boots over HTTPS, besides that of --tls-cert. The file is read again when it changes.'),
  defaultBootMode: z.enum(BOOT_MODES).optional().describe('Firmware mode of machines whose nodes do not name one; without it the one that they are in.'),
  kernelAppendParams: z.string().default(DEFAULT_BOOT_SETTINGS.kernelAppendParams).describe('Kernel parameters for every boot of a kernel by network or virtual media, for nodes that name none (driver_info kernel_append_params).'),
  bootAttempts: z.coerce.number().int().min(1).max(100).default(DEFAULT_BOOT_SETTINGS.attempts).describe('How often a machine tries to load its kernel and ramdisk.'),
  bootFileTimeoutMs: z.coerce.number().int().min(0).max(3_600_000).default(DEFAULT_BOOT_SETTINGS.fileTimeoutMs).describe('Time that a machine gives one boot file; 0 leaves it to iPXE, which gives up when nothing comes any more.'),
  allowBootShell: truth.default(DEFAULT_BOOT_SETTINGS.allowShell).describe('Offer the iPXE shell on the screen of a machine that cannot boot: whoever stands at it can boot anything.'),
  localBootExitCode: z.coerce.number().int().min(0).max(255).default(DEFAULT_BOOT_SETTINGS.localBootExitCode).describe('Exit code by which iPXE hands over to the local disk; some firmware wants 1.'),
  imageDirs: list.default([]).describe('Folders whose files machines may load: boot files and images that are given as file:///...'),
  agentHeartbeatTimeoutMs: z.coerce.number().int().min(1000).max(3_600_000).default(300_000).describe('Longest time between two reports of a deploy agent.'),
  agentRequireTls: truth.default(true).describe('Refuse deploy agents whose own API has no TLS.'),
  agentCommandAttempts: z.coerce.number().int().min(1).max(10).default(3).describe('How often a command to a deploy agent is tried that does not reach it.'),
  agentPowerOffGraceMs: z.coerce.number().int().min(0).max(3_600_000).default(DEFAULT_AGENT_STRATEGY_SETTINGS.powerOffGraceMs).describe('Time after which a machine counts as off whose power cannot be read, once its agent was told to switch it off and fell silent.'),
  agentSilenceProbeMs: milliseconds.default(DEFAULT_AGENT_STRATEGY_SETTINGS.silenceProbeMs).describe('Pause between two looks whether such an agent fell silent; two in a row that find nobody are silence.'),
  powerOffAfterDeployFailure: truth.default(DEFAULT_AGENT_STRATEGY_SETTINGS.powerOffAfterFailure).describe('Switch a machine off when its deployment failed; false leaves the deploy agent running, to look at.'),
  eraseDevicesPriority: priority.describe('Priority of the clean step erase_devices, which wipes whole disks; 0 leaves it out. Without it the agent decides.'),
  eraseDevicesMetadataPriority: priority.describe('The same of erase_devices_metadata, which wipes partition tables only.'),
  inspectionAddPorts: z.enum(addedPorts).default(DEFAULT_AGENT_STRATEGY_SETTINGS.addPorts).describe('Which network interfaces that an inspection finds become ports: the one it booted from (pxe), those with an IP address (active), all, or none (disabled).'),
  scriptsPerMinute: z.coerce.number().int().min(1).max(100_000).default(60).describe('Boot scripts that one address gets in a minute.'),
  automatedClean: truth.default(false).describe('Clean nodes before they become available, where the node does not say otherwise.'),
  powerSyncIntervalMs: z.coerce.number().int().min(0).default(120_000).describe('Time between two readings of all power states; 0 switches them off.'),
  powerSyncWorkers: z.coerce.number().int().min(1).max(1000).default(32).describe('Controllers that are read at the same time.'),
  powerSyncTimeoutMs: milliseconds.default(10_000).describe('Longest time for one reading.'),
  powerSyncMaxFailures: z.coerce.number().int().min(1).default(3).describe('Failed readings in a row after which a node goes into maintenance.'),
  powerSyncForce: truth.default(false).describe('Set machines back to the power state that was last requested.'),
  powerRecoveryIntervalMs: milliseconds.default(300_000).describe('Time between two looks at nodes whose controller was given up.'),
  reconcileIntervalMs: milliseconds.default(10_000).describe('Time between two comparisons of promised and running work.'),
  keepEventsDays: z.coerce.number().min(1).default(90).describe('How long the history of nodes is kept.'),
  keepEventsPerNode: z.coerce.number().int().min(10).default(1000).describe('How many entries of history a node keeps.'),
  drainTimeoutMs: milliseconds.default(10_000).describe('How long a stopping conductor waits for requests in flight.'),
});

export type ConductorConfig = z.output<typeof configSchema>;
export type ConfigName = keyof ConductorConfig & string;

/** Names of all settings. */
export const CONFIG_NAMES = Object.keys(configSchema.shape) as readonly ConfigName[];

/** `dataDir` -> `data-dir`. */
export function optionName(name: ConfigName): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** `dataDir` -> `FERRIC_DATA_DIR`. */
export function variableName(name: ConfigName): string {
  return `FERRIC_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

export interface ConfigSources {
  /** From the command line. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** A JSON file; default none. */
  readonly file?: string | undefined;
}

/**
 * The settings in force.
 * @throws INVALID_OPTIONS naming each bad setting and where it came from.
 */
export async function readConfig(sources: ConfigSources): Promise<ConductorConfig> {
  const file = sources.file === undefined ? {} : await readConfigFile(sources.file);
  const environment = Object.fromEntries(
    CONFIG_NAMES.flatMap((name) => {
      const value = sources.environment[variableName(name)];
      return value === undefined || value === '' ? [] : [[name, value]];
    }),
  );
  const result = configSchema.safeParse({ ...file, ...environment, ...sources.options });
  if (!result.success) {
    throw invalidOptions('Configuration', result.error.issues.map((issue) => toIssue(issue, { file, environment, options: sources.options })));
  }
  return result.data;
}

async function readConfigFile(path: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
  } catch (error) {
    throw new FerricError('INVALID_OPTIONS', `Cannot read the config file ${path}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

function toIssue(
  issue: z.core.$ZodIssue,
  layers: { readonly file: Readonly<Record<string, unknown>>; readonly environment: Readonly<Record<string, unknown>>; readonly options: Readonly<Record<string, unknown>> },
): OptionIssue {
  if (issue.code === 'unrecognized_keys') {
    return { field: issue.keys.join(', '), problem: 'unknown', expected: `known settings are ${CONFIG_NAMES.join(', ')}` };
  }
  const name = String(issue.path[0]) as ConfigName;
  const [value, source] =
    name in layers.options ? [layers.options[name], `--${optionName(name)}`] : name in layers.environment ? [layers.environment[name], variableName(name)] : [layers.file[name], name];
  const expected = issue.message.replace(/^Invalid input: expected /, '').replace(/^Too (big|small): expected /, '');
  const hidden = isSecretKey(name) || name === 'databaseUrl';
  return { field: source, problem: 'invalid', expected, ...(hidden ? {} : { received: printValue(value) }) };
}

const LOOPBACK = /^(127\.\d+\.\d+\.\d+|::1|localhost)$/;

/**
 * Nobody may reach the API from other machines without authentication unless the operator said so.
 * @throws INVALID_OPTIONS naming the setting.
 */
export function checkExposure(config: Pick<ConductorConfig, 'host' | 'allowUnauthenticated' | 'auth'>): void {
  if (LOOPBACK.test(config.host) || config.allowUnauthenticated || config.auth !== 'none') return;
  throw invalidOptions('Configuration', [
    {
      field: '--host',
      problem: 'invalid',
      expected: 'an address of this machine only (127.0.0.1, ::1), or --auth http_basic or --allow-unauthenticated must be given: everybody who reaches the port could switch machines off',
      received: printValue(config.host),
    },
  ]);
}

/** What is allowed but should be known: passwords that others can read on the way; undefined when there is nothing. */
export function exposureWarning(config: Pick<ConductorConfig, 'host' | 'auth' | 'tlsCert'>): string | undefined {
  if (LOOPBACK.test(config.host) || config.auth === 'none' || config.tlsCert !== undefined) return undefined;
  return 'Passwords cross the network readable by others: give --tls-cert and --tls-key, or listen on 127.0.0.1 behind a proxy that speaks TLS';
}

/**
 * Settings that only make sense together.
 * @throws INVALID_OPTIONS naming what is missing.
 */
export function checkCompanions({ auth, htpasswd, tlsCert, tlsKey }: Pick<ConductorConfig, 'auth' | 'htpasswd' | 'tlsCert' | 'tlsKey'>): void {
  const issues: readonly (OptionIssue | false)[] = [
    auth === 'http_basic' && htpasswd === undefined && { field: '--htpasswd', problem: 'missing', expected: 'the file with the users for --auth http_basic; make it with: htpasswd -B -c FILE USER' },
    auth !== 'http_basic' && htpasswd !== undefined && { field: '--auth', problem: 'invalid', expected: 'http_basic where --htpasswd is given', received: printValue(auth) },
    tlsCert !== undefined && tlsKey === undefined && { field: '--tls-key', problem: 'missing', expected: 'the file with the private key of --tls-cert' },
    tlsCert === undefined && tlsKey !== undefined && { field: '--tls-cert', problem: 'missing', expected: 'the file with the certificate of --tls-key' },
  ];
  const wrong = issues.filter((issue) => issue !== false);
  if (wrong.length > 0) throw invalidOptions('Configuration', wrong);
}

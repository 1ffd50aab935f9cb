import { FerricError, withDeadline } from '@ferric/core';
import { dnsmasqExample } from '@ferric/ipxe-config';
import { Command, Option } from 'commander';
import { CONFIG_NAMES, configSchema, optionName, readConfig, variableName, type ConductorConfig } from './config.js';
import { startConductor } from './conductor.js';
import { createLogger } from './logger.js';
import { SOFTWARE_VERSION } from './software-version.js';
import { listenForStop } from './stop-signal.js';

/** Builds the command line: `ferric-conductor serve` (the default), `ferric-conductor demo` and `ferric-conductor dhcp-example`. */
function createCommandLine(): Command {
  const program = new Command('ferric-conductor')
    .description('Enrols, powers and deploys machines through the REST API of OpenStack Ironic.')
    .version(SOFTWARE_VERSION);
  const serve = new Command('serve').description('Runs a conductor until it is told to stop (SIGTERM, Ctrl-C).');
  addConfigOptions(serve).action(async (options: Record<string, unknown>) => {
    const { config: file, ...rest } = options;
    await runServer(await readConfig({ options: rest, environment: process.env, file: file as string | undefined }));
  });
  const demo = new Command('demo')
    .description('Starts a conductor with a virtual rack and takes every machine through its life.')
    .option('--once', 'stop when the machines are through, with exit status 0 when all succeeded')
    .option('--port <port>', 'TCP port of the API; a free one when it is taken', '6385')
    .option('--project <folder>', 'folder whose package.json lists the driver packages', '.')
    .action(async (options: { once?: boolean; port: string; project: string }) => {
      const { runDemo } = await import('./demo/run-demo.js');
      process.exitCode = await runDemo({ once: options.once === true, port: Number(options.port), project: options.project });
    });
  const dhcpExample = new Command('dhcp-example')
    .description('Prints a configuration of dnsmasq for machines that boot from the network by this conductor.')
    .option('--url <url>', 'address under which the machines reach the conductor', 'http://192.0.2.1:6385')
    .option('--driver <name>', 'hardware type of the nodes')
    .option('--interface <name>', 'network interface of the machines')
    .action((options: { url: string; driver?: string; interface?: string }) => {
      const { url, ...others } = options;
      process.stdout.write(dnsmasqExample({ apiUrl: url, ...others }));
    });
  return program.addCommand(serve, { isDefault: true }).addCommand(demo).addCommand(dhcpExample);
}

function addConfigOptions(command: Command): Command {
  command.option('--config <file>', 'JSON file with any of these settings, in camelCase');
  for (const name of CONFIG_NAMES) {
    const field = configSchema.shape[name];
    const preset = field.safeParse(undefined);
    const text = preset.success && preset.data !== undefined ? ` (default: ${JSON.stringify(preset.data)})` : '';
    // No default here: commander must not hide what the environment or the file say.
    const flags = typeof (preset.success ? preset.data : undefined) === 'boolean' ? `--${optionName(name)} [true|false]` : `--${optionName(name)} <value>`;
    command.addOption(new Option(flags, `${field.description ?? ''}${text} [${variableName(name)}]`));
  }
  return command;
}

async function runServer(config: ConductorConfig): Promise<void> {
  const logger = createLogger(config.logLevel, config.conductorName);
  using stop = listenForStop();
  const conductor = await startConductor(config, { logger });
  process.stdout.write(`Ferric conductor listening on ${conductor.url}\n`);
  logger.info({ url: conductor.url, dataDir: config.dataDir, refused: conductor.refused }, 'Conductor started');
  logger.info({ signal: await stop.received }, 'Stopping');
  await withDeadline(undefined, { what: 'Stopping the conductor', defaultTimeoutMs: config.drainTimeoutMs }, () => conductor.close()).catch(
    (error: unknown) => logger.warn({ error }, 'Stopped before everything was finished; work goes on with the next start'),
  );
  process.exit(0);
}

/** Runs the command line and turns a bad configuration into one readable message. */
export async function main(args: readonly string[]): Promise<void> {
  try {
    await createCommandLine().parseAsync([...args], { from: 'user' });
  } catch (error) {
    const text = FerricError.is(error) ? `${error.message}${error.hint === undefined ? '' : `\n${error.hint}`}` : error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stderr.write(`ferric-conductor: ${text}\n`);
    process.exitCode = FerricError.is(error) && error.code === 'INVALID_OPTIONS' ? 2 : 1;
  }
}

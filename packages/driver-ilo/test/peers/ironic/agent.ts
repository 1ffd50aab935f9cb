import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { findTool, run } from '@ferric/lab';
import type { Fields, IronicApi } from './ironic-api.js';

/** What a machine that booted the deploy ISO found in its drives. */
export interface Booted {
  readonly floppyImage: string | undefined;
  readonly macAddresses: readonly string[];
  /** For a copy of the floppy. */
  readonly folder: string;
}

/** What the conductor hands to the agent. */
export interface Floppy {
  readonly sizeBytes: number;
  /** Source: FAT specification 1.03, section 3.1: offsets 43 and 54. */
  readonly label: string;
  readonly fileSystem: string;
  /** The only file, by its keys. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** As much of a deploy agent as a clean needs: it finds out who it is, tells the conductor again and again, and says of each step that it is done. */
export interface StandInAgent extends AsyncDisposable {
  readonly floppy: Floppy;
  /** Steps that it was told to carry out, oldest first. */
  readonly steps: readonly string[];
}

const AGENT_VERSION = '9.4.0';
/** The conductor passes over a heartbeat while it works on the node, so there is another one soon. */
const HEARTBEAT_MS = 1000;
/** The step that it offers, with the agent's own priority. Source: ironic-python-agent, ironic_python_agent/hardware.py. */
const OFFERED = { step: 'erase_devices', priority: 10, interface: 'deploy', reboot_requested: false, abortable: true };

/** @throws Error when the floppy is no longer there; IronicFault when the conductor does not know the machine, or does nothing with it */
export async function startAgent(api: IronicApi, { floppyImage, macAddresses, folder }: Booted): Promise<StandInAgent> {
  if (floppyImage === undefined) throw new Error('The machine has no floppy with parameters');
  const floppy = await readFloppy(floppyImage, folder);
  const node = (await api.ask('GET', `/v1/lookup?addresses=${macAddresses.join(',')}`))['node'] as Fields;
  const commands: Fields[] = [];
  const server = createServer((request, response) => {
    void answer(request, commands).then((body) => response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(body)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const heartbeat = { callback_url: `http://127.0.0.1:${port}`, agent_version: AGENT_VERSION, agent_token: floppy.parameters['ipa-agent-token'] };
  const beat = (): void => void api.ask('POST', `/v1/heartbeat/${String(node['uuid'])}`, heartbeat).catch(() => undefined);
  const timer = setInterval(beat, HEARTBEAT_MS);
  beat();
  return {
    floppy,
    get steps() {
      return commands.map(({ command_result: result }) => String((result as { readonly clean_step: Fields }).clean_step['step']));
    },
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Source: ironic-python-agent, ironic_python_agent/api/app.py and extensions/clean.py. */
async function answer(request: IncomingMessage, commands: Fields[]): Promise<Fields> {
  if (request.method === 'GET') return { commands };
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const { name, params } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { readonly name: string; readonly params: { readonly step: Fields } };
  const [, command] = name.split('.');
  const done = { id: String(commands.length), command_name: command, command_params: params, command_status: 'SUCCEEDED', command_error: null };
  if (command === 'get_clean_steps') return { ...done, command_result: { clean_steps: { StandIn: [OFFERED] }, hardware_manager_version: { StandIn: '1.0' } } };
  commands.push({ ...done, command_result: { clean_step: params.step, clean_result: null } });
  return { ...done, command_status: 'RUNNING', command_result: null };
}

async function readFloppy(url: string, folder: string): Promise<Floppy> {
  const response = await fetch(url, { signal: AbortSignal.timeout(10_000) });
  if (!response.ok) throw new Error(`${url} cannot be fetched: ${response.status}`);
  const image = Buffer.from(await response.arrayBuffer());
  const file = join(folder, `floppy-${process.hrtime.bigint()}`);
  await writeFile(file, image);
  try {
    const text = await run(findTool('mtype'), ['-i', file, '::parameters.txt']);
    const parameters = Object.fromEntries(text.split('\n').map((line): [string, string] => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
    return { sizeBytes: image.length, label: image.toString('latin1', 43, 54).trimEnd(), fileSystem: image.toString('latin1', 54, 62).trimEnd(), parameters };
  } finally {
    await rm(file);
  }
}

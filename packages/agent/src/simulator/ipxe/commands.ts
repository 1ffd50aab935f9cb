import { delay } from '@ferric/core';
import { type BootOutcome, Finished, type IpxeMachine, type LoadedImage, type ScriptEnd } from './machine.js';
import { Jump, ScriptExit } from './signals.js';

type RunBody = (body: string) => Promise<ScriptEnd | BootOutcome>;
/** Yields whether it succeeded. */
type Command = (machine: IpxeMachine, values: readonly string[], run: RunBody) => boolean | Promise<boolean>;

interface Parsed {
  readonly options: ReadonlyMap<string, string>;
  readonly rest: readonly string[];
}

/** Options that are followed by a value. */
const VALUED: ReadonlySet<string> = new Set(['--name', '-n', '--timeout', '-t', '--key', '-k', '--drive', '-d', '--ext', '-e', '--filename', '-f', '--label', '--uuid']);

/** Takes the options before the first other word, as getopt with a `+`: what belongs to a kernel is left alone. */
function parseOptions(values: readonly string[]): Parsed {
  const options = new Map<string, string>();
  let at = 0;
  while (at < values.length && values[at]?.startsWith('-') === true) {
    const [name = '', joined] = (values[at] ?? '').split('=', 2);
    at += 1;
    if (joined === undefined && VALUED.has(name)) {
      options.set(name, values[at] ?? '');
      at += 1;
    } else {
      options.set(name, joined ?? '');
    }
  }
  return { options, rest: values.slice(at) };
}

const succeed: Command = () => true;

function resolve(machine: IpxeMachine, url: string): string {
  return URL.parse(url, machine.baseUrl)?.href ?? url;
}

/** The last part of the path: how iPXE names an image by itself. */
function nameOf(url: string): string {
  return URL.parse(url)?.pathname.split('/').at(-1) ?? url;
}

function load(kind: LoadedImage['kind']): Command {
  return async (machine, values) => {
    const { options, rest: [url, ...given] } = parseOptions(values);
    // Without a URL it means the image that is there already.
    if (url === undefined) return machine.images.length > 0;
    const address = resolve(machine, url);
    const image: LoadedImage = { kind, url: address, name: options.get('--name') ?? options.get('-n') ?? nameOf(address), arguments: given };
    if ((await machine.fetch(address, 'nothing')) === undefined) return false;
    machine.images.push(image);
    return true;
  };
}

/** Starts the kernel that was loaded last. */
function bootLoaded(machine: IpxeMachine): boolean {
  const kernel = machine.images.findLast(({ kind }) => kind === 'kernel');
  if (kernel === undefined) {
    machine.tell('Could not boot image: Exec format error');
    return false;
  }
  const initrds = machine.images.filter(({ kind }) => kind === 'initrd');
  const wanted = kernel.arguments.filter((word) => word.startsWith('initrd=')).map((word) => word.slice('initrd='.length));
  const lost = machine.platform === 'efi' ? initrds.find(({ name }) => !wanted.includes(name)) : undefined;
  if (lost !== undefined) throw new Finished({ kind: 'hung', why: `its kernel found no initrd: the command line does not name ${lost.name}` });
  throw new Finished({ kind: 'kernel', url: kernel.url, commandLine: kernel.arguments.join(' '), initrds: initrds.map(({ url }) => url) });
}

const boot: Command = async (machine, values, run) => {
  const { rest } = parseOptions(values);
  if (rest.length === 0) return bootLoaded(machine);
  if (!(await load('kernel')(machine, values, run))) return false;
  return bootLoaded(machine);
};

const chain: Command = async (machine, values, run) => {
  const { options, rest: [url] } = parseOptions(values);
  if (url === undefined) return false;
  const address = resolve(machine, url);
  const body = await machine.fetch(address, 'text');
  if (body === undefined) return false;
  const outer = machine.baseUrl;
  machine.baseUrl = address;
  const end = await run(body);
  if (!('status' in end)) throw new Finished(end);
  machine.baseUrl = outer;
  if (options.has('--replace') || options.has('-r')) throw new ScriptExit(end.status);
  return end.status === 0;
};

const sanboot: Command = async (machine, values) => {
  const { rest: [url] } = parseOptions(values);
  if (url !== undefined) {
    const address = resolve(machine, url);
    if ((await machine.fetch(address, 'nothing')) === undefined) return false;
    throw new Finished({ kind: 'iso', url: address });
  }
  if (machine.platform === 'pcbios' && (await machine.hasSystem())) throw new Finished({ kind: 'disk' });
  machine.tell(machine.platform === 'pcbios' ? 'Boot from SAN device 0x80 failed: Input/output error' : 'Could not open SAN device: No such device');
  return false;
};

const prompt: Command = async (machine, values) => {
  const { options, rest } = parseOptions(values);
  machine.tell(rest.join(' '));
  const timeoutMs = Number(options.get('--timeout') ?? options.get('-t') ?? 0);
  // Nobody is there to press a key: without a timeout it would wait for ever.
  if (!(timeoutMs > 0)) throw new Finished({ kind: 'hung', why: `it waits for a key: ${rest.join(' ')}` });
  await delay(timeoutMs, { clock: machine.clock, signal: machine.signal });
  return false;
};

const increase: Command = (machine, [name, by = '1']) => {
  if (name === undefined) return false;
  machine.settings.write(name, String((Number.parseInt(machine.settings.read(name), 10) || 0) + Number(by)));
  return true;
};

/** What scripts may ask for. Source: iPXE, src/hci/commands; those that only a real network or screen needs succeed and do nothing. */
export const COMMANDS: ReadonlyMap<string, Command> = new Map<string, Command>([
  ['echo', (machine, values) => {
    machine.tell((values[0] === '-n' ? values.slice(1) : values).join(' '));
    return true;
  }],
  ['set', (machine, [name, ...words]) => {
    if (name === undefined) return false;
    machine.settings.write(name, words.join(' '));
    return true;
  }],
  ['clear', (machine, [name = '']) => {
    machine.settings.write(name, '');
    return true;
  }],
  ['inc', increase],
  // An empty side is never equal, not even to another one.
  ['iseq', (_machine, [a = '', b = '']) => a !== '' && a === b],
  ['isset', (_machine, [value = '']) => value !== ''],
  ['goto', (_machine, [label = '']) => {
    throw new Jump(label);
  }],
  ['exit', (_machine, [status = '0']) => {
    throw new ScriptExit(Number(status) || 0);
  }],
  ['sleep', async (machine, values) => {
    await delay((Number(parseOptions(values).rest[0]) || 0) * 1000, { clock: machine.clock, signal: machine.signal });
    return true;
  }],
  ['kernel', load('kernel')],
  ['imgselect', load('kernel')],
  ['imgload', load('kernel')],
  ['initrd', load('initrd')],
  ['module', load('initrd')],
  ['imgfetch', load('other')],
  ['imgfree', (machine) => {
    machine.images.length = 0;
    return true;
  }],
  ['imgstat', (machine) => {
    for (const { name, url } of machine.images) machine.tell(`${name} : ${url}`);
    return true;
  }],
  ['boot', boot],
  ['imgexec', boot],
  ['chain', chain],
  ['imgchain', chain],
  ['sanboot', sanboot],
  ['prompt', prompt],
  ['cpuid', succeed],
  ['dhcp', succeed],
  ['ifconf', succeed],
  ['ifopen', succeed],
  ['ifclose', succeed],
  ['ifstat', succeed],
  ['console', succeed],
  ['colour', succeed],
  ['shell', () => {
    throw new Finished({ kind: 'shell' });
  }],
  ['poweroff', () => {
    throw new Finished({ kind: 'power off' });
  }],
  ['reboot', () => {
    throw new Finished({ kind: 'reboot' });
  }],
]);

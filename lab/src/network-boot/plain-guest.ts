import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { copyFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeUpMac } from '../guest/guest.ts';
import { readSerialLog, type SerialPort, watchSerialPort } from '../guest/serial.ts';
import { type Namespaces, startNamespaces } from '../system/namespaces.ts';
import { findTool } from '../system/tools.ts';
import { findOvmf, qemuArguments, type QemuSettings } from './qemu-arguments.ts';

/** Defaults: BIOS, 64 MiB (128 with UEFI), MAC and UUID made up, nothing but the network to boot from, a reboot does not end it. */
export interface PlainGuestOptions extends Partial<Omit<QemuSettings, 'serialLog' | 'variables'>> {
  /** It is ended after so long, whatever it does. Milliseconds, default 120000. */
  readonly lifetimeMs?: number;
}

/** By itself: it switched itself off, or rebooted where that ends it. */
export type GuestEnd = 'by itself' | 'out of time' | 'disposed';

/** A machine without libvirt, running since it was made. Disposing ends it; what it printed can be read still. */
export interface PlainGuest extends SerialPort, AsyncDisposable {
  readonly mac: string;
  readonly uuid: string;
  /** Undefined while it runs. */
  readonly end: GuestEnd | undefined;
  /** Resolves when it has ended. Rejects when QEMU failed, with what it said. */
  readonly ended: Promise<GuestEnd>;
}

const DEFAULTS = { firmware: 'bios', bootOrder: ['network'], endsOnReboot: false, lifetimeMs: 120_000 } as const;
const MEMORY_MIB = { bios: 64, uefi: 128 } as const;

/** Starts a machine. Fails without root, and with the name of a Debian package that is missing. */
export async function startPlainGuest(options: PlainGuestOptions = {}): Promise<PlainGuest> {
  const qemu = findTool('qemu-system-x86_64');
  const { lifetimeMs, ...chosen } = { ...DEFAULTS, mac: makeUpMac(), uuid: randomUUID(), ...options };
  const directory = await mkdtemp(join(tmpdir(), 'ferric-guest-'));
  let namespaces: Namespaces | undefined;
  try {
    const files = { serialLog: join(directory, 'serial.log'), variables: join(directory, 'variables.fd') };
    const settings: QemuSettings = { memoryMib: MEMORY_MIB[chosen.firmware], ...chosen, ...files };
    const args = qemuArguments(settings);
    if (settings.firmware === 'uefi') copyFileSync(findOvmf().variables, files.variables);
    namespaces = await startNamespaces({ what: 'A guest', mounts: [], remove: directory });
    const [enter, ...inner] = namespaces.command(qemu, ...args);
    const child = spawn(enter, inner, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    return new RunningGuest(settings, namespaces, child, lifetimeMs);
  } catch (error) {
    await namespaces?.[Symbol.asyncDispose]();
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
}

const OUTPUT_LIMIT = 10_000;

class RunningGuest implements PlainGuest {
  readonly mac: string;
  readonly uuid: string;
  readonly ended: Promise<GuestEnd>;
  readonly waitForSerial: SerialPort['waitForSerial'];
  readonly serialText: SerialPort['serialText'];
  readonly #namespaces: Namespaces;
  #end: GuestEnd | undefined;
  #why: GuestEnd = 'by itself';
  /** Taken before the file goes away. */
  #lastText: string | undefined;

  constructor(settings: QemuSettings, namespaces: Namespaces, child: ChildProcess, lifetimeMs: number) {
    this.mac = settings.mac;
    this.uuid = settings.uuid;
    this.#namespaces = namespaces;
    this.serialText = () => this.#lastText ?? readSerialLog(settings.serialLog);
    this.waitForSerial = watchSerialPort(`guest ${settings.mac}`, this.serialText, () => this.#end !== undefined).waitForSerial;
    const timer = setTimeout(() => void this.#finish('out of time'), lifetimeMs);
    timer.unref();
    this.ended = endOf(child).then(async ({ code, said }) => {
      clearTimeout(timer);
      this.#lastText ??= this.serialText();
      await this.#namespaces[Symbol.asyncDispose]();
      this.#end = this.#why;
      if (this.#why === 'by itself' && code !== 0) throw new Error(`QEMU ended with code ${code}: ${said}`);
      return this.#why;
    });
    this.ended.catch(() => undefined);
  }

  get end(): GuestEnd | undefined {
    return this.#end;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#finish('disposed');
  }

  async #finish(why: GuestEnd): Promise<void> {
    if (this.#lastText === undefined) this.#why = why;
    this.#lastText ??= this.serialText();
    await this.#namespaces[Symbol.asyncDispose]();
    await this.ended.catch(() => undefined);
  }
}

async function endOf(child: ChildProcess): Promise<{ readonly code: number | null; readonly said: string }> {
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (said = `${said}${chunk.toString()}`.slice(-OUTPUT_LIMIT)));
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: null, said: error.message }));
    child.once('close', (code) => resolve({ code, said }));
  });
}

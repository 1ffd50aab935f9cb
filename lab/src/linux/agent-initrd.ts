import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import { keepInCache } from '../system/cache.ts';
import { cpioArchive, withFolders } from './cpio.ts';
import { AGENT_INIT } from './init-scripts.ts';
import { busyboxEntries, DEVICE_MODULES, initEntries, moduleEntries, nodeEntries, programEntries } from './initrd-parts.ts';
import { findKernel, type Kernel } from './kernel.ts';

export interface AgentInitrdOptions {
  /** Path of the agent: one JavaScript file that needs nothing but Node. It finds its parameters in /proc/cmdline. */
  readonly program: string;
  /** Folder in which the initrd is written. It has some 50 MB: let it be one that goes away, such as that of a private libvirtd. */
  readonly directory: string;
  /** The Node that runs it. Default: the one that runs this. */
  readonly node?: string;
}

/** Paths of what a machine boots. */
export interface BootFiles {
  readonly kernel: string;
  readonly initrd: string;
}

/**
 * A Linux that runs an agent written in JavaScript: it loads its modules, asks DHCP for an address, runs the program and switches itself off when
 * that ends. The program finds busybox's programs (`reboot -f`, `poweroff -f`, ...), the first disk as /dev/vda, and speaks on the serial port by
 * printing. 512 MiB of memory suffice. Everything but the program is built once and kept below the system's folder for temporary files.
 */
export async function buildAgentInitrd({ program, directory, node = process.execPath }: AgentInitrdOptions): Promise<BootFiles> {
  const kernel = await findKernel();
  const folder = await keepInCache(baseName(kernel, node), async (draft) => writeFile(join(draft, BASE), await buildBase(kernel, node)));
  const base = await readFile(join(folder, BASE));
  const initrd = join(directory, 'agent-initrd');
  // Archives one behind the other are one for Linux; each begins at a multiple of four.
  await writeFile(initrd, Buffer.concat([base, new Uint8Array(-base.length & 3), cpioArchive(withFolders(programEntries(program)))]));
  return { kernel: kernel.kernel, initrd };
}

const BASE = 'base.cpio.zst';

/** Small enough for iPXE, and quickly unpacked: an emulated processor is as soon ready with it as with the plain archive, and sooner than with gzip. */
async function buildBase(kernel: Kernel, node: string): Promise<Uint8Array> {
  const entries = [...initEntries(AGENT_INIT), ...(await busyboxEntries()), ...moduleEntries(kernel, DEVICE_MODULES), ...(await nodeEntries(node))];
  return zstdCompressSync(cpioArchive(withFolders(entries)));
}

/** Names everything that is in it. */
function baseName(kernel: Kernel, node: string): string {
  const busybox = statSync('/bin/busybox', { throwIfNoEntry: false });
  const { size, mtimeMs } = statSync(node);
  const facts = [kernel.name, node, size, mtimeMs, busybox?.size, busybox?.mtimeMs, AGENT_INIT, ...initEntries(AGENT_INIT).map(({ content }) => String(content))];
  return `agent-${createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 16)}`;
}

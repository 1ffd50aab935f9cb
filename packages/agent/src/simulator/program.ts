// The agent as the program of a guest's initrd: one file without native code, started by its /init once the network is up.
// It reads /proc/cmdline and sysfs, writes the real disk, and switches the machine off through /proc/sysrq-trigger.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '@ferric/core';
import { asObject } from './conductor-calls.js';
import type { Disk } from './disk/disk.js';
import { openFileDisk } from './disk/file-disk.js';
import { collectInventory } from './inventory/collect-inventory.js';
import { readSystemFiles } from './inventory/system-files.js';
import { parseCommandLine } from './kernel-parameters.js';
import { startVirtualAgent } from './virtual-agent.js';

const LISTEN_PORT = 9999;
/** Where ironic-python-agent leaves the hash; the scripts of rescue images look for it there. Source: ironic_python_agent/extensions/rescue.py. */
const RESCUE_FOLDER = '/etc/ipa-rescue-config';
/** Source: Linux, Documentation/admin-guide/sysrq.rst. */
const SYSRQ = { reboot: 'b', powerOff: 'o', sync: 's' } as const;
const KEEP_ALIVE_MS = 60_000;

function say(line: string): void {
  process.stdout.write(`agent: ${line}\n`);
}

const consoleLogger: Logger = {
  debug: () => undefined,
  info: (_fields, message) => say(message),
  warn: (_fields, message) => say(message),
  error: (_fields, message) => say(message),
};

/** @param root a folder that stands for `/`; anything but `/` is for tests of this program */
async function run(root: string): Promise<number> {
  const files = readSystemFiles(root);
  const commandLine = await readFile(join(root, '/proc/cmdline'), 'utf8');
  const inventory = await collectInventory(files, parseCommandLine(commandLine)['BOOTIF'] ?? null);
  const press = (key: string): Promise<void> => writeFile(join(root, '/proc/sysrq-trigger'), key);
  // Timers of the agent do not keep a process alive, and between two requests there may be nothing else.
  const alive = setInterval(() => undefined, KEEP_ALIVE_MS);
  const disks = await openDisks(root, inventory['disks']);
  try {
    await using agent = await startVirtualAgent({
      kernelParameters: commandLine,
      inventory,
      disk: disks,
      listenHost: '0.0.0.0',
      listenPort: LISTEN_PORT,
      logger: consoleLogger,
      onSync: () => press(SYSRQ.sync),
      onPowerOff: () => press(SYSRQ.powerOff),
      onReboot: () => press(SYSRQ.reboot),
      async onRescue(hash) {
        await mkdir(join(root, RESCUE_FOLDER), { recursive: true });
        await writeFile(join(root, RESCUE_FOLDER, 'ipa-rescue-password'), hash.reveal(), { mode: 0o600 });
      },
    });
    const end = await agent.ended;
    // The machine is going off, or stays as it is: whoever starts this program again, or switches off when it ends, must wait. In a test it ends.
    if (root === '/' && end.how !== 'gave up') await new Promise(() => undefined);
    return end.how === 'gave up' ? 1 : 0;
  } finally {
    clearInterval(alive);
    await Promise.all(disks.map((disk) => disk[Symbol.asyncDispose]()));
  }
}

/** Opens whatever can be written to. */
async function openDisks(root: string, described: unknown): Promise<readonly Disk[]> {
  const disks: Disk[] = [];
  for (const each of Array.isArray(described) ? (described as readonly unknown[]) : []) {
    const { name, logical_sectors: sectorBytes } = asObject(each);
    if (typeof name !== 'string') continue;
    try {
      disks.push(await openFileDisk(join(root, name), { name, ...(typeof sectorBytes === 'number' ? { sectorBytes } : {}) }));
    } catch (error) {
      say(`${name} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return disks;
}

/** The value of `--root`, for tests. */
function readRoot(words: readonly string[]): string {
  const at = words.indexOf('--root');
  return at === -1 ? '/' : (words[at + 1] ?? '/');
}

run(readRoot(process.argv.slice(2))).then(
  (status) => {
    process.exitCode = status;
  },
  (error: unknown) => {
    say(`cannot start: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  },
);

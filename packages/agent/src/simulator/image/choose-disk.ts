import type { JsonObject, JsonValue } from '@ferric/core';
import { CommandFailure } from '../commands/command-failure.js';
import type { AgentWorkplace } from '../commands/command.js';
import { asObject } from '../conductor-calls.js';
import type { Disk } from '../disk/disk.js';

type Choice = Pick<AgentWorkplace, 'disks' | 'inventory' | 'minimumDiskBytes'>;

const GIBIBYTE = 1024 ** 3;
/** Hints that are texts: compared without regard to case. */
const TEXT_HINTS = ['name', 'model', 'vendor', 'serial', 'wwn', 'wwn_with_extension', 'wwn_vendor_extension', 'hctl', 'by_path'] as const;

/** What the node says about its root disk. The instance's word goes before the node's. */
export function rootDeviceHints(node: JsonObject): JsonObject {
  const ofInstance = asObject(asObject(node['instance_info'])['root_device']);
  return Object.keys(ofInstance).length > 0 ? ofInstance : asObject(asObject(node['properties'])['root_device']);
}

/** The smallest disk that is large enough, without hints. Source: ironic-python-agent, ironic_python_agent/utils.py (guess_root_disk). */
export function guessRootDisk({ disks, minimumDiskBytes }: Choice): Disk | undefined {
  const [smallest] = disks.filter(({ sizeBytes }) => sizeBytes >= minimumDiskBytes).toSorted((a, b) => a.sizeBytes - b.sizeBytes);
  return smallest;
}

/**
 * The disk that an image goes to. Hints of root_device must all hold; they are compared for being equal, `size` in GiB.
 * @throws CommandFailure DeviceNotFound
 */
export function chooseRootDisk(choice: Choice, hints: JsonObject): Disk {
  if (Object.keys(hints).length === 0) {
    const guess = guessRootDisk(choice);
    if (guess !== undefined) return guess;
    throw new CommandFailure(
      'DeviceNotFound',
      'No suitable device was found for deployment - root device hints were not provided and all found block devices are smaller than ' +
        `${choice.minimumDiskBytes}B.`,
    );
  }
  const described = (choice.inventory['disks'] ?? []) as readonly JsonValue[];
  const found = choice.disks.find((disk) => {
    const facts = { ...asObject(described.find((each) => asObject(each)['name'] === disk.name)), name: disk.name, size: disk.sizeBytes };
    return Object.entries(hints).every(([name, hint]) => holds(name, hint, facts));
  });
  if (found !== undefined) return found;
  throw new CommandFailure('DeviceNotFound', `No suitable device was found for deployment using these hints ${JSON.stringify(hints)}`);
}

function holds(name: string, hint: JsonValue, facts: JsonObject): boolean {
  const wanted = String(hint).replace(/^(?:s==|==|=)\s*/, '').toLowerCase();
  if (name === 'size') return Math.floor(Number(facts['size']) / GIBIBYTE) === Number(wanted);
  if (name === 'rotational') return String(facts['rotational']) === wanted;
  const fact = facts[name];
  return (TEXT_HINTS as readonly string[]).includes(name) && typeof fact === 'string' && fact.toLowerCase() === wanted;
}

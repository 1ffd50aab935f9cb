import type { BootRecord } from '../../../../src/simulator/index.js';
import { type NodeUnderTest, power } from '../node-under-test.js';

/** Something that an operator lets Ironic do. Fails when Ironic does. */
export type Act = (node: NodeUnderTest) => Promise<unknown>;
/** By their names, in the order in which they are done. */
export type Operations = Readonly<Record<string, Act>>;

const BOOT_LIMIT_MS = 120_000;

/** What the machine boots the next time. */
export async function nextBoot({ ilo }: NodeUnderTest): Promise<BootRecord> {
  const booted = Promise.withResolvers<BootRecord>();
  using _watch = ilo.machine.boot.watch(booted.resolve);
  const limit = setTimeout(() => booted.reject(new Error(`${ilo.name} did not boot in ${BOOT_LIMIT_MS} ms`)), BOOT_LIMIT_MS);
  try {
    return await booted.promise;
  } finally {
    clearTimeout(limit);
  }
}

/** Starts the machine, waits until it has booted, and switches it off. */
export async function bootOnce(node: NodeUnderTest): Promise<BootRecord> {
  const booted = nextBoot(node);
  await power(node, 'power on');
  const record = await booted;
  await power(node, 'power off');
  return record;
}

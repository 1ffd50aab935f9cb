import { randomBytes } from 'node:crypto';
import { RAMDISK_PURPOSES, revealSealed, Secret, type NodeChanges, type NodeView, type RamdiskPurpose, type Task } from '@ferric/core';
import { hidingKey } from './hidden.js';

/** What the media in the drives of a machine are for. */
export type MediaPurpose = RamdiskPurpose | 'instance';

/** The strategy's record in `driver_internal_info.virtual_media`. While it is there, media may be in the drives and served. */
export interface MediaRecord {
  readonly purpose: MediaPurpose;
  /** Under which the conductor serves them. */
  readonly key: Secret;
}

const RECORD = 'virtual_media';
const PURPOSES: readonly string[] = [...RAMDISK_PURPOSES, 'instance'];
/** 128 bits: nobody finds an address by trying. */
const KEY_BYTES = 16;

/** The record of a node; undefined when there are no media of ours. */
export function readMediaRecord(node: Pick<NodeView, 'driverInternalInfo'>): MediaRecord | undefined {
  const record: unknown = revealSealed(node.driverInternalInfo[RECORD] ?? null);
  if (typeof record !== 'object' || record === null) return undefined;
  const { purpose, publication_secret: key } = record as Record<string, unknown>;
  if (typeof purpose !== 'string' || !PURPOSES.includes(purpose) || typeof key !== 'string') return undefined;
  return { purpose: purpose as MediaPurpose, key: new Secret(key) };
}

/** Writes down, before anything is served or inserted, for what and under which key. The same purpose keeps its key, so that its addresses stay. */
export async function keepMediaRecord(task: Task, purpose: MediaPurpose): Promise<Secret> {
  const before = readMediaRecord(task.node);
  if (before?.purpose === purpose) return before.key;
  const key = new Secret(randomBytes(KEY_BYTES).toString('hex'));
  await task.keep({ driverInternalInfo: { [RECORD]: { purpose, publication_secret: key } } });
  if (before !== undefined) await hidingKey(before.key, () => task.services.media.withdraw(task.node));
  return key;
}

/** The change that forgets it. */
export const FORGET_MEDIA: NodeChanges = { driverInternalInfo: { [RECORD]: null } };

import { errorCode, FerricError, invalidOptions, optionIssues, printValue, revealSealed, type JsonObject, type NodeView, type Task } from '@ferric/core';
import type { ImageHash, ImageOptions } from './image-options.js';

/** Where the hash that was computed of an image file is kept, with the file. */
const IMAGE_HASH = 'agent_image_hash';

/** Forgets the hash of the deployment before. */
export const IMAGE_HASH_FORGOTTEN = { [IMAGE_HASH]: null } as const;

/**
 * Whether the machine could load the image from where it is. Nothing is read.
 * @throws INVALID_OPTIONS for a file that is not there or that is not served.
 */
export async function checkImageSource(task: Task, image: ImageOptions): Promise<void> {
  try {
    await imageUrl(task, image);
  } catch (error) {
    // The address of this conductor is known at the latest when the machine has spoken to it.
    if (errorCode(error) !== 'CONFLICT') throw error;
  }
}

/**
 * The address from which the machine loads the image. It may hold a password.
 * @throws INVALID_OPTIONS naming `instance_info.image_source`; CONFLICT while the conductor's address is not known.
 */
export async function imageUrl(task: Task, image: ImageOptions): Promise<string> {
  try {
    return await task.services.downloadUrl(task.node, image.source.href);
  } catch (error) {
    throw errorCode(error) === 'INVALID_OPTIONS' ? sourceRefusal(task, image, error) : error;
  }
}

function sourceRefusal(task: Task, image: ImageOptions, cause: unknown): FerricError {
  const reasons = optionIssues(cause).map(({ expected }) => expected);
  return invalidOptions(`Node ${task.node.uuid} failed to validate deploy image info`, [
    {
      field: 'instance_info.image_source',
      problem: 'invalid',
      expected: reasons.length === 0 && FerricError.is(cause) ? cause.message : reasons.join('; '),
      received: printValue(image.source.href),
    },
  ]);
}

/** The hash of an image file that came without one, computed and kept; undefined for every other image. */
export async function computeImageHash(task: Task, image: ImageOptions): Promise<ImageHash | undefined> {
  if (image.source.protocol !== 'file:' || image.hash !== undefined || image.checksum !== undefined) return undefined;
  task.progress(`Computing the SHA-256 checksum of ${image.source.pathname}`);
  const value = await task.services.fileChecksum(image.source.href, 'sha256', { signal: task.signal });
  await task.keep({ driverInternalInfo: { [IMAGE_HASH]: { source: image.source.href, algorithm: 'sha256', value } } });
  return { algorithm: 'sha256', value };
}

/** The hash that was computed of this image. */
export function computedImageHash(node: Pick<NodeView, 'driverInternalInfo'>, image: ImageOptions): ImageHash | undefined {
  const kept = revealSealed(node.driverInternalInfo[IMAGE_HASH] ?? null) as JsonObject | null;
  const { source, algorithm, value } = kept ?? {};
  return source === image.source.href && typeof algorithm === 'string' && typeof value === 'string' ? { algorithm, value } : undefined;
}

import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { abortable, FerricError, throwIfAborted, type Clock, type Logger } from '@ferric/core';
import type { ImageFile } from './image-folders.js';

export type ChecksumAlgorithm = 'sha256' | 'sha512';

/** Checksums of files, each computed once for as long as the file stays as it is. */
export interface FileChecksums {
  /**
   * Hex digits. Callers that ask for the same file at the same time share one reading; it ends early when all of them have left.
   * @throws the abort reason; CONFLICT when the file was changed meanwhile; UNREACHABLE when it cannot be read.
   */
  of(file: ImageFile, algorithm: ChecksumAlgorithm, options: { readonly signal: AbortSignal }): Promise<string>;
}

interface Computation {
  readonly result: Promise<string>;
  readonly controller: AbortController;
  waiting: number;
}

/** Checksums that are remembered; images are few and large. */
const MOST_REMEMBERED = 256;
/** One read. Bytes. */
const CHUNK_BYTES = 1024 * 1024;

export function createFileChecksums({ logger, clock }: { readonly logger: Logger; readonly clock: Clock }): FileChecksums {
  const known = new Map<string, string>();
  const running = new Map<string, Computation>();

  const remember = (key: string, checksum: string): void => {
    known.delete(key);
    known.set(key, checksum);
    const [oldest] = known.size > MOST_REMEMBERED ? known.keys() : [];
    if (oldest !== undefined) known.delete(oldest);
  };

  const start = (key: string, file: ImageFile, algorithm: ChecksumAlgorithm): Computation => {
    const controller = new AbortController();
    const startedMs = clock.monotonicMs();
    const compute = async (): Promise<string> => {
      try {
        const checksum = await hashFile(file, algorithm, controller.signal);
        remember(key, checksum);
        logger.info({ file: file.path, algorithm, durationMs: Math.round(clock.monotonicMs() - startedMs) }, 'Checksum computed');
        return checksum;
      } finally {
        // Another reading of the same file may have begun after this one was given up.
        if (running.get(key)?.controller === controller) running.delete(key);
      }
    };
    const computation: Computation = { controller, waiting: 0, result: compute() };
    computation.result.catch(() => undefined);
    running.set(key, computation);
    return computation;
  };

  return {
    async of(file, algorithm, { signal }) {
      throwIfAborted(signal);
      const { size, mtimeNs, ino } = file.status;
      const key = [algorithm, size, mtimeNs, ino, file.path].join(' ');
      const before = known.get(key);
      if (before !== undefined) {
        remember(key, before);
        return before;
      }
      const computation = running.get(key) ?? start(key, file, algorithm);
      computation.waiting += 1;
      try {
        return await abortable(signal, computation.result);
      } finally {
        computation.waiting -= 1;
        if (computation.waiting === 0) {
          // Nobody shares a reading that is being given up.
          if (running.get(key) === computation) running.delete(key);
          computation.controller.abort(new FerricError('ABORTED', 'Nobody waits for the checksum any more'));
        }
      }
    },
  };
}

async function hashFile({ path, status }: ImageFile, algorithm: ChecksumAlgorithm, signal: AbortSignal): Promise<string> {
  const hash = createHash(algorithm);
  try {
    await using file = await open(path, 'r');
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    for (;;) {
      throwIfAborted(signal);
      const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES);
      if (bytesRead === 0) break;
      hash.update(buffer.subarray(0, bytesRead));
    }
    const after = await file.stat({ bigint: true });
    if (after.size === status.size && after.mtimeNs === status.mtimeNs) return hash.digest('hex');
  } catch (error) {
    if (signal.aborted || FerricError.is(error)) throw error;
    throw new FerricError('UNREACHABLE', `The image ${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`, { cause: error, details: { path } });
  }
  throw new FerricError('CONFLICT', `The image ${path} was changed while its checksum was computed`, {
    details: { path }, retryable: true, hint: 'Copy images under another name and rename them when they are complete.',
  });
}

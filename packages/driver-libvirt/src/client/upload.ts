import { abortable, type CallOptions, MAXIMUM_TIMEOUT_MS, withDeadline } from '@ferric/core';
import type { Caller } from './caller.js';
import { checkSize, wrongArgument } from './checks.js';
import { storageProcedures } from './wire/procedures/storage.js';
import type { StorageVolume } from './wire/structs.js';

/** The new content of a volume. */
export type VolumeSource = Uint8Array | AsyncIterable<Uint8Array>;

export interface UploadProgress {
  readonly sentBytes: bigint;
}

export interface UploadOptions extends CallOptions {
  /** Where in the volume it starts. Bytes, default 0. */
  readonly offset?: number | bigint;
  /** Room for it: more is refused. Bytes; default what is left of the volume. */
  readonly length?: number | bigint;
  /** Is told after each piece that was handed over. */
  readonly onProgress?: (progress: UploadProgress) => void;
}

/** @returns how many bytes were sent. The pieces of `source` go out one after the other, as fast as the connection takes them. */
export async function uploadVolume(caller: Caller, volume: StorageVolume, source: VolumeSource, options: UploadOptions = {}): Promise<bigint> {
  const pieces = iterate(source);
  const offset = checkSize('offset', options.offset ?? 0);
  const length = checkSize('length', options.length ?? 0);
  const settings = { what: `upload to ${volume.name}`, defaultTimeoutMs: MAXIMUM_TIMEOUT_MS, details: { volume: volume.name, pool: volume.pool } };

  return withDeadline(options, settings, async ({ signal }) => {
    try {
      await using stream = await caller.openStream(storageProcedures.volUpload, { volume, offset, length, flags: 0 }, { signal });
      let sentBytes = 0n;
      for (let piece = await next(pieces, signal); piece !== undefined; piece = await next(pieces, signal)) {
        // On the wire a packet without bytes ends the stream.
        if (piece.length === 0) continue;
        await stream.write(piece, { signal });
        sentBytes += BigInt(piece.length);
        options.onProgress?.({ sentBytes });
      }
      await stream.finish({ signal });
      return sentBytes;
    } finally {
      // Not waited for: a source that is stuck would hold up the error.
      void Promise.resolve(pieces.return?.()).catch(() => undefined);
    }
  });
}

async function next(pieces: AsyncIterator<Uint8Array>, signal: AbortSignal): Promise<Uint8Array | undefined> {
  const result: IteratorResult<Uint8Array, unknown> = await abortable(signal, pieces.next());
  if (result.done === true) return undefined;
  if (result.value instanceof Uint8Array) return result.value;
  throw wrongArgument('source', 'made of pieces that are a Uint8Array each');
}

/** @throws INVALID_OPTIONS for something else. */
function iterate(source: VolumeSource): AsyncIterator<Uint8Array> {
  if (source instanceof Uint8Array) return single(source);
  if (typeof source === 'object' && source !== null && Symbol.asyncIterator in source) return source[Symbol.asyncIterator]();
  throw wrongArgument('source', 'a Uint8Array, or something that can be iterated with `for await`', { value: source });
}

async function* single(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes;
}

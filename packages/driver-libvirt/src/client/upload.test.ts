import { errorCode } from '@ferric/core';
import { describe, expect, test, vi } from 'vitest';
import type { Caller } from './caller.js';
import type { RpcStream } from './rpc/rpc-connection.js';
import { uploadVolume, type VolumeSource } from './upload.js';

const VOLUME = { pool: 'lab', name: 'disk.raw', key: '/images/disk.raw' };

interface SinkState {
  readonly written: string[];
  ended: 'finished' | 'aborted' | 'open';
}

/** Takes what is uploaded. `write` may fail or stay pending in place of the ordinary one. */
function createSink(write?: (bytes: Uint8Array) => Promise<void>): Caller & { readonly state: SinkState } {
  const state: SinkState = { written: [], ended: 'open' };
  const end = (how: 'finished' | 'aborted'): Promise<void> => {
    if (state.ended === 'open') state.ended = how;
    return Promise.resolve();
  };
  const open = <Reply>(reply: Reply): RpcStream<Reply> => ({
    reply,
    incoming: (async function* nothing() {})(),
    async write(bytes) {
      await write?.(bytes);
      state.written.push(Buffer.from(bytes).toString());
    },
    finish: () => end('finished'),
    abort: () => end('aborted'),
    [Symbol.asyncDispose]: () => end('aborted'),
  });
  return {
    state,
    call: () => Promise.reject(new Error('no call is needed')),
    openStream: (procedure) => Promise.resolve(open(undefined as Parameters<typeof procedure.reply.write>[1])),
  };
}

/** Pieces, and whether the source was told that nobody wants more. */
function createSource(pieces: readonly Uint8Array[], atEnd?: () => Promise<void>): { readonly source: VolumeSource; readonly returned: () => boolean } {
  const back = vi.fn<() => Promise<IteratorReturnResult<undefined>>>(() => Promise.resolve({ done: true as const, value: undefined }));
  let index = 0;
  const iterator: AsyncIterator<Uint8Array> = {
    async next() {
      const value = pieces[index];
      index += 1;
      if (value !== undefined) return { done: false, value };
      await atEnd?.();
      return { done: true, value: undefined };
    },
    return: back,
  };
  return { source: { [Symbol.asyncIterator]: () => iterator }, returned: () => back.mock.calls.length > 0 };
}

const bytes = (text: string): Uint8Array => Buffer.from(text);
const never = (): Promise<void> => new Promise(() => undefined);

test('all pieces go up in order, empty ones left out: on the wire they would end the stream', async () => {
  const sink = createSink();
  const progress: bigint[] = [];
  const { source } = createSource([bytes('one'), bytes(''), bytes('three')]);
  expect(await uploadVolume(sink, VOLUME, source, { onProgress: ({ sentBytes }) => progress.push(sentBytes) })).toBe(8n);
  expect(sink.state).toEqual({ written: ['one', 'three'], ended: 'finished' });
  expect(progress).toEqual([3n, 8n]);
});

test('nothing at all is an upload too', async () => {
  const sink = createSink();
  expect(await uploadVolume(sink, VOLUME, Buffer.alloc(0))).toBe(0n);
  expect(sink.state).toEqual({ written: [], ended: 'finished' });
});

describe('what goes wrong in the middle aborts the stream and lets the source go', () => {
  test('the caller gives up while the source has nothing', async () => {
    const sink = createSink();
    const controller = new AbortController();
    const reason = new Error('changed my mind');
    const { source, returned } = createSource([bytes('one')], () => {
      controller.abort(reason);
      return never();
    });
    await expect(uploadVolume(sink, VOLUME, source, { signal: controller.signal })).rejects.toBe(reason);
    await vi.waitFor(() => expect(sink.state).toEqual({ written: ['one'], ended: 'aborted' }));
    expect(returned()).toBe(true);
  });

  test('the source is stuck past the deadline', async () => {
    const sink = createSink();
    const { source, returned } = createSource([bytes('one')], never);
    const error = await uploadVolume(sink, VOLUME, source, { timeoutMs: 20 }).catch((thrown: unknown) => thrown);
    expect(errorCode(error)).toBe('TIMEOUT');
    await vi.waitFor(() => expect(sink.state.ended).toBe('aborted'));
    expect(returned()).toBe(true);
  });

  test('the source fails', async () => {
    const sink = createSink();
    const failure = new Error('file is gone');
    const { source } = createSource([bytes('one')], () => Promise.reject(failure));
    await expect(uploadVolume(sink, VOLUME, source)).rejects.toBe(failure);
    expect(sink.state.ended).toBe('aborted');
  });

  test('the daemon has no room', async () => {
    const failure = new Error('no space');
    const sink = createSink(() => Promise.reject(failure));
    const { source, returned } = createSource([bytes('one'), bytes('two')]);
    await expect(uploadVolume(sink, VOLUME, source)).rejects.toBe(failure);
    expect(sink.state).toEqual({ written: [], ended: 'aborted' });
    expect(returned()).toBe(true);
  });

  test('a piece is no bytes', async () => {
    const sink = createSink();
    const { source } = createSource([bytes('one'), 'two' as unknown as Uint8Array]);
    const error = await uploadVolume(sink, VOLUME, source).catch((thrown: unknown) => thrown);
    expect(errorCode(error)).toBe('INVALID_OPTIONS');
    expect(JSON.stringify(error)).not.toContain('two');
    expect(sink.state.ended).toBe('aborted');
  });

  test('whoever is told of the progress throws', async () => {
    const sink = createSink();
    const failure = new Error('no more');
    const fail = (): never => {
      throw failure;
    };
    await expect(uploadVolume(sink, VOLUME, bytes('one'), { onProgress: fail })).rejects.toBe(failure);
    expect(sink.state.ended).toBe('aborted');
  });
});

test('a caller who has given up already opens nothing', async () => {
  const sink = createSink();
  const opened = vi.spyOn(sink, 'openStream');
  const reason = new Error('too late');
  await expect(uploadVolume(sink, VOLUME, bytes('one'), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  expect(opened).not.toHaveBeenCalled();
});

import { createFakeClock, createRecordingLogger, type FakeClock, type RecordingLogger } from '@ferric/core/testing';
import { FerricError } from '@ferric/core';
import type { SshSettings, TransportContext } from '../../src/client/transport/index.js';

export interface TestContext extends TransportContext {
  readonly logger: RecordingLogger;
  readonly clock: FakeClock;
}

/** What an opener needs, with a home folder that does not exist unless one is given. */
export function testContext(settings: { readonly signal?: AbortSignal; readonly ssh?: SshSettings; readonly homeDirectory?: string } = {}): TestContext {
  return {
    signal: settings.signal ?? new AbortController().signal,
    logger: createRecordingLogger(),
    clock: createFakeClock(),
    ssh: settings.ssh ?? {},
    homeDirectory: settings.homeDirectory ?? '/nonexistent-home',
  };
}

/** What a promise rejects with. */
export async function failure(promise: Promise<unknown>): Promise<FerricError> {
  try {
    await promise;
  } catch (error) {
    if (FerricError.is(error)) return error;
    throw error;
  }
  throw new Error('It did not fail');
}

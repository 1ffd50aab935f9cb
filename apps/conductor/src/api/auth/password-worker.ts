// Runs in a thread of its own. It imports no file of ours, so that the sources run as they are in tests.
import { parentPort } from 'node:worker_threads';
import { compareSync } from 'bcryptjs';

/** One question; the answer is a boolean. */
export interface PasswordQuestion {
  readonly password: string;
  readonly hash: string;
}

parentPort?.on('message', ({ password, hash }: PasswordQuestion) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- windows have origins, threads do not
  parentPort?.postMessage(compareSync(password, hash));
});

// Runs one command in the repository's root, with the tools that are installed there first in the path.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { delimiter, join } from 'node:path';
import { ROOT } from './workspaces.mjs';

// Tools that report what they are used for are asked not to.
const QUIET = { TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' };

/** @type {NodeJS.Signals[]} */
const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP'];

// npm passes a signal on to us that the process group got as well; the child is to see one of each press.
const REPEAT_MS = 1000;

/**
 * Runs a command to its end and passes signals on to it.
 * @param {readonly string[]} command
 * @param {{ output?: 'inherit' | 'stderr' }} [options] `stderr`: what it prints goes to standard error, and it reads no input
 * @returns {Promise<number>} its exit code; 128 plus the number of the signal that ended it
 */
export function runCommand([file = '', ...args], options = {}) {
  const stdio = /** @type {import('node:child_process').StdioOptions} */ (options.output === 'stderr' ? ['ignore', 2, 2] : 'inherit');
  const path = [join(ROOT, 'node_modules', '.bin'), process.env['PATH'] ?? ''].join(delimiter);
  const child = spawn(file, args, { cwd: ROOT, stdio, env: { ...process.env, ...QUIET, PATH: path } });
  const stopForwarding = forwardSignals(child);
  return new Promise((resolve, reject) => {
    child.once('error', (error) => {
      stopForwarding();
      reject(new Error(`Cannot run ${file}: ${error.message}`, { cause: error }));
    });
    child.once('exit', (code, signal) => {
      stopForwarding();
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}

/** @param {import('node:child_process').ChildProcess} child */
function forwardSignals(child) {
  /** @type {Map<NodeJS.Signals, number>} */
  const lastSeen = new Map();
  /** @param {NodeJS.Signals} signal */
  const forward = (signal) => {
    // A terminal sends its interrupt to every process in the foreground, so the child has it already.
    if (signal === 'SIGINT' && process.stdin.isTTY) return;
    const now = Date.now();
    const repeated = now - (lastSeen.get(signal) ?? 0) < REPEAT_MS;
    lastSeen.set(signal, now);
    if (!repeated) child.kill(signal);
  };
  for (const signal of FORWARDED) process.on(signal, forward);
  return () => {
    for (const signal of FORWARDED) process.off(signal, forward);
  };
}

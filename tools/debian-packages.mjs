// Fails when a Debian package that the peer tests need is not installed, and says how to install it.
// `--list` prints the names; names as arguments stand for the list.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './workspaces.mjs';

/** @param {string} text one name a line, comments behind # */
export function parsePackageList(text) {
  return text
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim())
    .filter((name) => name !== '');
}

/**
 * @param {readonly string[]} wanted
 * @param {string} statuses what `dpkg-query --show --showformat='${Package} ${db:Status-Status}\n'` printed
 */
export function findMissing(wanted, statuses) {
  const installed = new Set(statuses.split('\n').filter((line) => line.endsWith(' installed')).map((line) => line.split(' ')[0]));
  return wanted.filter((name) => !installed.has(name));
}

/** The state of every package this machine knows, or undefined when it is no Debian. */
function readStatuses() {
  try {
    const args = ['--show', '--showformat=${Package} ${db:Status-Status}\\n'];
    return execFileSync('dpkg-query', args, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  } catch {
    return undefined;
  }
}

/** @param {readonly string[]} wanted @returns {string | undefined} what to tell the user when packages are missing */
function describeMissing(wanted) {
  const statuses = readStatuses();
  if (statuses === undefined) return `These tests need a Debian 12 machine (dpkg-query was not found) with: ${wanted.join(' ')}`;
  const missing = findMissing(wanted, statuses);
  if (missing.length === 0) return undefined;
  return [
    `These tests need Debian packages that are not installed: ${missing.join(', ')}`,
    `Install them: apt-get install --no-install-recommends ${missing.join(' ')}`,
  ].join('\n');
}

/** @param {readonly string[]} args @returns {number} exit code */
function main(args) {
  const listed = parsePackageList(readFileSync(join(ROOT, 'tools', 'debian-packages.txt'), 'utf8'));
  if (args.includes('--list')) {
    process.stdout.write(`${listed.join('\n')}\n`);
    return 0;
  }
  const problem = describeMissing(args.length > 0 ? args : listed);
  if (problem !== undefined) process.stderr.write(`${problem}\n`);
  return problem === undefined ? 0 : 1;
}

if (import.meta.filename === process.argv[1]) process.exitCode = main(process.argv.slice(2));

// node tools/run.mjs <task> [arguments]: makes ready what the task needs, then runs it under the Node of node_modules.
// Starts on a fresh clone that has nothing but Node 20 and npm.
import { PREPARATIONS, TASKS } from './tasks.mjs';

/** @param {string | undefined} name @param {readonly string[]} args @returns {Promise<number>} */
async function runTask(name, args) {
  const task = name === undefined ? undefined : TASKS[name];
  if (task === undefined) {
    process.stderr.write(`Usage: npm run <task> [-- arguments], where <task> is one of ${Object.keys(TASKS).join(', ')}.\n`);
    return 2;
  }
  for (const need of task.needs) {
    const preparation = PREPARATIONS[need];
    const code = preparation.isDone() ? 0 : await preparation.run();
    if (code !== 0) return code;
  }
  return task.run(args);
}

try {
  const [name, ...args] = process.argv.slice(2);
  process.exitCode = await runTask(name, args);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

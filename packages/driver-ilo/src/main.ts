#!/usr/bin/env node
import process, { argv, env, stderr, stdout } from 'node:process';
import { runSimulator } from './simulator/program.js';

const ending = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => ending.abort());

runSimulator({
  args: argv.slice(2),
  password: env['FERRIC_ILO_PASSWORD'],
  print: (line) => void stdout.write(`${line}\n`),
  complain: (line) => void stderr.write(`${line}\n`),
  signal: ending.signal,
}).then(
  (status) => {
    process.exitCode = status;
  },
  (error: unknown) => {
    stderr.write(`${String(error)}\n`);
    process.exitCode = 1;
  },
);

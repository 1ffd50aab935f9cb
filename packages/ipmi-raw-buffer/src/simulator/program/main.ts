#!/usr/bin/env node
import process from 'node:process';
import { FerricError } from '@ferric/core';
import { runProgram } from './run-program.js';

const { env: environment } = process;
const stop = new Promise<string>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, resolve);
});

runProgram({ args: process.argv.slice(2), environment, write: (text) => void process.stdout.write(text), stop }).then(
  (status) => {
    process.exitCode = status;
  },
  (error: unknown) => {
    process.stderr.write(`${FerricError.is(error) ? error.message : String(error)}\n`);
    process.exitCode = 1;
  },
);

#!/usr/bin/env node
import { keepMemorySmall } from './process-memory.js';

keepMemorySmall();
// Only now: what was loaded before would be loaded twice.
const { main } = await import('./cli.js');
await main(process.argv.slice(2));

/** An operator who chose this one is left alone. */
const SEMI_SPACE = '--max-semi-space-size';

/**
 * V8 flags that count at the start of a process only. With the defaults garbage of large answers is kept until it is many times
 * what is in use; with these the heap is collected when it grew by a tenth, and the young generation stays at 2 MiB.
 */
const V8_FLAGS: readonly string[] = [`${SEMI_SPACE}=2`, '--heap-growing-percent=10'];

/** Settings of glibc's allocator, ignored by any other: answers of some hundred kilobytes are given back when they were sent. Bytes. */
const ALLOCATOR_VARIABLES: Readonly<Record<string, string>> = {
  MALLOC_ARENA_MAX: '2',
  MALLOC_MMAP_THRESHOLD_: '131072',
  MALLOC_TRIM_THRESHOLD_: '131072',
};

/**
 * Starts this program anew in the same process with settings that keep its memory small; `npm run bench` shows the effect. No child
 * process: the process id stays. Where the platform cannot do it (Windows, Node before 22.15) it goes on as it is, as it does
 * when the operator chose the size of the young generation.
 */
export function keepMemorySmall(): void {
  const chosen = [...process.execArgv, ...(process.env['NODE_OPTIONS'] ?? '').split(/\s+/)].some((flag) => flag.replaceAll('_', '-').startsWith(SEMI_SPACE));
  if (chosen || typeof process.execve !== 'function' || process.platform === 'win32') return;
  process.execve(process.execPath, [process.execPath, ...V8_FLAGS, ...process.execArgv, ...process.argv.slice(1)], { ...ALLOCATOR_VARIABLES, ...process.env });
}

export { decodeTask } from './task.js';
export type { Task, TaskOutcome } from './task.js';
export { waitForTask } from './wait-for-task.js';
export type { TaskEnd, TaskOptions } from './wait-for-task.js';

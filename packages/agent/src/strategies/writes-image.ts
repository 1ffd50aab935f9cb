import type { Task } from '@ferric/core';

/** Whether an image is to be written; false for a machine that boots from a volume. */
export async function writesImage(task: Task): Promise<boolean> {
  return (await task.storage?.shouldWriteImage(task)) ?? true;
}

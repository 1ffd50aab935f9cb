import type { DemoImage } from './demo-files.js';
import type { IronicClient } from './ironic-client.js';

/** What the steps of a life work with. */
export interface LifeTools {
  readonly client: IronicClient;
  readonly image: DemoImage;
  readonly signal: AbortSignal;
}

/** One step in the life of a demo machine. */
export interface LifeStep {
  readonly title: string;
  /** @returns what came of it @throws Error when nothing did */
  run(): Promise<string>;
}

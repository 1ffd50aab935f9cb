import type { Clock, Timer } from '@ferric/core';
import { type Outcome, refuse } from '../outcome.js';

export type UpdateState = 'Idle' | 'Uploading' | 'Verifying' | 'Writing' | 'Updating' | 'Complete' | 'Error';

export interface FirmwareComponent {
  readonly id: string;
  readonly name: string;
  version: string;
  readonly location: string;
}

/** Files that can be written as they are. Source: HPE iLO RESTful API, "Updating firmware". */
const RAW_IMAGE = /\.(bin|flash|vme|hex|full)$/i;

const STAGES: readonly UpdateState[] = ['Uploading', 'Verifying', 'Writing', 'Updating'];

/** The firmware of the parts, and one update at a time. */
export class Firmware implements Disposable {
  readonly components: readonly FirmwareComponent[];
  /** The next update is found to be broken when it is written. */
  nextUpdateFails = false;
  state: UpdateState = 'Idle';
  percent = 0;
  readonly #clock: Clock;
  readonly #updateMs: number;
  readonly #finished: (component: FirmwareComponent) => void;
  #timer: Timer | undefined;

  /** @param settings.finished is told of the part whose firmware is new */
  constructor(settings: {
    readonly clock: Clock;
    readonly updateMs: number;
    readonly components: readonly FirmwareComponent[];
    readonly finished: (component: FirmwareComponent) => void;
  }) {
    this.components = settings.components;
    this.#clock = settings.clock;
    this.#updateMs = settings.updateMs;
    this.#finished = settings.finished;
  }

  get isUpdating(): boolean {
    return STAGES.includes(this.state);
  }

  component(id: string): FirmwareComponent | undefined {
    return this.components.find((component) => component.id === id);
  }

  /** Begins to write an image, named by its URL or file; the name tells which part it is for. */
  update(image: string): Outcome {
    if (this.isUpdating) return refuse('update under way');
    this.#stage(image, 0);
    return undefined;
  }

  #stage(image: string, index: number): void {
    const state = STAGES[index];
    if (state === undefined) return this.#finish(image);
    const isBroken = state === 'Verifying' && (this.nextUpdateFails || !RAW_IMAGE.test(image.split('?')[0] ?? image));
    if (isBroken) {
      this.nextUpdateFails = false;
      this.state = 'Error';
      this.percent = 0;
      return;
    }
    this.state = state;
    this.percent = Math.round((100 * index) / STAGES.length);
    this.#timer = this.#clock.after(this.#updateMs / STAGES.length, () => this.#stage(image, index + 1));
  }

  #finish(image: string): void {
    this.state = 'Complete';
    this.percent = 100;
    const file = image.split('?')[0]?.split('/').at(-1)?.toLowerCase() ?? '';
    const component = this.components.find(({ id }) => file.startsWith(id)) ?? (file.startsWith('ilo') ? this.component('ilo') : this.component('bios'));
    if (component === undefined) return;
    // `ilo5_278.bin`, `u30_2.42_01_23_2021.signed.flash`
    const digits = /_(\d)\.?(\d\d)/.exec(file);
    if (digits !== null) component.version = component.version.replace(/(?<=^\w+ v)\d+\.\d+|^\S+$/, `${digits[1]}.${digits[2]}`);
    this.#finished(component);
  }

  /** The iLO has started: nothing is under way. */
  forget(): void {
    this.#timer?.[Symbol.dispose]();
    if (this.isUpdating) this.state = 'Error';
    this.percent = 0;
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
  }
}

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { INITIAL_SOL, type SolEffect, type SolEvent, type SolSettings, type SolState, stepSol } from '../../src/sol/engine.js';
import { decodeBmcPacket, encodeConsolePacket } from '../../src/sol/packet.js';
import { ModelBmc, type Mood } from './model-bmc.js';

const SETTINGS: SolSettings = { maximumCharacters: 5, retryIntervalMs: 500, tries: 1_000_000, unreadLimitBytes: 16 };

type Move = 'to bmc' | 'to console' | 'lose to bmc' | 'lose to console' | 'console timer' | 'bmc timer' | 'read';
const MOVES: readonly Move[] = ['to bmc', 'to console', 'lose to bmc', 'lose to console', 'console timer', 'bmc timer', 'read'];

/** A console and a controller with a line between them that loses what the moves say. */
class Line {
  readonly delivered: number[] = [];
  readonly done: number[] = [];
  mostUnread = 0;
  #state: SolState = INITIAL_SOL;
  #timer = false;
  #unread = 0;
  readonly #toBmc: Uint8Array[] = [];
  readonly #toConsole: Uint8Array[];

  constructor(readonly bmc: ModelBmc) {
    this.#toConsole = bmc.send();
  }

  step(event: SolEvent): void {
    const { state, effects } = stepSol(this.#state, event, SETTINGS);
    this.#state = state;
    for (const effect of effects) this.#carryOut(effect);
  }

  move(move: Move): void {
    if (move === 'to bmc') this.#toConsole.push(...this.#toBmc.splice(0, 1).flatMap((packet) => this.bmc.receive(packet)));
    if (move === 'to console') for (const packet of this.#toConsole.splice(0, 1)) this.step({ type: 'packet', packet: decodeBmcPacket(packet) });
    if (move === 'lose to bmc') this.#toBmc.shift();
    if (move === 'lose to console') this.#toConsole.shift();
    if (move === 'console timer' && this.#timer) this.step({ type: 'timer' });
    if (move === 'bmc timer') this.#toConsole.push(...this.bmc.timer());
    if (move === 'read') this.#read();
  }

  /** Everything arrives from now on, and timers run out when nothing else happens. */
  settle(): void {
    for (let round = 0; round < 2000; round += 1) {
      this.move('to bmc');
      this.move('to console');
      this.move('read');
      if (this.#toBmc.length === 0 && this.#toConsole.length === 0) {
        this.move('console timer');
        if (!this.bmc.idle) this.move('bmc timer');
      }
    }
  }

  #read(): void {
    const bytes = this.#unread;
    this.#unread = 0;
    this.step({ type: 'read', bytes });
  }

  #carryOut(effect: SolEffect): void {
    if (effect.type === 'send') this.#toBmc.push(encodeConsolePacket(effect.packet));
    if (effect.type === 'timer') this.#timer = effect.ms !== null;
    if (effect.type === 'done') this.done.push(effect.id);
    if (effect.type === 'deliver') {
      this.delivered.push(...effect.characters);
      this.#unread += effect.characters.length;
      this.mostUnread = Math.max(this.mostUnread, this.#unread);
    }
  }
}

const anyInput = fc.array(fc.oneof(fc.uint8Array({ minLength: 1, maxLength: 12 }), fc.constant('break' as const)), { maxLength: 12 });
const anyMoods = fc.array(fc.constantFrom<Mood>('take all', 'take all', 'take some', 'take none', 'refuse'), { maxLength: 60 });

test('nothing is lost, doubled or out of order in either direction, whatever the line loses', () => {
  fc.assert(
    fc.property(anyInput, fc.uint8Array({ maxLength: 120 }), anyMoods, fc.array(fc.constantFrom(...MOVES), { maxLength: 400 }), (input, output, moods, moves) => {
      const left = [...moods];
      const line = new Line(new ModelBmc(output, () => left.shift() ?? 'take all'));
      const writes = [...input];
      for (const [index, move] of moves.entries()) {
        if (index % 5 === 0) add(line, input.length - writes.length, writes.shift());
        line.move(move);
      }
      while (writes.length > 0) add(line, input.length - writes.length, writes.shift());
      line.settle();
      expect(line.delivered).toEqual([...output]);
      expect(line.bmc.arrived).toEqual(input.flatMap((job) => (job === 'break' ? [0x100] : [...job])));
      expect(line.done).toEqual(input.map((_, index) => index));
      expect(line.bmc.ctsPaused).toBe(false);
      // The limit, and the packet that reached it.
      expect(line.mostUnread).toBeLessThanOrEqual(SETTINGS.unreadLimitBytes + 7);
    }),
    { numRuns: 300 },
  );
});

function add(line: Line, id: number, content: Uint8Array | 'break' | undefined): void {
  if (content === undefined) return;
  line.step({ type: 'add', job: content === 'break' ? { id, kind: 'break' } : { id, kind: 'characters', rest: content } });
}

import { type BmcPacket, LAST_SOL_SEQUENCE } from './packet.js';

/** How packets are sent. */
export interface SenderSettings {
  /** Characters that one packet carries at most, 1..255: the controller counts what it took in one byte. */
  readonly maximumCharacters: number;
  /** A packet that is not acknowledged is repeated after this time. Milliseconds. */
  readonly retryIntervalMs: number;
  /** How often a packet is sent at most. */
  readonly tries: number;
}

/** Something to be sent: characters, or a break. The number tells it from others. */
export type SendJob = { readonly id: number; readonly kind: 'characters'; readonly rest: Uint8Array } | { readonly id: number; readonly kind: 'break' };

/** The packet that is under way; there is never more than one. */
interface Outstanding {
  readonly sequence: number;
  readonly characters: Uint8Array;
  /** The job of a break. */
  readonly breakId: number | null;
  /** It tells the state of the line that has to be told. */
  readonly tellsLine: boolean;
  /** Whose characters they are, in their order. */
  readonly parts: readonly { readonly id: number; readonly length: number }[];
  readonly tries: number;
}

/** The half of serial over LAN that sends. */
export interface SenderState {
  readonly nextSequence: number;
  readonly outstanding: Outstanding | null;
  /** The controller could not take what was sent: nothing goes out until it says otherwise, or the interval is over. */
  readonly held: boolean;
  readonly jobs: readonly SendJob[];
  /** The controller has to be told the state of the line, by the next packet that it acknowledges. */
  readonly lineOwed: boolean;
}

export const INITIAL_SENDER: SenderState = { nextSequence: 1, outstanding: null, held: false, jobs: [], lineOwed: false };

/** What a packet says of those that were sent. */
type Heard = Pick<BmcPacket, 'acknowledged' | 'accepted' | 'nack' | 'transferUnavailable'>;

export type SenderEvent =
  | { readonly type: 'add'; readonly job: SendJob }
  | { readonly type: 'cancel'; readonly id: number }
  | { readonly type: 'tell line' }
  | { readonly type: 'heard'; readonly packet: Heard }
  | { readonly type: 'timer' };

export type SenderEffect =
  | { readonly type: 'transmit'; readonly sequence: number; readonly characters: Uint8Array; readonly generateBreak: boolean }
  /** Start the one timer anew, or stop it. */
  | { readonly type: 'timer'; readonly ms: number | null }
  /** The controller has taken all of this job. */
  | { readonly type: 'done'; readonly id: number }
  /** The controller does not acknowledge any more. */
  | { readonly type: 'lost' };

/** A new state, and what has to be done for it. */
export interface SenderStep {
  readonly state: SenderState;
  readonly effects: readonly SenderEffect[];
}

/**
 * What one event makes of the sending half. Source: IPMI 2.0, section 15: one packet at a time, repeated under its own sequence number until it
 * is acknowledged; what was not taken of it goes out under a new one.
 */
export function stepSender(state: SenderState, event: SenderEvent, settings: SenderSettings): SenderStep {
  switch (event.type) {
    case 'add':
      return sendNext({ ...state, jobs: [...state.jobs, event.job] }, settings);
    case 'cancel':
      return { state: { ...state, jobs: state.jobs.filter(({ id }) => id !== event.id) }, effects: [] };
    case 'tell line':
      return sendNext({ ...state, lineOwed: true, outstanding: withoutLine(state.outstanding) }, settings);
    case 'heard':
      return hear(state, event.packet, settings);
    case 'timer':
      return timeUp(state, settings);
  }
}

/** What is under way was sent before the line changed: its acknowledgement says nothing about it. */
function withoutLine(outstanding: Outstanding | null): Outstanding | null {
  return outstanding === null ? null : { ...outstanding, tellsLine: false };
}

function hear(state: SenderState, packet: Heard, settings: SenderSettings): SenderStep {
  const { outstanding } = state;
  if (outstanding !== null && packet.acknowledged === outstanding.sequence) return acknowledge(state, outstanding, packet, settings);
  if (state.held && !packet.nack) return withEffects([{ type: 'timer', ms: null }], sendNext({ ...state, held: false }, settings));
  return { state, effects: [] };
}

function acknowledge(
  state: SenderState,
  outstanding: Outstanding,
  { accepted, nack, transferUnavailable }: Heard,
  settings: SenderSettings,
): SenderStep {
  const taken = takeOff(state.jobs, outstanding, accepted, nack);
  // Where something was taken there may be room again. A controller that took nothing, even without a word, would answer the same for ever.
  const tookNothing = accepted === 0 && (nack || outstanding.characters.length > 0);
  const held = tookNothing || (nack && transferUnavailable);
  const next: SenderState = {
    ...state,
    outstanding: null,
    jobs: taken.jobs,
    held,
    lineOwed: state.lineOwed && !(outstanding.tellsLine && !nack),
  };
  const done: readonly SenderEffect[] = taken.done.map((id) => ({ type: 'done', id }));
  if (held) return { state: next, effects: [...done, { type: 'timer', ms: settings.retryIntervalMs }] };
  return withEffects([...done, { type: 'timer', ms: null }], sendNext(next, settings));
}

/** The jobs without what the controller took of them, and those of which nothing is left. */
function takeOff(jobs: readonly SendJob[], outstanding: Outstanding, accepted: number, nack: boolean): { readonly jobs: readonly SendJob[]; readonly done: readonly number[] } {
  const takenOf = new Map<number, number>();
  let left = accepted;
  for (const { id, length } of outstanding.parts) {
    const taken = Math.min(length, left);
    takenOf.set(id, taken);
    left -= taken;
  }
  const rest = jobs
    .map((job) => (job.kind === 'characters' ? { ...job, rest: job.rest.subarray(takenOf.get(job.id) ?? 0) } : job))
    .filter((job) => (job.kind === 'characters' ? job.rest.length > 0 : job.id !== outstanding.breakId || nack));
  const waiting = new Set(rest.map(({ id }) => id));
  return { jobs: rest, done: jobs.map(({ id }) => id).filter((id) => !waiting.has(id)) };
}

function timeUp(state: SenderState, settings: SenderSettings): SenderStep {
  const { outstanding } = state;
  if (outstanding === null) return sendNext({ ...state, held: false }, settings);
  if (outstanding.tries >= settings.tries) return { state: { ...state, outstanding: null, jobs: [] }, effects: [{ type: 'lost' }] };
  return transmit(state, { ...outstanding, tries: outstanding.tries + 1 }, settings);
}

function sendNext(state: SenderState, settings: SenderSettings): SenderStep {
  if (state.outstanding !== null || state.held) return { state, effects: [] };
  const content = nextContent(state.jobs, settings.maximumCharacters);
  if (content === null && !state.lineOwed) return { state, effects: [] };
  const { nextSequence: sequence, lineOwed } = state;
  const outstanding: Outstanding = {
    ...(content ?? { characters: new Uint8Array(), breakId: null, parts: [] }),
    sequence,
    tellsLine: lineOwed,
    tries: 1,
  };
  return transmit({ ...state, nextSequence: sequence === LAST_SOL_SEQUENCE ? 1 : sequence + 1 }, outstanding, settings);
}

type Content = Pick<Outstanding, 'characters' | 'breakId' | 'parts'>;

/** The characters of as many jobs as fit, up to the next break; a break goes out by itself. */
function nextContent(jobs: readonly SendJob[], maximum: number): Content | null {
  const [first] = jobs;
  if (first === undefined) return null;
  if (first.kind === 'break') return { characters: new Uint8Array(), breakId: first.id, parts: [] };
  const chunks: Uint8Array[] = [];
  const parts: { readonly id: number; readonly length: number }[] = [];
  let room = maximum;
  for (const job of jobs) {
    if (job.kind === 'break' || room === 0) break;
    const chunk = job.rest.subarray(0, room);
    chunks.push(chunk);
    parts.push({ id: job.id, length: chunk.length });
    room -= chunk.length;
  }
  return { characters: Buffer.concat(chunks), breakId: null, parts };
}

function transmit(state: SenderState, outstanding: Outstanding, settings: SenderSettings): SenderStep {
  const { sequence, characters, breakId } = outstanding;
  return {
    state: { ...state, outstanding },
    effects: [
      { type: 'transmit', sequence, characters, generateBreak: breakId !== null },
      { type: 'timer', ms: settings.retryIntervalMs },
    ],
  };
}

function withEffects(first: readonly SenderEffect[], step: SenderStep): SenderStep {
  return { state: step.state, effects: [...first, ...step.effects] };
}

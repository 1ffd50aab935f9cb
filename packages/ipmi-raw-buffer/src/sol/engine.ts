import type { BmcPacket, ConsolePacket } from './packet.js';
import { INITIAL_RECEIVER, type ReceiverSettings, type ReceiverState, takePacket, takeUnread } from './receiver.js';
import { INITIAL_SENDER, type SenderEffect, type SenderEvent, type SenderSettings, type SenderState, type SendJob, stepSender } from './sender.js';

export interface SolSettings extends SenderSettings, ReceiverSettings {}

/** Both halves of serial over LAN. */
export interface SolState {
  readonly sender: SenderState;
  readonly receiver: ReceiverState;
}

export const INITIAL_SOL: SolState = { sender: INITIAL_SENDER, receiver: INITIAL_RECEIVER };

export type SolEvent =
  | { readonly type: 'packet'; readonly packet: BmcPacket }
  | { readonly type: 'add'; readonly job: SendJob }
  | { readonly type: 'cancel'; readonly id: number }
  /** The reader has taken so many bytes. */
  | { readonly type: 'read'; readonly bytes: number }
  /** The timer that was asked for has run out. */
  | { readonly type: 'timer' };

export type SolEffect =
  | { readonly type: 'send'; readonly packet: ConsolePacket }
  | { readonly type: 'deliver'; readonly characters: Uint8Array }
  /** The controller ends serial over LAN. */
  | { readonly type: 'deactivated' }
  | Exclude<SenderEffect, { readonly type: 'transmit' }>;

export interface SolStep {
  readonly state: SolState;
  readonly effects: readonly SolEffect[];
}

/** What one event makes of a console: no clock, no socket, no waiting in here. Effects are to be carried out in their order. */
export function stepSol(state: SolState, event: SolEvent, settings: SolSettings): SolStep {
  if (event.type === 'packet') return receive(state, event.packet, settings);
  if (event.type === 'read') return read(state, event.bytes, settings);
  return send(state, event, settings);
}

function receive(state: SolState, packet: BmcPacket, settings: SolSettings): SolStep {
  const taken = takePacket(state.receiver, packet, settings);
  // The receiving half comes first: what is sent now already tells the new state of the line.
  const heard = send({ ...state, receiver: taken.state }, { type: 'heard', packet }, settings);
  const delivered: readonly SolEffect[] = taken.characters === null ? [] : [{ type: 'deliver', characters: taken.characters }];
  // A controller that ends takes nothing any more, not even an acknowledgement; what it acknowledged itself still counts.
  if (packet.deactivated) return { state: heard.state, effects: [...delivered, ...heard.effects.filter(({ type }) => type === 'done'), { type: 'deactivated' }] };
  const acknowledged: readonly SolEffect[] =
    taken.acknowledgement === null ? [] : [{ type: 'send', packet: { ...taken.acknowledgement, ctsPause: taken.state.paused } }];
  return { state: heard.state, effects: [...delivered, ...acknowledged, ...heard.effects] };
}

function read(state: SolState, bytes: number, settings: SolSettings): SolStep {
  const taken = takeUnread(state.receiver, bytes, settings);
  const next = { ...state, receiver: taken.state };
  // By a packet that has to be acknowledged: were it lost, the machine would wait for ever.
  return taken.released ? send(next, { type: 'tell line' }, settings) : { state: next, effects: [] };
}

function send(state: SolState, event: SenderEvent, settings: SolSettings): SolStep {
  const step = stepSender(state.sender, event, settings);
  return { state: { ...state, sender: step.state }, effects: step.effects.map((effect) => carry(effect, state.receiver.paused)) };
}

function carry(effect: SenderEffect, ctsPause: boolean): SolEffect {
  if (effect.type !== 'transmit') return effect;
  const { sequence, characters, generateBreak } = effect;
  return { type: 'send', packet: { sequence, characters, generateBreak, ctsPause } };
}

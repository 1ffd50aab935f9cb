import type { Clock, TranscriptSink } from '@ferric/core';
import { MESSAGE_STATUSES, MESSAGE_TYPES, type MessageHeader } from '../wire/message.js';

/** Reports what goes over one connection. */
export interface Frames {
  /** @param bytes the whole message, undefined when it may hold a secret */
  record(direction: 'out' | 'in', label: string, bytes: Buffer | undefined): void;
}

const NOTHING = Buffer.alloc(0);

/** Undefined when nobody wants to know, so that labels are not made for nothing. */
export function createFrames(sink: TranscriptSink | undefined, peer: string, clock: Clock): Frames | undefined {
  if (sink === undefined) return undefined;
  return {
    record(direction, label, bytes) {
      const shown = bytes === undefined ? `${label} (not shown)` : label;
      sink.record({ at: clock.now(), direction, peer, protocol: 'libvirt', label: shown, payload: bytes ?? NOTHING });
    },
  };
}

const TYPE_WORDS: Readonly<Record<number, string>> = {
  [MESSAGE_TYPES.call]: 'call',
  [MESSAGE_TYPES.reply]: 'reply',
  [MESSAGE_TYPES.event]: 'event',
  [MESSAGE_TYPES.stream]: 'stream',
  [MESSAGE_TYPES.streamHole]: 'hole',
};

const STATUS_WORDS: Readonly<Record<number, string>> = { [MESSAGE_STATUSES.error]: ' error', [MESSAGE_STATUSES.continue]: ' continue' };

/** `domain_get_state call 7`, `storage_vol_upload stream 8 continue (262120 bytes)`. */
export function frameLabel(name: string, header: Pick<MessageHeader, 'type' | 'serial' | 'status'>, payloadBytes = 0): string {
  const type = TYPE_WORDS[header.type] ?? `type ${header.type}`;
  if (header.type === MESSAGE_TYPES.event) return `${name} ${type}`;
  const size = header.type === MESSAGE_TYPES.stream && payloadBytes > 0 ? ` (${payloadBytes} bytes)` : '';
  return `${name} ${type} ${header.serial}${STATUS_WORDS[header.status] ?? ''}${size}`;
}

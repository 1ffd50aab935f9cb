import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Message, MESSAGE_STATUSES, MESSAGE_TYPES, MessageAssembler } from '../../src/client/wire/message.js';
import type { Procedure } from '../../src/client/wire/procedure.js';
import { authenticationProcedures } from '../../src/client/wire/procedures/authentication.js';
import { connectionProcedures } from '../../src/client/wire/procedures/connection.js';
import { domainProcedures } from '../../src/client/wire/procedures/domain.js';
import { networkProcedures } from '../../src/client/wire/procedures/network.js';
import { storageProcedures } from '../../src/client/wire/procedures/storage.js';
import { type XdrCodec, XdrReader, XdrWriter } from '../../src/client/wire/xdr.js';

const FOLDER = join(import.meta.dirname, '../fixtures/wire');

/** One message of libvirt's own client or daemon. */
export interface RecordedMessage extends Message {
  readonly fixture: string;
  readonly from: 'client' | 'daemon';
  readonly bytes: Buffer;
}

/** All messages of one fixture, in their order. */
export function readRecording(fixture: string): readonly RecordedMessage[] {
  const { frames } = JSON.parse(readFileSync(join(FOLDER, `${fixture}.json`), 'utf8')) as { frames: readonly { from: 'client' | 'daemon'; hex: string }[] };
  return frames.map(({ from, hex }) => {
    const bytes = Buffer.from(hex, 'hex');
    const [message, ...rest] = [...new MessageAssembler().push(bytes)];
    if (message === undefined || rest.length > 0) throw new Error(`${fixture} holds a frame that is not one message`);
    return { ...message, fixture, from, bytes };
  });
}

export const FIXTURES: readonly string[] = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.json'))
  .map((name) => name.slice(0, -'.json'.length));

export type AnyProcedure = Procedure<unknown, unknown>;

/** Every procedure of the tables by its number. */
export const PROCEDURES: ReadonlyMap<number, AnyProcedure> = new Map(
  [authenticationProcedures, connectionProcedures, domainProcedures, networkProcedures, storageProcedures]
    .flatMap((table) => Object.values(table) as unknown as readonly AnyProcedure[])
    .map((procedure) => [procedure.number, procedure]),
);

export const isCall = (message: Message): boolean => message.type === MESSAGE_TYPES.call;
export const isReply = (message: Message): boolean => message.type === MESSAGE_TYPES.reply && message.status === MESSAGE_STATUSES.ok;
export const isError = (message: Message): boolean =>
  (message.type === MESSAGE_TYPES.reply || message.type === MESSAGE_TYPES.stream) && message.status === MESSAGE_STATUSES.error && message.payload.length > 0;
export const isEvent = (message: Message): boolean => message.type === MESSAGE_TYPES.event;

/** The value, which must take all the bytes. */
export function decode<T>(codec: XdrCodec<T>, payload: Buffer): T {
  const reader = new XdrReader(payload);
  const value = codec.read(reader);
  reader.finish();
  return value;
}

export function encode<T>(codec: XdrCodec<T>, value: T): Buffer {
  const writer = new XdrWriter();
  codec.write(writer, value);
  return writer.finish();
}

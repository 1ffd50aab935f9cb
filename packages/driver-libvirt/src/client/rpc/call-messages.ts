import { FerricError } from '@ferric/core';
import { encodeMessage, MESSAGE_STATUSES, MESSAGE_TYPES } from '../wire/message.js';
import { type Procedure, PROGRAMS } from '../wire/procedure.js';
import { XdrReader } from '../wire/xdr.js';
import { type CallFacts, decodingFault } from './connection-errors.js';

const SERIAL_OFFSET = 20;

/**
 * The message of a call; its serial is 0 until {@link putSerial}.
 * @throws INVALID_OPTIONS for arguments that cannot be sent.
 */
export function encodeCall<Arguments>(procedure: Procedure<Arguments, unknown>, args: Arguments, facts: CallFacts): Buffer {
  const header = { program: PROGRAMS[procedure.program], procedure: procedure.number, type: MESSAGE_TYPES.call, serial: 0, status: MESSAGE_STATUSES.ok };
  try {
    return encodeMessage(header, (writer) => procedure.arguments.write(writer, args));
  } catch (error) {
    if (FerricError.is(error)) throw error;
    const problem = error instanceof Error ? error.message : 'unknown problem';
    throw new FerricError('INVALID_OPTIONS', `The arguments of ${procedure.name} cannot be sent: ${problem}`, {
      cause: error,
      details: { ...facts },
      hint: 'Correct the arguments; nothing was sent.',
    });
  }
}

export function putSerial(message: Buffer, serial: number): void {
  message.writeUInt32BE(serial, SERIAL_OFFSET);
}

/** @throws PROTOCOL_FAULT when the payload is no such reply. */
export function decodeReply<Arguments, Reply>(procedure: Procedure<Arguments, Reply>, payload: Buffer, facts: CallFacts): Reply {
  try {
    const reader = new XdrReader(payload);
    const reply = procedure.reply.read(reader);
    reader.finish();
    return reply;
  } catch (error) {
    throw decodingFault(error, { ...facts });
  }
}

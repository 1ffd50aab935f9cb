import { connect } from 'node:net';
import { FerricError, throwIfAborted } from '@ferric/core';

/** Where a controller listens. */
export interface FakeEndpoint {
  readonly address: string;
  readonly port: number;
}

/** Carries one line to a controller and brings one line back. Settles when the signal aborts, with its reason. */
export type LineExchange = (endpoint: FakeEndpoint, line: string, signal: AbortSignal) => Promise<string>;

/** Longest answer that is read, so that a broken controller cannot fill the memory. */
const ANSWER_LIMIT = 65_536;

/**
 * One connection for one exchange: there is no pool that could leak, and whatever happens the socket is closed.
 * @throws UNREACHABLE, PROTOCOL_FAULT, or the abort reason.
 */
export const exchangeLine: LineExchange = async (endpoint, line, signal) => {
  throwIfAborted(signal);
  const socket = connect({ host: endpoint.address, port: endpoint.port, signal });
  socket.setEncoding('utf8');
  socket.write(`${line}\n`);
  let answer = '';
  try {
    for await (const chunk of socket) {
      answer += String(chunk);
      const end = answer.indexOf('\n');
      if (end >= 0) return answer.slice(0, end);
      if (answer.length > ANSWER_LIMIT) throw fault('PROTOCOL_FAULT', endpoint, `sent more than ${ANSWER_LIMIT} characters without a line end`);
    }
  } catch (error) {
    throwIfAborted(signal);
    throw FerricError.is(error) ? error : fault('UNREACHABLE', endpoint, 'could not be reached', error);
  } finally {
    socket.destroy();
  }
  if (answer === '') throw fault('UNREACHABLE', endpoint, 'closed the connection without an answer');
  throw fault('PROTOCOL_FAULT', endpoint, 'closed the connection in the middle of its answer');
};

function fault(code: 'UNREACHABLE' | 'PROTOCOL_FAULT', endpoint: FakeEndpoint, what: string, cause?: unknown): FerricError {
  const reason = cause instanceof Error ? `: ${cause.message}` : '';
  return new FerricError(code, `The controller at ${endpoint.address}:${endpoint.port} ${what}${reason}`, {
    cause,
    details: { ...endpoint },
    hint: 'Check fake_address and fake_port, and that the simulator is running.',
  });
}

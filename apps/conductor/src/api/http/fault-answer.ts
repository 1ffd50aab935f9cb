import { FerricError, maskText, type JsonObject } from '@ferric/core';
import { RequestFault, toRequestFault } from '../../fault.js';
import { HttpFault } from './http-fault.js';

/** An error as it is sent. */
export interface FaultAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** `{"error_message": "<JSON as a string>"}`: clients parse it twice. */
  readonly body: string;
  /** Nobody foresaw it: it is logged with its stack. */
  readonly unexpected: boolean;
}

/** The answer for anything that was thrown while a request was served. */
export function faultAnswer(error: unknown, requestId: string): FaultAnswer {
  if (error instanceof HttpFault) {
    return answer(error.status, { code: error.status, title: error.title, description: maskText(error.message) }, error.headers);
  }
  const fault = frameworkFault(error) ?? toRequestFault(error);
  const foreseen = error instanceof RequestFault || fault.status !== 500;
  if (foreseen) return answer(fault.status, envelope(fault), fault.headers);
  const text = `The conductor failed to process this request; its log tells more under ${requestId}.`;
  return { ...answer(fault.status, { faultcode: 'Server', faultstring: text, debuginfo: null }), unexpected: true };
}

function envelope(fault: RequestFault): JsonObject {
  const { cause } = fault;
  return {
    faultcode: fault.status < 500 ? 'Client' : 'Server',
    // A refusal quotes what came, and a text that came may have a password in it.
    faultstring: maskText(fault.message),
    debuginfo: null,
    // Clients of Ironic ignore what they do not know; ours show what to try next.
    ...(FerricError.is(cause) ? { ferric: { code: cause.code, retryable: cause.retryable, hint: cause.hint ?? null } } : {}),
  };
}

function answer(status: number, inner: JsonObject, headers: Readonly<Record<string, string>> = {}): FaultAnswer {
  return { status, headers, body: JSON.stringify({ error_message: JSON.stringify(inner) }), unexpected: false };
}

const FRAMEWORK_TEXTS: Readonly<Record<number, string>> = {
  400: 'The request cannot be understood.',
  413: 'The body is too large.',
  415: 'A body must be sent with Content-Type application/json.',
};

/** What the HTTP framework found wrong with a request; its own texts may repeat parts of the body. */
function frameworkFault(error: unknown): RequestFault | undefined {
  if (!(error instanceof Error) || !('statusCode' in error) || typeof error.statusCode !== 'number') return undefined;
  if (error.statusCode < 400 || error.statusCode >= 500) return undefined;
  return new RequestFault(error.statusCode, FRAMEWORK_TEXTS[error.statusCode] ?? 'The request cannot be accepted.', { cause: error });
}

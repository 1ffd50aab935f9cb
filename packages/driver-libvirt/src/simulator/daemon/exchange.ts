import type { Fault, FaultKind } from '@ferric/core';
import { ERROR, ERROR_DOMAIN, RemoteError } from '../wire/remote-error.js';
import { XdrFault, XdrReader, XdrWriter } from '../wire/xdr.js';
import { type Frame, PROGRAM, STATUS, VERSION } from '../wire/frames.js';
import type { Call, Procedure, ProcedureTable } from './procedure.js';
import type { Session } from './session.js';
import type { StreamEnd } from './streams.js';

/** What a call comes to: the status and content of its answer, and the stream that begins behind it. */
export interface Answer {
  readonly status: typeof STATUS.ok | typeof STATUS.error;
  readonly payload: Buffer;
  readonly stream?: StreamEnd;
}

const rpcFault = (text: string): RemoteError => new RemoteError(ERROR.rpc, ERROR_DOMAIN.rpc, text);
const internalFault = (text: string): RemoteError => new RemoteError(ERROR.internal, ERROR_DOMAIN.rpc, text);

function errorAnswer(error: RemoteError): Answer {
  return { status: STATUS.error, payload: error.encode() };
}

/** The procedure that a call names, once it may be called; the error of the daemon otherwise, in the order in which libvirtd looks. */
export function admit(frame: Frame, procedures: ProcedureTable, session: Session): Procedure | RemoteError {
  if (frame.program !== PROGRAM.remote || frame.version !== VERSION) return rpcFault(`Cannot find program ${frame.program} version ${frame.version}`);
  const procedure = Object.hasOwn(procedures, frame.procedure) ? procedures[frame.procedure] : undefined;
  if (procedure === undefined) return rpcFault(`unknown procedure: ${frame.procedure}`);
  if (frame.status !== STATUS.ok) return rpcFault(`Unexpected message status ${frame.status}`);
  if (!session.isAuthenticated && procedure.from !== 'start') return rpcFault('authentication required');
  if (session.opening.state !== 'open' && procedure.from === undefined) return internalFault('hypervisor connection not open');
  const isReadOnly = session.opening.state === 'open' && session.opening.isReadOnly;
  if (!isReadOnly || procedure.changes === undefined) return procedure;
  return new RemoteError(ERROR.denied, ERROR_DOMAIN.domain, `read only access prevents ${procedure.name}`);
}

/** Whether this fault can spoil this procedure. Those of the transport spoil all. */
export function canSpoil(kind: FaultKind, procedure: Procedure | RemoteError): boolean {
  if (procedure instanceof RemoteError) return !ANSWER_FAULTS.has(kind);
  if (kind === 'wrong state') return procedure.changes === 'machine';
  if (kind === 'command failure') return procedure.changes !== undefined;
  // Even a daemon without room lets clients in; they find out when they ask for something.
  if (kind === 'busy') return procedure.from === undefined;
  return kind !== 'refuse';
}

const ANSWER_FAULTS: ReadonlySet<FaultKind> = new Set(['busy', 'wrong state', 'command failure', 'refuse']);

/** Faults that are answers of their own. */
const FAULT_ERRORS: ReadonlyMap<FaultKind, RemoteError> = new Map([
  ['busy', new RemoteError(ERROR.timedOut, ERROR_DOMAIN.qemu, 'cannot acquire state change lock (held by monitor=remoteDispatchDomainReset)')],
  ['command failure', new RemoteError(ERROR.operationFailed, ERROR_DOMAIN.qemu, 'the simulated machine was told to fail')],
]);

/** Carries out one call, unless a fault answers in its place. */
export function carryOut(frame: Frame, procedure: Procedure | RemoteError, session: Session, fault: Fault | undefined): Answer {
  if (procedure instanceof RemoteError) return errorAnswer(procedure);
  const failure = fault === undefined ? undefined : FAULT_ERRORS.get(fault.kind);
  if (failure !== undefined) return errorAnswer(failure);
  let stream: StreamEnd | undefined;
  const reply = new XdrWriter();
  const call: Call = { host: session.host, session, args: new XdrReader(frame.payload), reply, openStream: (end) => void (stream = end) };
  try {
    if (fault?.kind === 'wrong state') procedure.pretend?.(call);
    else procedure.answer(call);
    return { status: STATUS.ok, payload: reply.bytes(), ...(stream === undefined ? {} : { stream }) };
  } catch (error) {
    if (error instanceof RemoteError) return errorAnswer(error);
    if (error instanceof XdrFault) return errorAnswer(rpcFault(`Unable to ${error.direction} message payload`));
    // A simulator must not take the program down that runs it.
    return errorAnswer(internalFault(`defect in the simulator: ${error instanceof Error ? error.message : 'unknown'}`));
  }
}

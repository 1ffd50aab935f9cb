import { accept, type BmcReply, CODE, type ControllerReply, decline } from '../controller.js';
import type { BmcFault, BmcFaultSwitchboard, ExchangeKind } from '../faults.js';
import { PRIVILEGE } from '../options.js';
import type { Session } from '../session/session.js';
import type { IncomingMessage } from '../wire/message.js';
import type { BmcState } from './bmc-state.js';
import { type CommandDefinition, commandKey } from './handlers.js';

/** What came of a command: the answer, and the fault that is to spoil its way. */
export interface CarriedOut {
  /** Undefined: no answer comes. */
  readonly reply: BmcReply | undefined;
  readonly fault: BmcFault | undefined;
}

/** A BMC with its switches. */
interface Host extends BmcState {
  readonly faults: BmcFaultSwitchboard;
}

/** Answers one command, as far as the level of the session and the faults in force let it. */
export function carryOut(bmc: Host, session: Session | undefined, message: IncomingMessage): CarriedOut {
  const definition = bmc.settings.commands.get(commandKey(message.netFn, message.command));
  const exchange = exchangeOf(definition, session, message);
  const fault = bmc.faults.take(exchange);
  // The session is gone before the command is looked at.
  if (fault?.kind === 'session lost') return { reply: undefined, fault };
  const refusal = refuse(definition, session, message);
  if (refusal === undefined && exchange === 'change') bmc.counts.changeCommands += 1;
  const reply = refusal ?? replyUnder(fault, () => definition?.handle(message, { bmc, session, message }));
  bmc.settings.onCommand?.({
    netFn: message.netFn,
    lun: message.lun,
    command: message.command,
    data: definition?.secret === true ? null : Uint8Array.from(message.data),
    completionCode: reply?.completionCode ?? CODE.timeout,
    user: session?.user.name ?? null,
  });
  return { reply, fault };
}

function exchangeOf(definition: CommandDefinition | undefined, session: Session | undefined, { data }: IncomingMessage): ExchangeKind {
  if (session === undefined) return 'handshake';
  if (definition?.managesSession === true) return 'session';
  const changes = typeof definition?.changes === 'function' ? definition.changes(data) : definition?.changes;
  return changes === true ? 'change' : 'command';
}

function refuse(definition: CommandDefinition | undefined, session: Session | undefined, { data }: IncomingMessage): ControllerReply | undefined {
  if (session === undefined && definition?.privilege !== 'none') return decline(CODE.insufficientPrivilege);
  if (definition === undefined) return decline(CODE.invalidCommand);
  const needed = definition.privilege === 'none' ? 0 : PRIVILEGE[definition.privilege];
  if ((session?.privilege ?? 0) < needed) return decline(CODE.insufficientPrivilege);
  return data.length < (definition.least ?? 0) ? decline(CODE.lengthInvalid) : undefined;
}

function replyUnder(fault: BmcFault | undefined, handle: () => BmcReply | undefined): BmcReply | undefined {
  if (fault?.kind === 'busy') return decline(CODE.nodeBusy);
  if (fault?.kind === 'command failure') return decline(CODE.unspecified);
  return fault?.kind === 'wrong state' ? accept() : handle();
}

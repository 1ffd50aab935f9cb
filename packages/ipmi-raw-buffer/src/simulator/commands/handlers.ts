import type { BmcReply, ControllerReply, ControllerRequest } from '../controller.js';
import type { VirtualPrivilegeLevel } from '../options.js';
import type { Session } from '../session/session.js';
import type { IncomingMessage } from '../wire/message.js';
import type { BmcState } from './bmc-state.js';

/** Who asks, and of whom. */
export interface CommandContext {
  readonly bmc: BmcState;
  /** Undefined outside a session. */
  readonly session: Session | undefined;
  readonly message: IncomingMessage;
}

/** One command that the BMC knows. */
export interface CommandDefinition {
  readonly netFn: number;
  readonly command: number;
  /** The least level it takes. Source: IPMI 1.5, appendix G. */
  readonly privilege: VirtualPrivilegeLevel | 'none';
  /** Whether it would change the machine; some do so by what they carry. Default false. */
  readonly changes?: boolean | ((data: Uint8Array) => boolean);
  /** Whether it manages the session itself, so that faults of commands do not meet it. Default false. */
  readonly managesSession?: boolean;
  /** Whether it carries a password. Default false. */
  readonly secret?: boolean;
  /** Bytes of data it takes at least; fewer: C7h. Default 0. */
  readonly least?: number;
  /** Undefined: no answer comes. */
  handle(request: ControllerRequest, context: CommandContext): BmcReply | undefined;
}

/** Answers one command; undefined: no answer comes. */
export type CommandHandler = (request: ControllerRequest) => ControllerReply | undefined;

/** Commands by network function and command as two hexadecimal digits each: `{ '30/70': (request) => ... }`. */
export type CommandHandlers = Readonly<Record<string, CommandHandler>>;

export function commandKey(netFn: number, command: number): string {
  return `${netFn.toString(16).padStart(2, '0')}/${command.toString(16).padStart(2, '0')}`;
}

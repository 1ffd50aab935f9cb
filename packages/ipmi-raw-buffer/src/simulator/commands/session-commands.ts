import { accept, CODE, decline, type ControllerReply } from '../controller.js';
import { PRIVILEGE } from '../options.js';
import type { Session } from '../session/session.js';
import { byteAt, readDouble, word } from '../wire/bytes.js';
import { type BmcState, LAN_CHANNEL } from './bmc-state.js';
import type { CommandContext, CommandDefinition } from './handlers.js';

const NETFN = 0x06;
const CANNOT_HAVE_LEVEL = 0x80;
const ABOVE_LIMIT = 0x81;
const INVALID_SESSION_ID = 0x87;
const INVALID_SESSION_HANDLE = 0x88;

/** Source: IPMI 1.5, table 18-21. */
function setPrivilege(session: Session, wanted: number): ControllerReply {
  if (wanted === 0) return accept(session.privilege);
  if (wanted === PRIVILEGE.callback || wanted > PRIVILEGE.oem) return decline(CODE.invalidField);
  if (wanted > session.user.privilege) return decline(CANNOT_HAVE_LEVEL);
  if (wanted > session.privilegeLimit) return decline(ABOVE_LIMIT);
  session.privilege = wanted;
  return accept(wanted);
}

/** Source: IPMI 1.5, table 18-22. Id 0 means the session whose handle follows. */
function close({ bmc, session: own }: CommandContext, data: Uint8Array): ControllerReply {
  const id = readDouble(data, 0);
  const byHandle = id === 0 && data.length > 4;
  const session = bmc.sessions.open.find((open) => (byHandle ? open.handle === byteAt(data, 4) : open.id === id));
  if (session === undefined) return decline(byHandle ? INVALID_SESSION_HANDLE : INVALID_SESSION_ID);
  // Closing the session of somebody else takes an administrator.
  if (session !== own && (own?.privilege ?? 0) < PRIVILEGE.administrator) return decline(CODE.insufficientPrivilege);
  bmc.counts.sessionsClosed += 1;
  bmc.sessions.end(session);
  return accept();
}

/** By index, handle (FEh) or id (FFh); 0: the session that asks. Source: IPMI 1.5, table 18-23. */
function findSession({ sessions }: BmcState, own: Session | undefined, data: Uint8Array): Session | undefined {
  const index = byteAt(data, 0);
  if (index === 0x00) return own;
  if (index === 0xfe) return sessions.open.find(({ handle }) => handle === byteAt(data, 1));
  if (index === 0xff) return sessions.open.find(({ id }) => id === readDouble(data, 1));
  return sessions.open[index - 1];
}

function info(bmc: BmcState, own: Session | undefined, data: Uint8Array): ControllerReply {
  const session = findSession(bmc, own, data);
  const counts = [bmc.sessions.limit, bmc.sessions.open.length] as const;
  if (session === undefined) return accept(0, ...counts);
  const { handle, user, privilege, protection, peer } = session;
  const protocol = protection.protocol === '2.0' ? 0x10 : 0x00;
  const address = peer.address.split('.').map(Number);
  return accept(handle, ...counts, user.id, privilege, protocol | LAN_CHANNEL, ...address, ...NO_MAC, ...word(peer.port));
}

/** A console on this machine has no address of a network card. */
const NO_MAC = [0, 0, 0, 0, 0, 0] as const;

export const SESSION_COMMANDS: readonly CommandDefinition[] = [
  {
    netFn: NETFN,
    command: 0x3b,
    privilege: 'callback',
    least: 1,
    managesSession: true,
    handle: ({ data }, { session }) => (session === undefined ? decline(CODE.notInThisState) : setPrivilege(session, byteAt(data, 0) & 0x0f)),
  },
  { netFn: NETFN, command: 0x3c, privilege: 'callback', least: 4, managesSession: true, handle: ({ data }, context) => close(context, data) },
  { netFn: NETFN, command: 0x3d, privilege: 'user', least: 1, handle: ({ data }, { bmc, session }) => info(bmc, session, data) },
];

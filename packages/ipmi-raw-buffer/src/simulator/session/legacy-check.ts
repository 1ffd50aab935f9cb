import type { LegacyPacket } from '../wire/packet.js';
import { sameBytes } from '../wire/protection.js';
import { passwordBytes } from '../records/users.js';
import { legacyCode, type Session } from './session.js';
import { AUTH_TYPE } from '../wire/packet.js';

/** Whether a packet of IPMI 1.5 comes from whom the session belongs to. @param authTypes what the BMC accepts */
export function isAuthenticLegacy(session: Session, packet: LegacyPacket, authTypes: ReadonlySet<number>, perMessageAuthentication: boolean): boolean {
  if (packet.authType === AUTH_TYPE.none) return !perMessageAuthentication;
  if (!authTypes.has(packet.authType)) return false;
  const secrets = { sessionId: session.id, authType: packet.authType, password: passwordBytes(session.user, 16) };
  return sameBytes(legacyCode(secrets, packet.sequence, packet.message), packet.authCode);
}

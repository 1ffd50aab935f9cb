import { FerricError, invalidOptions, printValue } from '@ferric/core';
import type { PayloadChannel, PayloadListener } from './client-types.js';
import type { OpenLink } from './open-link.js';

const SERIAL_OVER_LAN = 0x01;
/** Payload types that manufacturers may give a meaning. Source: IPMI 2.0, table 13-16. */
const OEM_TYPES = { first: 0x20, last: 0x27 };

/** @throws INVALID_OPTIONS for a type that cannot be a payload of its own */
export function checkPayloadType(payloadType: number): void {
  if (payloadType === SERIAL_OVER_LAN || (payloadType >= OEM_TYPES.first && payloadType <= OEM_TYPES.last && Number.isInteger(payloadType))) return;
  throw invalidOptions('IPMI payload', [{ field: 'payloadType', problem: 'invalid', expected: '1 or 32 to 39', received: printValue(payloadType) }]);
}

/** @param closed told when the channel is disposed. @throws UNSUPPORTED with IPMI 1.5, CONFLICT when the type is in use */
export function openPayloadChannel({ link, session }: OpenLink, payloadType: number, listener: PayloadListener, closed: () => void): PayloadChannel {
  const { address } = link;
  if (session.facts.protocol === '1.5') {
    throw new FerricError('UNSUPPORTED', `IPMI 1.5 at ${address} carries nothing but messages`, { details: { address }, hint: 'Set the protocol to 2.0.' });
  }
  if (link.payloads.has(payloadType)) {
    throw new FerricError('CONFLICT', `Payload type ${payloadType} is open already at ${address}`, { details: { address, payloadType } });
  }
  link.payloads.set(payloadType, listener);
  const isOpen = (): boolean => link.payloads.get(payloadType) === listener;
  return {
    session: session.facts,
    send(payload) {
      if (!isOpen()) throw new FerricError('CONFLICT', `The payload channel to ${address} is closed`, { details: { address, payloadType } });
      link.transmitSealed(payloadType, payload);
    },
    [Symbol.dispose]() {
      if (!isOpen()) return;
      link.payloads.delete(payloadType);
      closed();
    },
  };
}

import type { JsonObject } from '@ferric/core';
import type { Refusal, RefusalReason } from '../outcome.js';

// Sources: HPE iLO RESTful API, "Error messages and registries"; recorded answers of iLO 4 and iLO 5.

/** How an answer looks: `ris`, the ancestor of Redfish; `early`, both styles in one; `full`, Redfish as specified. */
export type Style = 'ris' | 'early' | 'full';

/** A message by registry and key, without the registry's version. */
export interface Message {
  readonly registry: 'Base' | 'iLO';
  readonly key: string;
  readonly about?: readonly string[];
}

export const SUCCESS: Message = { registry: 'Base', key: 'Success' };
export const SYSTEM_RESET_REQUIRED: Message = { registry: 'iLO', key: 'SystemResetRequired' };
export const RESET_IN_PROGRESS: Message = { registry: 'iLO', key: 'ResetInProgress' };

interface Refused {
  readonly status: number;
  readonly registry: 'Base' | 'iLO';
  readonly key: string;
}

/** What each refusal is called. */
const REFUSED: Readonly<Record<RefusalReason, Refused>> = {
  'wrong power state': { status: 400, registry: 'iLO', key: 'InvalidOperationForSystemState' },
  'during post': { status: 400, registry: 'iLO', key: 'UnableToModifyDuringSystemPOST' },
  'no licence': { status: 403, registry: 'iLO', key: 'LicenseKeyRequired' },
  'wrong licence key': { status: 400, registry: 'iLO', key: 'InvalidLicenseKey' },
  'media inserted': { status: 400, registry: 'iLO', key: 'MaxVirtualMediaConnectionEstablished' },
  'no media': { status: 400, registry: 'iLO', key: 'NoVirtualMediaConnectionAvailable' },
  'value not allowed': { status: 400, registry: 'Base', key: 'PropertyValueNotInList' },
  'unknown property': { status: 400, registry: 'Base', key: 'PropertyUnknown' },
  'read-only property': { status: 400, registry: 'Base', key: 'PropertyNotWritable' },
  'missing property': { status: 400, registry: 'Base', key: 'PropertyMissing' },
  'unknown action': { status: 400, registry: 'Base', key: 'ActionNotSupported' },
  'not there': { status: 404, registry: 'Base', key: 'ResourceMissingAtURI' },
  'password too short': { status: 400, registry: 'iLO', key: 'InvalidPasswordLength' },
  'password too long': { status: 400, registry: 'iLO', key: 'InvalidPasswordLength' },
  'no privilege': { status: 403, registry: 'Base', key: 'InsufficientPrivilege' },
  'not in uefi mode': { status: 400, registry: 'iLO', key: 'UnsupportedOperation' },
  'update under way': { status: 400, registry: 'iLO', key: 'FirmwareFlashAlreadyInProgress' },
  'not supported': { status: 400, registry: 'Base', key: 'ActionNotSupported' },
  'already there': { status: 400, registry: 'iLO', key: 'UserAlreadyExist' },
  'too many': { status: 400, registry: 'Base', key: 'CreateLimitReachedForResource' },
  failed: { status: 500, registry: 'Base', key: 'InternalError' },
};

export function refusalMessage(refusal: Refusal, style: Style): { readonly status: number; readonly message: Message } {
  const { status, registry, key } = REFUSED[refusal.reason];
  // iLO 5 does not say which of the two it is.
  if (refusal.reason === 'unknown property' && style === 'full') {
    return { status, message: { registry: 'iLO', key: 'PropertyNotWritableOrUnknown', about: refusal.about } };
  }
  // iLO 4 calls what cannot be written unknown: `Inserted` of virtual media.
  if (refusal.reason === 'read-only property' && style !== 'full') return { status, message: { registry: 'Base', key: 'PropertyUnknown', about: refusal.about } };
  return { status, message: { registry, key, ...(refusal.about.length === 0 ? {} : { about: refusal.about }) } };
}

/** Versions of the registries by the number of the iLO. */
const VERSIONS: Readonly<Record<number, Readonly<Record<'Base' | 'iLO', string>>>> = {
  4: { Base: '0.10', iLO: '0.10' },
  5: { Base: '1.4', iLO: '2.14' },
  6: { Base: '1.17', iLO: '2.25' },
};

export function messageId(message: Message, iloNumber: number): string {
  return `${message.registry}.${VERSIONS[iloNumber]?.[message.registry] ?? '1.0'}.${message.key}`;
}

/** The body that holds messages. @param isStrict the client asked for no properties of the old style */
export function messageBody(messages: readonly Message[], style: Style, iloNumber: number, isStrict: boolean): JsonObject {
  const list = (name: string): JsonObject[] =>
    messages.map((message) => ({ ...(message.about === undefined ? {} : { MessageArgs: [...message.about] }), [name]: messageId(message, iloNumber) }));
  const old = { Messages: list('MessageID'), Name: 'Extended Error Information', Type: style === 'ris' ? 'ExtendedError.0.9.6' : 'ExtendedError.1.0.0' };
  if (style === 'ris') return old;
  const error = {
    '@Message.ExtendedInfo': list(style === 'early' && !isStrict ? 'MessageID' : 'MessageId'),
    code: `iLO.${VERSIONS[4]?.['iLO'] ?? ''}.ExtendedInfo`,
    message: 'See @Message.ExtendedInfo for more information.',
  };
  return style === 'early' && !isStrict ? { ...old, error } : { error };
}

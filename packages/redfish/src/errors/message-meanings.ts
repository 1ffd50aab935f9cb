import type { FerricErrorCode } from '@ferric/core';

/** What a message means for whoever asked. */
export interface MessageMeaning {
  readonly code: FerricErrorCode;
  /** Half a sentence, for a message that came without words; the arguments of the message are given. */
  readonly says: (args: readonly string[]) => string;
  readonly hint?: string;
  /** Default: as the code says. */
  readonly retryable?: boolean;
  /** The code instead when a change was asked for: it leaves open whether that was made. */
  readonly ofChange?: FerricErrorCode;
}

const quoted = (args: readonly string[], index: number): string => (args[index] === undefined ? 'a value' : `'${args[index]}'`);
const named = (args: readonly string[], index: number, what: string): string => (args[index] === undefined ? `a ${what}` : `the ${what} ${args[index]}`);

const property = (what: string): MessageMeaning => ({ code: 'REFUSED', says: (args) => `${named(args, 0, 'property')} ${what}` });
const value = (what: string): MessageMeaning => ({ code: 'REFUSED', says: (args) => `${quoted(args, 0)} ${what} ${named(args, 1, 'property')}` });
const parameter = (what: string): MessageMeaning => ({ code: 'REFUSED', says: (args) => `${named(args, 1, 'parameter')} of ${named(args, 0, 'action')} ${what}` });
const malformed = (what: string): MessageMeaning => ({ code: 'REFUSED', says: () => `the request ${what}` });

const WAIT = 'Wait until the controller is done, then try again.';
const POST = 'Wait until the server has finished its power-on self-test, or power it off; then try again.';
const LICENCE = 'Install a licence that covers this function, such as iLO Advanced.';
const PRIVILEGE = 'Give the account the privilege for this, or use another one.';
const CREDENTIALS = 'Check user name and password; the controller may delay or lock further logins.';

const busy = (what: string, hint = WAIT): MessageMeaning => ({ code: 'BUSY', says: () => what, hint });
const unauthenticated: MessageMeaning = { code: 'AUTH_FAILED', says: () => 'the credentials are not accepted', hint: CREDENTIALS };
const forbidden: MessageMeaning = { code: 'REFUSED', says: () => 'the account lacks the privilege for this', hint: PRIVILEGE };
const licence: MessageMeaning = { code: 'REFUSED', says: () => 'its licence does not cover this', hint: LICENCE };

/**
 * Keys of messages that say more than the HTTP status does, whatever registry they come from. Sources: Redfish Base Message Registry (DSP8011), and
 * the iLO message registry in HPE's documentation of the iLO RESTful API, "Error messages and registries".
 */
export const MESSAGE_MEANINGS: Readonly<Record<string, MessageMeaning>> = {
  // What passes by itself.
  ResetInProgress: busy('it is resetting'),
  ServiceTemporarilyUnavailable: busy('its service is not available at the moment'),
  ServiceShuttingDown: busy('its service is shutting down'),
  ResourceInUse: busy('somebody else changes the same resource'),
  ResourceInStandby: busy('the resource is in standby'),
  ResourceTemporarilyUnavailable: busy('the resource is not available at the moment'),
  ResourceExhaustion: busy('it has run out of something'),
  ResourceBeingFlashed: busy('its firmware is being written'),
  FirmwareFlashAlreadyInProgress: busy('another firmware update is running'),
  OperationTimeout: { ...busy('the operation took too long inside the controller'), ofChange: 'TIMEOUT' },
  SessionLimitExceeded: busy('all its sessions are taken', 'Close other sessions, or wait until they expire.'),
  CreateLimitReachedForResource: busy('it can hold no more of these', 'Remove what is not needed; sessions expire by themselves.'),
  UnableToModifyDuringSystemPOST: busy('the server is in its power-on self-test', POST),
  InvalidOperationForSystemState: {
    code: 'CONFLICT',
    says: () => 'the server is not in a state for this',
    hint: 'It may still be busy with the last power operation: read its state, then try again.',
    retryable: true,
  },

  // Who may do it.
  NoValidSession: unauthenticated,
  UnauthorizedLoginAttempt: unauthenticated,
  AuthenticationFailure: unauthenticated,
  AuthenticationTokenRequired: unauthenticated,
  ResourceAtUriUnauthorized: unauthenticated,
  PasswordChangeRequired: { code: 'REFUSED', says: () => 'the password of the account has to be changed first', hint: 'Change the password, then use the new one.' },
  InsufficientPrivilege: forbidden,
  InsufficientPrivilegeForOperation: forbidden,
  AccessDenied: forbidden,
  LicenseKeyRequired: licence,
  LicenseRequired: licence,
  NotSupportedOnLicense: licence,
  InvalidLicenseKey: { code: 'REFUSED', says: () => 'the licence key is not valid', hint: 'Check the key, and that it is for this kind of controller.' },

  // What does not exist here.
  ActionNotSupported: { code: 'UNSUPPORTED', says: (args) => `it does not know ${named(args, 0, 'action')}` },
  ActionParameterNotSupported: { code: 'UNSUPPORTED', says: (args) => `${named(args, 1, 'action')} takes no ${args[0] ?? 'such parameter'}` },
  UnsupportedOperation: { code: 'UNSUPPORTED', says: () => 'it does not offer this operation' },
  UnsupportedOperationInLegacyBootMode: { code: 'UNSUPPORTED', says: () => 'this works in UEFI boot mode only', hint: 'Set the boot mode to UEFI first.' },
  HeaderInvalid: malformed('has a header that is not valid'),
  QueryNotSupported: { code: 'UNSUPPORTED', says: () => 'it takes no queries' },
  QueryNotSupportedOnResource: { code: 'UNSUPPORTED', says: () => 'it takes no queries here' },
  QueryParameterUnsupported: { code: 'UNSUPPORTED', says: (args) => `it does not know the query ${args[0] ?? ''}`.trimEnd() },
  ResourceMissingAtURI: { code: 'NOT_FOUND', says: (args) => `there is nothing at ${args[0] ?? 'this path'}` },
  ResourceNotFound: { code: 'NOT_FOUND', says: (args) => `there is no ${args[0] ?? 'resource'} ${quoted(args, 1)}` },

  // What contradicts the present state.
  PreconditionFailed: { code: 'CONFLICT', says: () => 'the resource was changed by somebody else in between', hint: 'Read it again, then decide.' },
  PreconditionRequired: { code: 'CONFLICT', says: () => 'it wants to know which version of the resource is changed' },
  ResourceAlreadyExists: { code: 'CONFLICT', says: () => 'there is one already' },
  ResourceCannotBeDeleted: { code: 'REFUSED', says: () => 'it cannot be deleted' },
  PropertyValueConflict: { code: 'CONFLICT', says: (args) => `${named(args, 0, 'property')} contradicts ${named(args, 1, 'property')}` },
  PropertyValueIncompatible: { code: 'CONFLICT', says: (args) => `${quoted(args, 0)} does not go with other values, for ${named(args, 1, 'property')}` },

  // What is wrong in the request.
  PropertyUnknown: property('is not known here'),
  PropertyNotWritable: property('cannot be changed'),
  PropertyNotWritableOrUnknown: property('cannot be changed or is not known here'),
  PropertyNotUpdatable: property('cannot be changed at the moment'),
  PropertyMissing: property('is missing'),
  PropertyDuplicate: property('stands twice'),
  PropertyValueNotInList: value('is not among the values of'),
  PropertyValueTypeError: value('is of the wrong type for'),
  PropertyValueFormatError: value('has the wrong form for'),
  PropertyValueOutOfRange: value('is out of range for'),
  PropertyValueExceedsMaxLength: value('is too long for'),
  PropertyValueBadParam: value('is not valid for'),
  ActionParameterUnknown: { code: 'REFUSED', says: (args) => `${named(args, 0, 'action')} does not know ${args[1] ?? 'a parameter'}` },
  ActionParameterMissing: parameter('is missing'),
  ActionParameterDuplicate: parameter('stands twice'),
  ActionParameterValueNotInList: { code: 'REFUSED', says: (args) => `${quoted(args, 0)} is not among the values of ${named(args, 1, 'parameter')}` },
  ActionParameterValueTypeError: { code: 'REFUSED', says: (args) => `${quoted(args, 0)} is of the wrong type for ${named(args, 1, 'parameter')}` },
  ActionParameterValueFormatError: { code: 'REFUSED', says: (args) => `${quoted(args, 0)} has the wrong form for ${named(args, 1, 'parameter')}` },
  MalformedJSON: malformed('is no JSON'),
  EmptyJSON: malformed('has no content'),
  UnrecognizedRequestBody: malformed('has content that is not understood'),
  InvalidObject: malformed('holds an object that is not valid'),
  InvalidURI: malformed('has a path that is not valid'),
  InvalidPasswordLength: { code: 'REFUSED', says: () => 'the password is too short or too long' },
  OperationNotAllowed: { code: 'REFUSED', says: () => 'it does not allow this' },
  OperationFailed: { code: 'REFUSED', says: () => 'the operation failed inside the controller' },
};

/** Keys that report a success, or that something has to follow it. */
const SUCCESS: ReadonlySet<string> = new Set([
  'Success', 'Created', 'NoOperation', 'AccountModified', 'AccountRemoved', 'PasswordChanged', 'ResetRequired', 'SystemResetRequired', 'ResetRecommended',
  'SettingsOverriddenNotification', 'TaskStarted', 'TaskCompletedOK', 'TaskProgressChanged', 'SubmittedSuccessfully',
]);

/** True for a message that something worked. Vendors add keys of their own that end so. */
export function isSuccess(key: string): boolean {
  return SUCCESS.has(key) || key.endsWith('Success');
}

/** Keys by which an answer says that the change takes effect with the next reset. */
const RESET_REQUIRED: ReadonlySet<string> = new Set(['ResetRequired', 'SystemResetRequired']);

/** True for a message that others may do what was asked: the session is good, and another one would be worth no more. */
export function lacksPrivilege(key: string): boolean {
  return meaningOf(key) === forbidden;
}

export function asksForReset(key: string): boolean {
  return RESET_REQUIRED.has(key);
}

/** The meaning of a key, if it has more to say than the HTTP status. */
export function meaningOf(key: string): MessageMeaning | undefined {
  return Object.hasOwn(MESSAGE_MEANINGS, key) ? MESSAGE_MEANINGS[key] : undefined;
}

import { type CallOptions, errorCode, invalidOptions, Secret } from '@ferric/core';
import { callMethod, getInstance } from '../classes/class-calls.js';
import type { InstanceOf } from '../classes/class-table.js';
import { type CONSENT_REQUIREMENTS, type CONSENT_STATES, IPS_OptInService } from '../classes/consent-classes.js';
import { present } from '../classes/present.js';
import type { MethodTable, ReturnMeanings } from '../classes/return-value.js';
import type { Named } from '../classes/value-readers.js';
import type { Wsman } from '../wsman/wsman.js';

/** Whether the user in front of the machine must agree, and how far that is. */
export interface ConsentReading {
  /** False: firmware before consent existed; nothing needs it. */
  readonly supported: boolean;
  /** For what it is needed. In client control mode always `all`. */
  readonly required: Named<typeof CONSENT_REQUIREMENTS>;
  readonly state: Named<typeof CONSENT_STATES>;
  /** True: the user has agreed, now. */
  readonly granted: boolean;
  /** True while a change of the next boot, or serial over LAN or a redirected drive, would be refused. */
  readonly blocksBootAndRedirection: boolean;
  /** True while the remote screen would be refused. */
  readonly blocksKvm: boolean;
  /** True: the requirement may be changed from afar. */
  readonly changeable: boolean;
  /** How long a code is good. Milliseconds. */
  readonly codeTimeoutMs?: number;
  /** How long the code is shown on the screen. Milliseconds. */
  readonly displayTimeoutMs?: number;
}

/**
 * The agreement of the user: {@link ConsentCalls.start} shows six digits on the machine's screen, {@link ConsentCalls.sendCode} sends what the user
 * reads out. It ends by itself some minutes after the last redirection session.
 * Source: Intel AMT Implementation and Reference Guide, "User Consent".
 */
export interface ConsentCalls {
  read(options?: CallOptions): Promise<ConsentReading>;
  /** Shows a code. Throws CONFLICT unless the state is `not started`, BUSY while too many wrong codes block it. */
  start(options?: CallOptions): Promise<void>;
  /**
   * Sends the code; it is never shown. Throws INVALID_OPTIONS unless it is six digits, CONFLICT unless a code is displayed, REFUSED for a wrong one.
   * After several wrong codes the state is `not started` again.
   */
  sendCode(code: string | Secret, options?: CallOptions): Promise<void>;
  /** Takes the code from the screen, or ends the consent. Throws CONFLICT when there is nothing to cancel. */
  cancel(options?: CallOptions): Promise<void>;
}

/** Source: Intel AMT Implementation and Reference Guide, class reference of IPS_OptInService, ReturnValue. */
function consentReturns(hint: string): ReturnMeanings {
  return {
    1: { code: 'REFUSED', words: 'internal error' },
    2: { code: 'CONFLICT', words: 'invalid state', hint },
    3: { code: 'BUSY', words: 'blocked', hint: 'The device blocks consent for a while after too many wrong codes or requests: wait some minutes.' },
    4: { code: 'REFUSED', words: 'failed' },
  };
}

const START: MethodTable = {
  resource: 'IPS_OptInService',
  method: 'StartOptIn',
  kind: 'amt',
  returns: consentReturns('A code is shown or consent was given already: read the state, or cancel.'),
};

const SEND_CODE: MethodTable = {
  resource: 'IPS_OptInService',
  method: 'SendOptInCode',
  kind: 'amt',
  returns: consentReturns('No code is shown on the screen, or it was wrong too often: start the consent again.'),
};

const CANCEL: MethodTable = {
  resource: 'IPS_OptInService',
  method: 'CancelOptIn',
  kind: 'amt',
  returns: consentReturns('There is no consent to cancel, or a session uses it.'),
};

export function createConsentCalls(wsman: Wsman): ConsentCalls {
  return {
    async read(options) {
      try {
        return toConsentReading(await getInstance(wsman, IPS_OptInService, options));
      } catch (error) {
        if (errorCode(error) === 'NOT_FOUND') return NOT_SUPPORTED;
        throw error;
      }
    },
    async start(options) {
      await callMethod(wsman, START, undefined, options);
    },
    async sendCode(code, options) {
      await callMethod(wsman, SEND_CODE, { fields: [{ name: 'OptInCode', value: checkCode(code) }] }, options);
    },
    async cancel(options) {
      await callMethod(wsman, CANCEL, undefined, options);
    },
  };
}

const NOT_SUPPORTED: ConsentReading = {
  supported: false,
  required: 'none',
  state: 'not started',
  granted: false,
  blocksBootAndRedirection: false,
  blocksKvm: false,
  changeable: false,
};

const SECOND_MS = 1000;

function toConsentReading(instance: InstanceOf<typeof IPS_OptInService>): ConsentReading {
  const { OptInRequired: required, OptInState: state, OptInCodeTimeout, OptInDisplayTimeout } = instance;
  const granted = state === 'received' || state === 'in session';
  return present({
    supported: true,
    required,
    state,
    granted,
    // A requirement without a name may be any.
    blocksBootAndRedirection: !granted && required !== 'none' && required !== 'kvm',
    blocksKvm: !granted && required !== 'none',
    changeable: instance.CanModifyOptInPolicy ?? false,
    codeTimeoutMs: OptInCodeTimeout === undefined ? undefined : OptInCodeTimeout * SECOND_MS,
    displayTimeoutMs: OptInDisplayTimeout === undefined ? undefined : OptInDisplayTimeout * SECOND_MS,
  });
}

function checkCode(code: string | Secret): Secret {
  const secret = Secret.from(code);
  if (/^\d{6}$/.test(secret.reveal())) return secret;
  throw invalidOptions('User consent', [{ field: 'code', problem: 'invalid', expected: 'the six digits on the screen of the machine' }]);
}

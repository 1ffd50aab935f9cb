import { FerricError, type CallOptions } from '@ferric/core';
import type { ConsentCalls } from '../consent/consent-calls.js';

/**
 * Looks whether the user in front of the machine has to agree before boot options are changed.
 * Source: Intel AMT Implementation and Reference Guide, "Remote Control and User Consent".
 * @throws REFUSED when the firmware wants a consent that was not given
 */
export async function checkConsent(consent: ConsentCalls, options: CallOptions): Promise<void> {
  const { blocksBootAndRedirection, required, state } = await consent.read(options);
  if (!blocksBootAndRedirection) return;
  throw new FerricError('REFUSED', `The firmware wants the consent of the user in front of the machine before boot options are changed; it is '${state}'`, {
    details: { consentRequired: required, consentState: state },
    hint: 'Ask for consent, and send the code that the screen shows. In client control mode this cannot be switched off; in admin control mode it is a setting of AMT.',
  });
}

import { FerricError, type FerricErrorCode, type Power, type PowerTarget } from '@ferric/core';

const RESTARTS: ReadonlySet<PowerTarget> = new Set(['rebooting', 'soft rebooting']);

/** Failures after which nobody knows whether the command came through, unless they tell. */
const UNCERTAIN: ReadonlySet<FerricErrorCode> = new Set(['UNREACHABLE', 'TIMEOUT', 'PROTOCOL_FAULT']);

/**
 * The same power, but a restart whose answer was lost fails for good: afterwards nothing shows whether the machine restarted, so what is done anew after an
 * outage must not come to restart it twice. What is switched on or off can be seen, and is looked at.
 */
export function restartOnce(power: Power): Power {
  return {
    get targets() {
      return power.targets;
    },
    read: (options) => power.read(options),
    async set(target, options) {
      try {
        return await power.set(target, options);
      } catch (error) {
        throw RESTARTS.has(target) && FerricError.is(error) && mayHaveComeThrough(error) ? forGood(error) : error;
      }
    },
    ...(power.assume === undefined ? {} : { assume: (state, evidence) => power.assume?.(state, evidence) }),
  };
}

function mayHaveComeThrough({ code, details }: FerricError): boolean {
  return details['sent'] === true || (UNCERTAIN.has(code) && details['sent'] !== false);
}

function forGood({ code, message, details, cause, hint = 'The machine may have restarted: look at it before trying again.' }: FerricError): FerricError {
  return new FerricError(code, message, { cause, details: { ...details, once: true }, hint, retryable: false });
}

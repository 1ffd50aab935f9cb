import { defineVendorMethod, type JsonObject, type VendorMethods } from '@ferric/core';
import { booleanField, objectSchema, z } from '@ferric/core/zod';
import { carryOut, getDeviceId, resetBmc, type IpmiRequest } from '@ferric/ipmi-raw-buffer';
import { isLost, partOf } from './ipmi-answers.js';
import type { IpmiCall, IpmiMachine } from './ipmi-machine.js';
import { parseRawBytes, printRawBytes, RAW_BYTES_EXPECTED, rawBytesExpected } from './raw-bytes.js';

/** One exchange, opening a session included. Milliseconds. */
const CALL_MS = 30_000;

/** How long the answer of a controller that restarts is waited for. Milliseconds. */
const RESET_ANSWER_MS = 5000;

/** How long the end of a session is waited for with a controller that may have forgotten it. Milliseconds. */
const CLOSE_MS = 500;

const rawArguments = objectSchema(
  'Arguments of send_raw',
  z.object({
    raw_bytes: z
      .string(RAW_BYTES_EXPECTED)
      .transform((text, context): IpmiRequest => {
        const request = parseRawBytes(text);
        if (request !== undefined) return request;
        context.issues.push({ code: 'custom', message: rawBytesExpected(text), input: text });
        return z.NEVER;
      })
      .meta({ type: 'string', description: `Bytes to send: ${RAW_BYTES_EXPECTED}` }),
  }),
);

const resetArguments = objectSchema(
  'Arguments of bmc_reset',
  z.object({ warm: booleanField().default(true).meta({ description: 'true: a warm reset, which keeps more of what the BMC knows; false: a cold one' }) }),
);

/**
 * What Ironic's vendor interface `ipmitool` offers, with its words.
 * Source: Ironic, ironic/drivers/modules/ipmitool.py (VendorPassthru), and a recorded list of its methods.
 */
export function createIpmiVendorMethods(machine: IpmiMachine): VendorMethods {
  return {
    methods: {
      send_raw: defineVendorMethod({
        description: "Send raw bytes to the BMC. Required argument: 'raw_bytes' - a string of raw bytes (e.g. '0x00 0x01').",
        httpMethods: ['POST'],
        async: true,
        attach: false,
        requireExclusiveLock: true,
        arguments: rawArguments,
        call: ({ raw_bytes: request }, options) => machine.perform({ what: 'send_raw', timeoutMs: CALL_MS }, options, (call) => sendRaw(machine, call, request)),
      }),
      bmc_reset: defineVendorMethod({
        description: "Reset the BMC. Required argument: 'warm' (Boolean) - for warm (True) or cold (False) reset.",
        httpMethods: ['POST'],
        async: true,
        attach: false,
        requireExclusiveLock: true,
        arguments: resetArguments,
        call: ({ warm }, options) => machine.perform({ what: 'bmc_reset', timeoutMs: CALL_MS }, options, (call) => reset(machine, call, warm)),
      }),
    },
  };
}

/** Nobody knows what the bytes do, so that they are sent once. */
async function sendRaw(machine: IpmiMachine, call: IpmiCall, request: IpmiRequest): Promise<JsonObject> {
  try {
    const data = await carryOut(call.bmc, 'send_raw', request, { ...partOf(call), repeatable: false });
    return { data: printRawBytes(data) };
  } finally {
    if (changesSession(request)) await leaveSession(machine, call);
  }
}

/** Set Session Privilege Level and Close Session. Source: IPMI 1.5, sections 18.16 and 18.17. */
function changesSession({ netFn, command }: IpmiRequest): boolean {
  return netFn === 0x06 && (command === 0x3b || command === 0x3c);
}

/** Closes the session, which others share and must not find changed or gone. With bridging, what was asked concerns another controller. */
async function leaveSession(machine: IpmiMachine, call: IpmiCall): Promise<void> {
  if (machine.bridge.length === 0) await call.client.close({ timeoutMs: CLOSE_MS }).catch(() => undefined);
}

/** A controller that restarts at once sends no answer, which says nothing against it. */
async function reset(machine: IpmiMachine, call: IpmiCall, warm: boolean): Promise<JsonObject> {
  // With a question before it, a controller that is away shows as such, and not as one that restarts.
  await getDeviceId(call.bmc, partOf(call));
  let answered = true;
  try {
    await resetBmc(call.bmc, warm ? 'warm' : 'cold', partOf(call, RESET_ANSWER_MS));
  } catch (error) {
    if (call.deadline.signal.aborted || !isLost(error)) throw error;
    answered = false;
  }
  // The controller has forgotten the session, and the next request must not have to find that out.
  await leaveSession(machine, call);
  return { reset: warm ? 'warm' : 'cold', answered };
}

import { FerricError, printValue, type BootDeviceSetting, type JsonObject, type JsonValue, type PowerTarget } from '@ferric/core';
import { z } from '@ferric/core/zod';

// The protocol of the fake controller is our own: over TCP, one line of JSON asks and one line of JSON answers,
// then the connection is closed. This file is the only one that knows how those lines look; it does no I/O.

/** What a fake controller keeps for its machine besides power and boot device, each as a JSON document that means nothing to it. */
export const FAKE_SETTINGS = ['boot mode', 'secure boot', 'indicators', 'bios', 'raid'] as const;
export type FakeSettingName = (typeof FAKE_SETTINGS)[number];

/** What a fake controller can be asked. */
export type FakeRequest =
  | { readonly command: 'read power' }
  | { readonly command: 'change power'; readonly target: PowerTarget }
  | { readonly command: 'read boot device' }
  | { readonly command: 'change boot device'; readonly device: 'pxe'; readonly persistent: boolean }
  | { readonly command: 'read setting'; readonly name: FakeSettingName }
  | { readonly command: 'change setting'; readonly name: FakeSettingName; readonly value: JsonValue };

/** What it answers to each command. */
export interface FakeResults {
  'read power': 'power on' | 'power off';
  'change power': 'accepted';
  'read boot device': BootDeviceSetting;
  'change boot device': 'accepted';
  /** Null: it was never set. */
  'read setting': JsonValue;
  'change setting': 'accepted';
}

/** Why it declined, in its own words. */
export const FAKE_REFUSALS = ['wrong password', 'busy', 'failed'] as const;
export type FakeRefusal = (typeof FAKE_REFUSALS)[number];

export type FakeAnswer<Result> = { readonly result: Result } | { readonly refusal: FakeRefusal };

const accepted = z.object({ result: z.literal('accepted') });
const ANSWERS: { readonly [Command in keyof FakeResults]: z.ZodType<{ readonly result: FakeResults[Command] }> } = {
  'read power': z.object({ result: z.enum(['power on', 'power off']) }),
  'change power': accepted,
  'read boot device': z.object({ result: z.object({ device: z.literal('pxe'), persistent: z.boolean() }) }),
  'change boot device': accepted,
  'read setting': z.object({ result: z.json() }),
  'change setting': accepted,
};
const refusal = z.object({ refusal: z.enum(FAKE_REFUSALS) });

/** A request as the line that goes over the wire, without its line end. Without a password the field is left out. */
export function encodeRequest(request: FakeRequest, password: string | undefined): string {
  return JSON.stringify({ ...request, password });
}

/**
 * The answer to `command` from the line that came.
 * @param details what an error tells of the controller, such as its address
 * @throws PROTOCOL_FAULT when the line is not an answer to this command.
 */
export function decodeAnswer<Command extends keyof FakeResults>(
  command: Command,
  line: string,
  details: JsonObject = {},
): FakeAnswer<FakeResults[Command]> {
  const parsed = z.union([refusal, ANSWERS[command]]).safeParse(parseJson(line));
  if (parsed.success) return parsed.data;
  throw new FerricError('PROTOCOL_FAULT', `The controller answered '${command}' with something else`, {
    details: { ...details, step: command, expected: 'a result or a refusal', received: printValue(line) },
    hint: 'Check that a fake controller listens at this address and port.',
  });
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

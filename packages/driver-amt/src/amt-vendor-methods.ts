import { defineVendorMethod, type HttpMethod, type JsonValue, type ObjectSchema, type VendorMethod, type VendorMethods } from '@ferric/core';
import { booleanField, integerField, noArguments, objectSchema, secretField, z } from '@ferric/core/zod';
import type { AmtCall, AmtMachine } from './amt-machine.js';
import type { AmtPower } from './amt-power.js';
import type { BootChoice } from './boot-choice.js';
import type { ConsentReading } from './client/consent/index.js';
import { snakeCase, toJson } from './to-json.js';

/** A few exchanges. Milliseconds. */
const CALL_MS = 60_000;

/** Some ten records come with each exchange. Milliseconds. */
const AUDIT_MS = 300_000;

const MINUTE_MS = 60_000;

/** Longest time between two alarms: a year. Minutes. */
const LONGEST_INTERVAL_MINUTES = 366 * 24 * 60;

const TIME_EXPECTED = 'a date and time with its zone, such as 2026-12-24T06:00:00Z';
const NAME_EXPECTED = 'a text of 1 to 32 characters';

const name = z.string(NAME_EXPECTED).min(1, NAME_EXPECTED).max(32, NAME_EXPECTED);

const alarmArguments = objectSchema(
  'Arguments of add_alarm',
  z.object({
    name: name.meta({ description: 'Name of the alarm, unique on the machine' }),
    start_time: z
      .string(TIME_EXPECTED)
      .refine((text) => /(?:Z|[+-]\d\d:\d\d)$/.test(text) && !Number.isNaN(Date.parse(text)), TIME_EXPECTED)
      .meta({ description: `When the machine is switched on: ${TIME_EXPECTED}` }),
    interval_minutes: integerField({ min: 0, max: LONGEST_INTERVAL_MINUTES }).default(0).meta({ description: 'Again after each such time; 0: once' }),
    delete_on_completion: booleanField().optional().meta({ description: 'Whether the alarm goes away when it has gone off; default: if it goes off once' }),
  }),
);

const nameArguments = objectSchema('Arguments of delete_alarm', z.object({ name: name.meta({ description: 'Name of the alarm' }) }));

const codeArguments = objectSchema(
  'Arguments of send_user_consent_code',
  z.object({ code: secretField({ description: 'The six digits that the screen of the machine shows', expected: 'six digits', accepts: (code) => /^\d{6}$/.test(code) }) }),
);

const STATES = ['power cycle', 'sleep', 'hibernate'] as const;
const stateArguments = objectSchema(
  'Arguments of power_state_change',
  z.object({
    state: z.enum(STATES, `one of ${STATES.join(', ')}`).meta({ description: 'power cycle: off for a moment and on again; sleep and hibernate: by its operating system' }),
  }),
);

interface MethodFacts<Arguments> {
  readonly description: string;
  readonly httpMethods: readonly HttpMethod[];
  readonly arguments: ObjectSchema<Arguments>;
  /** Milliseconds; default {@link CALL_MS}. */
  readonly timeoutMs?: number;
  readonly run: (call: AmtCall, args: Arguments) => Promise<JsonValue>;
}

export interface AmtVendorParts {
  readonly machine: AmtMachine;
  readonly power: AmtPower;
  readonly bootChoice: BootChoice;
}

/** What only machines with AMT have. Names are Ferric's: the retired driver had no vendor interface. */
export function createAmtVendorMethods({ machine, power, bootChoice }: AmtVendorParts): VendorMethods {
  const readConsent = async ({ client, options }: AmtCall): Promise<ConsentReading> => {
    const consent = await client.consent.read(options);
    if (!consent.blocksBootAndRedirection) bootChoice.consented();
    return consent;
  };

  const method = <Arguments>(what: string, { description, httpMethods, arguments: schema, timeoutMs = CALL_MS, run }: MethodFacts<Arguments>): VendorMethod =>
    defineVendorMethod({
      description,
      httpMethods,
      async: false,
      attach: false,
      requireExclusiveLock: !httpMethods.includes('GET'),
      arguments: schema,
      call: (args: Arguments, options) => machine.perform({ what, timeoutMs }, options, (call) => run(call, args)),
    });

  const methods: Record<string, VendorMethod> = {
    get_boot_capabilities: method('get_boot_capabilities', {
      description: 'What the firmware of the machine can be told about its next boot, as AMT names it.',
      httpMethods: ['GET'],
      arguments: noArguments,
      run: async ({ client, options }) => toJson(await client.boot.capabilities(options)),
    }),
    get_user_consent: method('get_user_consent', {
      description: 'Whether the user in front of the machine has to agree to a change of its boot, how far that is, and the control mode of AMT.',
      httpMethods: ['GET'],
      arguments: noArguments,
      run: async (call) => {
        const consent = await readConsent(call);
        return { ...toJson(consent, snakeCase), control_mode: (await call.client.settings.readControlMode(call.options)).mode };
      },
    }),
    request_user_consent: method('request_user_consent', {
      description: 'Shows six digits on the screen of the machine, which its user reads out.',
      httpMethods: ['POST'],
      arguments: noArguments,
      run: async ({ client, options }) => {
        await client.consent.start(options);
        return { state: (await client.consent.read(options)).state };
      },
    }),
    send_user_consent_code: method('send_user_consent_code', {
      description: "Sends the digits that the user read out. Required argument: 'code'.",
      httpMethods: ['POST'],
      arguments: codeArguments,
      run: async (call, { code }) => {
        await call.client.consent.sendCode(code, call.options);
        return { state: (await readConsent(call)).state };
      },
    }),
    cancel_user_consent: method('cancel_user_consent', {
      description: 'Takes the digits from the screen of the machine, or ends the consent.',
      httpMethods: ['POST'],
      arguments: noArguments,
      run: async ({ client, options }) => {
        await client.consent.cancel(options);
        return { state: (await client.consent.read(options)).state };
      },
    }),
    synchronize_time: method('synchronize_time', {
      description: 'Sets the clock of AMT to that of this conductor, in UTC, when it is wrong by more than a second.',
      httpMethods: ['POST'],
      arguments: noArguments,
      run: async ({ client, options }) => toJson(await client.clock.synchronise(options), snakeCase),
    }),
    get_audit_log: method('get_audit_log', {
      description: 'What was done to AMT and by whom, the oldest first. The user of AMT needs the right of an auditor.',
      httpMethods: ['GET'],
      arguments: noArguments,
      timeoutMs: AUDIT_MS,
      run: async ({ client, options }) => ({ records: (await client.logs.readAudit(options)).map((record) => toJson(record, snakeCase)) }),
    }),
    get_alarms: method('get_alarms', {
      description: 'Moments at which AMT switches the machine on.',
      httpMethods: ['GET'],
      arguments: noArguments,
      run: async ({ client, options }) => ({ alarms: (await client.clock.listAlarms(options)).map((alarm) => toJson(alarm, snakeCase)) }),
    }),
    add_alarm: method('add_alarm', {
      description: "Lets AMT switch the machine on at a set time. Required arguments: 'name', 'start_time'. Optional: 'interval_minutes', 'delete_on_completion'.",
      httpMethods: ['POST'],
      arguments: alarmArguments,
      run: async ({ client, options }, args) => {
        const { delete_on_completion: deleteOnCompletion } = args;
        const alarm = { name: args.name, startsAt: new Date(args.start_time), intervalMs: args.interval_minutes * MINUTE_MS };
        return toJson(await client.clock.addAlarm(deleteOnCompletion === undefined ? alarm : { ...alarm, deleteOnCompletion }, options), snakeCase);
      },
    }),
    delete_alarm: method('delete_alarm', {
      description: "Deletes an alarm. Required argument: 'name'.",
      httpMethods: ['POST', 'DELETE'],
      arguments: nameArguments,
      run: async ({ client, options }, args) => {
        await client.clock.deleteAlarm(args.name, options);
        return null;
      },
    }),
    power_state_change: defineVendorMethod({
      description: "Brings the machine to a state that Ironic has no word for. Required argument: 'state' - one of 'power cycle', 'sleep', 'hibernate'.",
      httpMethods: ['POST'],
      async: true,
      attach: false,
      requireExclusiveLock: true,
      arguments: stateArguments,
      async call({ state }, options) {
        const { reading, report } = await power.change(state, options);
        return { state: reading.state, detail: reading.detail ?? null, ...(report === undefined ? {} : { report }) };
      },
    }),
  };
  return { methods };
}

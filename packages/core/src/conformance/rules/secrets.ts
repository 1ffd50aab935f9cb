import assert from 'node:assert/strict';
import { FAULT_KINDS, type FaultKind } from '../../virtual-device/virtual-device.js';
import type { LogLine } from '../../testing/recording-logger.js';
import { formatFrame, type TranscriptFrame } from '../../transcript/transcript.js';
import type { Bench } from '../bench.js';
import { allCalls, anyTarget } from '../calls.js';
import { outcomeOf, sideBySide, valueOf } from '../outcome.js';
import type { Rule, RuleContext, RuleFacts } from '../rule.js';
import { findSecret, printError, printEverything, type SecretForms, secretForms, SHORTEST_SECRET } from '../secret-search.js';

const needsSecrets = (facts: RuleFacts): string | undefined => (facts.secretFields.length > 0 ? undefined : 'the driver has no secrets');

/** Everything that a driver said in good and in bad times. */
interface Evidence {
  readonly secrets: SecretForms[];
  readonly errors: { readonly what: string; readonly error: unknown }[];
  readonly results: { readonly what: string; readonly value: unknown }[];
  readonly lines: LogLine[];
  readonly frames: TranscriptFrame[];
}

export const SECRET_RULES: readonly Rule[] = [
  {
    id: 'secrets-in-errors',
    title: 'No error shows a secret: not in message, stack, details, hint or causes',
    why: 'Errors go to logs, pages, tickets and chats.',
    exempt: needsSecrets,
    async check(context) {
      const { errors, secrets } = await evidenceOf(context);
      assert.ok(errors.length > 0, 'No call failed; there is nothing to judge');
      for (const { what, error } of errors) checkHidden(`The error of ${what}`, printError(error), secrets);
    },
  },
  {
    id: 'secrets-in-results',
    title: 'No result shows a secret: not a reading, not an outcome with its report',
    why: 'Results are kept in the history of a node, and everybody may read that.',
    exempt: needsSecrets,
    async check(context) {
      const { results, secrets } = await evidenceOf(context);
      for (const { what, value } of results) checkHidden(`The result of ${what}`, printEverything(value), secrets);
    },
  },
  {
    id: 'secrets-in-logs',
    title: 'No log line shows a secret, at any level',
    why: 'Debug level must be safe to paste in public.',
    exempt: needsSecrets,
    async check(context) {
      const { lines, secrets } = await evidenceOf(context);
      for (const line of lines) checkHidden(`The ${line.level} line "${line.message}"`, `${line.message}\n${printEverything(line.fields)}`, secrets);
    },
  },
  {
    id: 'secrets-in-transcript',
    title: 'No frame of the transcript shows a secret, as text, bytes, hexadecimal or base64',
    why: 'Transcripts are made to be sent to somebody else.',
    exempt: needsSecrets,
    async check(context) {
      const { frames, secrets } = await evidenceOf(context);
      for (const frame of frames) {
        const what = `The frame "${frame.label}" (${frame.direction})`;
        checkHidden(what, frame.payload, secrets);
        checkHidden(what, formatFrame(frame), secrets);
      }
    },
  },
  {
    id: 'secrets-in-inspection',
    title: 'Printing the driver, a device or parsed driver_info shows no secret',
    why: 'Somebody will print them one day to see what is wrong.',
    exempt: needsSecrets,
    async check(context) {
      const { driver, device, virtualDevice } = await context.bench();
      const secrets = secretsOf(context, virtualDevice);
      await valueOf('power.read', () => device.power.read(), context.limits.callMs);
      const things = { driver, 'a device that is in use': device, 'parsed driver_info': driver.driverInfo.parse(virtualDevice.driverInfo) };
      for (const [what, thing] of Object.entries(things)) checkHidden(`Printing ${what}`, printEverything(thing), secrets);
    },
  },
];

function checkHidden(what: string, payload: string | Uint8Array, secrets: readonly SecretForms[]): void {
  const field = findSecret(payload, secrets);
  assert.ok(field === undefined, `${what} shows the secret of ${field}`);
}

/** The secrets of a simulated machine, the right ones and the wrong ones. */
function secretsOf(context: RuleContext, virtualDevice: Bench['virtualDevice']): SecretForms[] {
  const forms = [virtualDevice.driverInfo, virtualDevice.wrongDriverInfo ?? {}].flatMap((driverInfo) =>
    context.facts.secretFields.flatMap((field) => {
      const value = driverInfo[field];
      if (typeof value !== 'string') return [];
      const short = `The simulator's ${field} has ${value.length} characters; give it ${SHORTEST_SECRET} or more, so that it can be searched for`;
      assert.ok(value.length >= SHORTEST_SECRET, short);
      return [secretForms(field, value)];
    }),
  );
  assert.ok(forms.length > 0, `The simulator's driver_info has no value for ${context.facts.secretFields.join(' or ')}: nothing could be searched for`);
  return forms;
}

const evidenceOf = (context: RuleContext): Promise<Evidence> => context.shared('evidence about secrets', () => gather(context));

/** Leads a driver through good and bad times and keeps everything it says. */
async function gather(context: RuleContext): Promise<Evidence> {
  const evidence: Evidence = { secrets: [], errors: [], results: [], lines: [], frames: [] };
  const scenes: readonly ((bench: Bench) => Promise<void>)[] = [
    async (bench) => callAll(context, bench, evidence, 'in good times', context.limits.callMs),
    async (bench) => withWrongCredentials(context, bench, evidence),
    async (bench) => withBadDriverInfo(context, bench, evidence),
    async (bench) => givenUp(context, bench, evidence),
    ...(Object.keys(FAULT_KINDS) as FaultKind[])
      .filter((kind) => context.facts.faults.has(kind))
      .map((kind) => async (bench: Bench) => withFault(context, bench, evidence, kind)),
  ];
  const run = async (play: (bench: Bench) => Promise<void>): Promise<void> => {
    const bench = await context.bench();
    evidence.secrets.push(...secretsOf(context, bench.virtualDevice));
    await play(bench);
    await outcomeOf('dispose', async () => bench.device[Symbol.asyncDispose](), context.limits.callMs);
    evidence.lines.push(...bench.host.logger.lines);
    evidence.frames.push(...bench.host.transcript.frames);
  };
  await sideBySide(scenes.map((play) => () => run(play)), context.subject.machinesAtOnce);
  return evidence;
}

type Gathered = Pick<Evidence, 'errors' | 'results'>;

async function callAll(context: RuleContext, bench: Bench, into: Gathered, when: string, timeoutMs: number): Promise<void> {
  for (const call of allCalls(bench.device)) await keep(`${call.name} ${when}`, () => call.run({ timeoutMs }), timeoutMs + context.limits.graceMs, into);
}

async function keep(what: string, call: () => Promise<unknown>, limitMs: number, into: Gathered): Promise<void> {
  const outcome = await outcomeOf(what, call, limitMs);
  if (outcome.status === 'rejected') into.errors.push({ what, error: outcome.reason });
  if (outcome.status === 'fulfilled') into.results.push({ what, value: outcome.value });
}

async function withWrongCredentials(context: RuleContext, bench: Bench, into: Gathered): Promise<void> {
  if (bench.virtualDevice.wrongDriverInfo === undefined) return;
  const device = bench.open(bench.virtualDevice.wrongDriverInfo);
  await keep('power.read with wrong credentials', () => device.power.read(), context.limits.callMs, into);
  await keep('power.set with wrong credentials', () => device.power.set(anyTarget(device.power.targets)), context.limits.callMs, into);
}

/** Secrets of a wrong type, and good ones beside other fields that are wrong. */
async function withBadDriverInfo(context: RuleContext, bench: Bench, into: Gathered): Promise<void> {
  const { driver, virtualDevice } = bench;
  const { secretFields } = context.facts;
  const openFields = Object.keys(virtualDevice.driverInfo).filter((field) => !secretFields.includes(field));
  const wrapped = Object.fromEntries(secretFields.map((field) => [field, { wrapped: virtualDevice.driverInfo[field] }]));
  const others = Object.fromEntries(openFields.map((field) => [field, { wrong: true }]));
  for (const driverInfo of [{ ...virtualDevice.driverInfo, ...wrapped }, { ...virtualDevice.driverInfo, ...others }, Object.values(virtualDevice.driverInfo)]) {
    await keep('parsing bad driver_info', async () => driver.driverInfo.parse(driverInfo), context.limits.callMs, into);
  }
}

async function givenUp(context: RuleContext, bench: Bench, into: Gathered): Promise<void> {
  const { device } = bench;
  await keep('power.set(hibernate)', () => device.power.set('hibernate' as 'power on'), context.limits.callMs, into);
  await keep('power.read given up', () => device.power.read({ signal: AbortSignal.abort() }), context.limits.callMs, into);
  await outcomeOf('dispose', async () => device[Symbol.asyncDispose](), context.limits.callMs);
  await keep('power.read after it was disposed', () => device.power.read(), context.limits.callMs, into);
}

async function withFault(context: RuleContext, bench: Bench, into: Gathered, kind: FaultKind): Promise<void> {
  const { device, virtualDevice } = bench;
  const timeoutMs = context.limits.deadlineMs;
  const limitMs = timeoutMs + context.limits.graceMs;
  virtualDevice.faults.inject({ kind, ...(kind === 'slow' ? { delayMs: 2 * timeoutMs } : {}) });
  await keep(`power.read with the fault "${kind}"`, () => device.power.read({ timeoutMs }), limitMs, into);
  await keep(`power.set with the fault "${kind}"`, () => device.power.set(anyTarget(device.power.targets), { timeoutMs }), limitMs, into);
}

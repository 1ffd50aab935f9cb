import { isDeepStrictEqual } from 'node:util';
import type { RecordedExchange } from './recorded.js';

/** Where the recorded Ironic answered: one conductor, and another for the later exchanges. */
const RECORDED_BASES = ['http://127.0.0.1:6385', 'http://127.0.0.1:6387'] as const;
/** What they called themselves, as values in JSON; the compared conductor is called like the first, whose name is in paths too. */
const [FIRST_NAME, LATER_NAME] = ['"peer1"', '"peer3"'] as const;

/** The API that is compared: anything that speaks HTTP. */
export interface ReplayTarget {
  /** `http://127.0.0.1:12345`. */
  readonly base: string;
  fetch(url: string, init: RequestInit): Promise<Response>;
}

/** How one exchange came out: the places where the answers differ, and what is there in each. */
export interface ReplayResult {
  readonly number: string;
  /** What was answered here: 202 means that work goes on. */
  readonly status: number;
  /** The path that was asked here. */
  readonly path: string;
  /** UUID of the answered record, if it has one. */
  readonly uuid?: string;
  readonly differences: Readonly<Record<string, { readonly recorded: unknown; readonly ours: unknown }>>;
}

/** Replays exchanges one after the other. Names that the server made up (UUIDs) are mapped from the record to ours. */
export class Replay {
  readonly #target: ReplayTarget;
  readonly #names = new Map<string, string>();

  constructor(target: ReplayTarget) {
    this.#target = target;
  }

  /** Sends a request that is not in the record. It must succeed. */
  async prepare(request: RecordedExchange['request']): Promise<void> {
    const { status } = await this.#send(request);
    if (status >= 300) throw new Error(`${request.method} ${request.path} answered ${status}`);
  }

  async run({ number, request, response }: RecordedExchange): Promise<ReplayResult> {
    const asked = this.#map(request.path);
    const answer = await this.#send(request);
    const text = await answer.text();
    const ours = { status: answer.status, headers: headersOf(Object.fromEntries(answer.headers)), body: bodyOf(text === '' ? undefined : (JSON.parse(text) as unknown)) };
    this.#learn(response.body, ours.body);
    const recorded = JSON.parse(
      this.#map(JSON.stringify({ status: response.status, headers: headersOf(response.headers), body: bodyOf(response.body ?? undefined, text) })),
    ) as unknown;
    const uuid = uuidOf(ours.body);
    const differences = Object.fromEntries(compare('', recorded, JSON.parse(JSON.stringify(ours))));
    return { number, status: answer.status, path: asked, ...(uuid === undefined ? {} : { uuid }), differences };
  }

  #send({ body, headers, method, path }: RecordedExchange['request']): Promise<Response> {
    return this.#target.fetch(`${this.#target.base}${this.#map(path)}`, {
      method,
      headers: { ...headers },
      ...(body === undefined ? {} : { body: this.#map(typeof body === 'string' ? body : JSON.stringify(body)) }),
    });
  }

  #map(text: string): string {
    let mapped = text.replaceAll(LATER_NAME, FIRST_NAME);
    for (const base of RECORDED_BASES) mapped = mapped.replaceAll(base, this.#target.base);
    for (const [recorded, ours] of this.#names) mapped = mapped.replaceAll(recorded, ours);
    return mapped;
  }

  #learn(recorded: unknown, ours: unknown): void {
    const [theirs, own] = [recorded, ours].map(uuidOf);
    if (theirs !== undefined && own !== undefined) this.#names.set(theirs, own);
  }
}

function uuidOf(body: unknown): string | undefined {
  return (body as { uuid?: string } | null | undefined)?.uuid;
}

/** The headers that clients read; ids only by their presence, URLs as they are. */
function headersOf(headers: Readonly<Record<string, string>>): Readonly<Record<string, string | undefined>> {
  const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  const versions = ['version', 'minimum-version', 'maximum-version'].map((name) => `x-openstack-ironic-api-${name}`);
  return {
    ...Object.fromEntries(['content-type', 'location', ...versions].map((name) => [name, lower[name]])),
    'openstack-request-id': /^req-[0-9a-f-]{36}$/.test(lower['openstack-request-id'] ?? '') ? 'req-<uuid>' : undefined,
  };
}

/** The body with the error inside taken apart. An empty body and a JSON null are told apart by what came over the wire. */
function bodyOf(body: unknown, text?: string): unknown {
  if (body === undefined) return text === 'null' ? null : undefined;
  const message = (body as { error_message?: string } | null)?.error_message;
  return message === undefined ? body : { error_message: JSON.parse(message) as unknown };
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00$/;

function* compare(path: string, recorded: unknown, ours: unknown): Generator<[string, { recorded: unknown; ours: unknown }]> {
  if (isPlain(recorded) && isPlain(ours)) {
    for (const key of new Set([...Object.keys(recorded), ...Object.keys(ours)])) yield* compare(path === '' ? key : `${path}.${key}`, recorded[key], ours[key]);
  } else if (Array.isArray(recorded) && Array.isArray(ours) && recorded.length === ours.length) {
    for (const [index, item] of recorded.entries()) yield* compare(`${path}[${index}]`, item, ours[index]);
  } else if (!isSame(recorded, ours)) {
    yield [path, { recorded, ours }];
  }
}

function isSame(recorded: unknown, ours: unknown): boolean {
  if (typeof recorded === 'string' && typeof ours === 'string' && TIME.test(recorded)) return TIME.test(ours);
  return isDeepStrictEqual(recorded, ours);
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

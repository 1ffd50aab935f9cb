import { constant, constantFrom, integer, oneof, tuple, uniqueArray, type Arbitrary } from 'fast-check';
import type { AnyEndpoint } from '../../../src/api/http/endpoint.js';
import { MAXIMUM_VERSION } from '../../../src/api/http/versions.js';
import { bodyOf, often, valueOf, type Surroundings } from './hostile-bodies.js';
import { hostileText, rawBody } from './hostile-values.js';

/** One request, whole, in the form in which a failure prints it. */
export interface HostileRequest {
  readonly method: string;
  readonly url: string;
  /** Null: no header. */
  readonly version: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | undefined;
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'] as const;
const WORDS = ['methods', 'third_method_sync', 'second_method', 'CUSTOM_A', 'HW_CPU_X86_VMX', 'detail', 'led@system', 'test', 'fake-hardware', 'latest'] as const;
const EVERY_LIST = ['limit', 'marker', 'sort_key', 'sort_dir', 'fields', 'detail', 'bogus'] as const;

const escape = (text: string): string => encodeURIComponent(text.toWellFormed());

/** Escaped parts of a path. */
function pathPart(before: string, records: Surroundings['records']): Arbitrary<string> {
  const known = records.get(before) ?? [];
  const all = [...records.values()].flat();
  return oneof(
    ...(known.length === 0 ? [] : [often(12, constantFrom(...known).map(escape))]),
    ...(all.length === 0 ? [] : [often(1, constantFrom(...all).map(escape))]),
    often(2, constantFrom(...WORDS).map(escape)),
    often(2, hostileText.map(escape)),
    often(1, constantFrom('%', '%zz', '%00', '%C0%AF', '%2F', '..', '.', '%2e%2e', '', 'a b', ';x=1', '%ED%A0%80')),
  );
}

function pathOf(endpoint: AnyEndpoint, { records, expendable }: Surroundings): Arbitrary<string> {
  const parts = endpoint.path.split('/').slice(1);
  const removesOne = endpoint.method === 'DELETE' && parts.at(-1)?.startsWith(':') === true;
  const known = removesOne ? expendable : records;
  const made = parts.map((part, index) => (part.startsWith(':') ? pathPart(parts[index - 1] ?? '', known) : constant(part)));
  return tuple(constantFrom('/v1', '/v1', '/v1', ''), ...made).map(([root, ...rest]) => [root, ...rest].join('/') || '/');
}

type Argument = readonly [name: string, value: unknown];

function queryOf({ query }: AnyEndpoint, surroundings: Surroundings): Arbitrary<string> {
  const own = Object.entries(query ?? {}).map(([name, { type }]) => tuple(constant(name), valueOf(type.schema, surroundings, name)));
  const others = [
    tuple(constantFrom(...EVERY_LIST), hostileText),
    tuple(constantFrom('sort_key', 'fields'), constantFrom(...surroundings.fieldNames)),
    tuple(hostileText, hostileText),
  ];
  const argument = oneof(...([...own, ...others] as readonly Arbitrary<Argument>[]));
  return uniqueArray(argument, { maxLength: 2 }).map((chosen) => (chosen.length === 0 ? '' : `?${chosen.map(argumentText).join('&')}`));
}

function argumentText([name, value]: Argument): string {
  return `${escape(name)}=${escape(typeof value === 'string' ? value : (JSON.stringify(value) ?? ''))}`;
}

const ODD_VERSIONS = [
  null, 'latest', 'LATEST', '', '1', '1.', '.1', '1.0', '1.9999999999999', '2.0', '-1.5', '1.1.1', '1.1e1', ' 1.5 ', '1.5, 1.6', 'abc',
] as const;

const version: Arbitrary<string | null> = oneof(
  often<string | null>(8, constant(`1.${MAXIMUM_VERSION}`)),
  often<string | null>(4, integer({ min: 1, max: MAXIMUM_VERSION }).map((minor) => `1.${minor}`)),
  often<string | null>(1, constantFrom(...ODD_VERSIONS)),
);

const ODD_TYPES = [
  'text/plain', 'application/json; charset=utf-16', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'APPLICATION/JSON',
  'application/json;;', 'application/json-patch+json', 'x', '*/*',
] as const;

type Headers = HostileRequest['headers'];

const oddHeaders: Arbitrary<Headers> = oneof<Arbitrary<Headers>[]>(
  constantFrom(...ODD_TYPES).map((type) => ({ 'content-type': type })),
  constantFrom('text/html', '*/*;q=nope', '', 'image/png').map((accept) => ({ accept })),
  constantFrom('a b', '"><script>', '', 'x'.repeat(3000), '[::1', 'host:99999999').map((host) => ({ host })),
  constantFrom('Basic !!!', 'Bearer x', 'Basic ', 'x').map((authorization) => ({ authorization })),
  constantFrom('-1', '1', '99999999', 'abc').map((length) => ({ 'content-length': length })),
  constantFrom('gzip', 'nonsense').map((encoding) => ({ 'content-encoding': encoding })),
  constant({ 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'gopher' }),
);

/** Requests to one endpoint: most reach it, and most of those are wrong in one thing only. */
export function requestsTo(endpoint: AnyEndpoint, surroundings: Surroundings): Arbitrary<HostileRequest> {
  const reads = endpoint.method === 'GET';
  const nothing = constant(undefined);
  const query = queryOf(endpoint, surroundings);
  return tuple(
    oneof(often<string>(15, constant(endpoint.method)), often<string>(1, constantFrom(...METHODS))),
    pathOf(endpoint, surroundings),
    reads ? query : oneof(often(6, constant('')), often(1, query)),
    version,
    oneof(often<Headers>(12, constant({})), often(1, oddHeaders)),
    reads ? oneof(often(15, nothing), often(1, rawBody)) : oneof(often(1, nothing), often(9, bodyOf(endpoint, surroundings))),
  )
    .filter(([method, path]) => method !== 'DELETE' || endpoint.method === 'DELETE' || !namesRecord(path, surroundings))
    .map(([method, path, asked, asVersion, headers, body]) => ({ method, url: `${path}${asked}`, version: asVersion, headers, body }));
}

/** Removing what the other requests are about would leave nothing to attack. */
function namesRecord(path: string, { records }: Surroundings): boolean {
  return [...records.values()].flat().some((identifier) => path.toLowerCase().endsWith(escape(identifier).toLowerCase()));
}

import { gzipSync } from 'node:zlib';
import type { Fault, JsonObject, JsonValue } from '@ferric/core';
import { type Controller, createCaller } from '../controller.js';
import type { Account } from '../machine/accounts.js';
import type { Refusal } from '../outcome.js';
import type { WireReply, WireRequest } from '../wire/reply.js';
import { authenticate, type Identified } from './authenticate.js';
import { etagMatches, etagOf } from './etag.js';
import { type Message, messageBody, refusalMessage, RESET_IN_PROGRESS, type Style, SUCCESS } from './messages.js';
import { redirectOf } from './redirects.js';
import { asList, asObject, isReply, type RestAnswer, type RestContext, type RestReply } from './resource.js';
import { type Found, findResource } from './route.js';
import { nameOfType, typeOf } from './self-description.js';
import type { RestService } from './service.js';
import { checkWritable } from './writable.js';

const NOT_LOGGED_IN: Message = { registry: 'Base', key: 'NoValidSession' };
const UNAVAILABLE: Message = { registry: 'iLO', key: 'ServiceTemporarilyUnavailable', about: ['5'] };
const METHODS = { GET: 'read', HEAD: 'read', PATCH: 'patch', PUT: 'put', POST: 'post', DELETE: 'remove' } as const;
type Method = keyof typeof METHODS;

/** Answers one request below the root of a REST service. */
export async function answerRest(service: RestService, controller: Controller, request: WireRequest, fault: Fault | undefined): Promise<WireReply> {
  return new Answering(service, controller, request, fault).answer();
}

/** One request on its way to its answer. */
class Answering {
  readonly #service: RestService;
  readonly #controller: Controller;
  readonly #request: WireRequest;
  readonly #fault: Fault | undefined;
  readonly #url: URL;
  readonly #style: Style;

  constructor(service: RestService, controller: Controller, request: WireRequest, fault: Fault | undefined) {
    this.#service = service;
    this.#controller = controller;
    this.#request = request;
    this.#fault = fault;
    this.#url = new URL(request.target, service.origin);
    this.#style = service.style;
  }

  async answer(): Promise<WireReply> {
    const { pathname } = this.#url;
    const found = findResource(this.#service.resources, pathname.slice(this.#service.root.length));
    const location = redirectOf({ service: this.#service, behaviour: this.#controller.behaviour, url: this.#url, found });
    if (location !== undefined) return this.#reply({ status: 308, headers: { Location: location }, body: {} });
    if (this.#controller.phase !== 'up') return this.#reply({ status: 503, headers: { 'Retry-After': '1' }, messages: [RESET_IN_PROGRESS] });
    if (this.#fault?.kind === 'busy') return this.#reply({ status: 503, headers: { 'Retry-After': '5' }, messages: [UNAVAILABLE] });
    const identified = await authenticate(this.#controller, this.#request);
    if (identified === 'refused') return this.#reply({ status: 401, messages: [NOT_LOGGED_IN] });
    if (identified === undefined && !this.#isOpen(found)) return this.#reply({ status: 401, messages: [NOT_LOGGED_IN] });
    return this.#toWire(await this.#dispatch(found, identified), found);
  }

  #isOpen(found: Found | undefined): boolean {
    const isReading = this.#request.method === 'GET' || this.#request.method === 'HEAD';
    return found?.resource.isOpen === true && (isReading || found.resource.path === this.#service.sessionsPath);
  }

  async #dispatch(found: Found | undefined, identified: Identified | undefined): Promise<RestAnswer> {
    const context = this.#context(identified?.account);
    const method = this.#request.method as Method;
    if (found === undefined || found.resource.exists?.(context) === false) return this.#missing();
    if (found.resource.path === this.#service.sessionsPath && method === 'POST') return this.#service.logIn(this.#controller, this.#body(), context, this.#fault);
    if (method === 'GET' || method === 'HEAD') {
      if (this.#fault?.kind === 'command failure') return { reason: 'failed', about: [] };
      const shown = this.#show(context, found);
      return shown === undefined ? this.#missing() : { status: 200, body: shown };
    }
    return this.#change(context, found, method);
  }

  #change(context: RestContext, found: Found, method: Method): RestAnswer {
    const { resource, member } = found;
    const name = METHODS[method];
    if (name === 'read' || resource[name] === undefined) {
      return { status: 405, headers: { Allow: allowed(found) }, messages: [{ registry: 'Base', key: 'ActionNotSupported', about: [method] }] };
    }
    const shown = resource.read?.(context, member);
    if (resource.read !== undefined && shown === undefined) return this.#missing();
    if (shown !== undefined && this.#isOutdated(context, found, shown)) return { status: 412, messages: [{ registry: 'Base', key: 'PreconditionFailed' }] };
    return name === 'remove' ? resource.remove?.(context, member) : this.#write(context, found, name, shown);
  }

  #write(context: RestContext, { resource, member }: Found, name: 'patch' | 'put' | 'post', shown: JsonObject | undefined): RestAnswer {
    const body = this.#body();
    if (body === 'not json') return { status: 400, messages: [{ registry: 'Base', key: 'MalformedJSON' }] };
    const problem = name === 'patch' && shown !== undefined ? checkWritable(body, resource.writable ?? [], shown) : undefined;
    return problem ?? resource[name]?.(context, body, member);
  }

  /** Whether the client wants to change something that is no longer as it saw it. */
  #isOutdated(context: RestContext, { resource }: Found, shown: JsonObject): boolean {
    const wanted = this.#request.headers['if-match'];
    return typeof wanted === 'string' && !etagMatches(wanted, etagOf(this.#service.present(context, resource.path, shown)));
  }

  /** The body as an object. An empty one is taken only for what needs none. */
  #body(): JsonObject | 'not json' {
    const text = this.#request.body.toString('utf8');
    if (text.trim() === '') return this.#service.takesEmptyBody(this.#url.pathname) ? {} : 'not json';
    try {
      const value = JSON.parse(text) as JsonValue;
      return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : 'not json';
    } catch {
      return 'not json';
    }
  }

  #show(context: RestContext, { resource, member }: Found): JsonObject | undefined {
    const shown = resource.read?.(context, member);
    if (shown === undefined) return undefined;
    const members = asList(shown['Members']);
    const read = (link: JsonValue): JsonObject => {
      const path = String(asObject(link)['@odata.id']).slice(this.#service.root.length);
      const found = findResource(this.#service.resources, path);
      return (found === undefined ? undefined : found.resource.read?.(context, found.member)) ?? asObject(link);
    };
    if (this.#url.searchParams.has('only') && members.length === 1) return members.map(read)[0];
    return this.#url.searchParams.has('$expand') ? { ...shown, Members: members.map(read) } : shown;
  }

  #context(account: Account | undefined): RestContext {
    const nobody: Account = { id: '', login: '', name: '', password: this.#service.nobody, privileges: new Set() };
    return {
      controller: this.#controller,
      machine: this.#controller.machine,
      caller: createCaller(this.#controller, account ?? nobody, this.#fault),
      style: this.#style,
      origin: this.#service.origin,
      headers: this.#request.headers,
      postState: () => {
        const { power } = this.#controller.machine;
        return this.#request.method === 'GET' ? power.readPostState() : power.postState;
      },
      href: this.#service.href,
    };
  }

  #missing(): Refusal {
    return { reason: 'not there', about: [this.#url.pathname] };
  }

  #toWire(answer: RestAnswer, found: Found | undefined): WireReply {
    if (answer === undefined) return this.#reply({ status: 200, messages: [SUCCESS] });
    if (!isReply(answer)) {
      const { status, message } = refusalMessage(answer, this.#style);
      return this.#reply({ status, messages: [message] });
    }
    if (answer.body === undefined || found === undefined) return this.#reply(answer);
    return this.#reply({ ...answer, headers: { Allow: allowed(found), ...answer.headers } }, found.resource.path);
  }

  /** @param path of the resource that the body shows */
  #reply(reply: RestReply, path?: string): WireReply {
    const isStrict = this.#request.headers['odata-version'] !== undefined;
    const { iloNumber } = this.#controller.machine.identity.facts;
    const shown = reply.body ?? messageBody(reply.messages ?? [SUCCESS], this.#style, iloNumber, isStrict);
    const presented = path === undefined ? shown : this.#service.present(this.#context(undefined), path, shown);
    const tag = path === undefined ? undefined : etagOf(presented);
    const tagged = tag === undefined || this.#style === 'ris' ? presented : { '@odata.etag': tag, ...presented };
    const body = this.#style === 'early' && isStrict ? this.#service.strict(tagged) : tagged;
    const text = this.#request.method === 'HEAD' || reply.status === 308 ? '' : JSON.stringify(body);
    const headers: Record<string, string> = {
      'Cache-Control': 'no-cache',
      'Content-Type': 'application/json; charset=utf-8',
      Server: iloNumber === 4 ? 'HP-iLO-Server/1.30' : 'HPE-iLO-Server/1.30',
      ...(this.#style === 'ris' ? {} : { 'OData-Version': '4.0' }),
      ...(tag === undefined ? {} : { ETag: tag }),
      ...this.#describedBy(presented, path),
      ...reply.headers,
    };
    return this.#compressed({ status: reply.status, headers, body: Buffer.from(text, 'utf8') });
  }

  /** Says where the schema of a resource is. Source: HPE iLO RESTful API, "Basic authentication"; HPE ilorest asks there before it writes. */
  #describedBy(body: JsonObject, path: string | undefined): Readonly<Record<string, string>> {
    const type = path === undefined ? undefined : typeOf(body);
    return type === undefined ? {} : { Link: `<${this.#service.href(`SchemaStore/en/${nameOfType(type)}.json`)}>; rel=describedby` };
  }

  #compressed(reply: WireReply): WireReply {
    const { gzip } = this.#controller.behaviour;
    if (gzip === 'never' || reply.body.length === 0) return reply;
    const headers = gzip === 'labelled' ? { ...reply.headers, 'Content-Encoding': 'gzip' } : reply.headers;
    return { ...reply, headers, body: gzipSync(reply.body) };
  }
}

function allowed({ resource }: Found): string {
  const methods = [
    ...(resource.read === undefined ? [] : ['GET', 'HEAD']),
    ...(resource.post === undefined ? [] : ['POST']),
    ...(resource.put === undefined ? [] : ['PUT']),
    ...(resource.patch === undefined ? [] : ['PATCH']),
    ...(resource.remove === undefined ? [] : ['DELETE']),
  ];
  return methods.join(', ');
}

import type { AmtDevice } from '../../../src/simulator/index.js';
import { authorization, type Challenge, readChallenge } from './digest.js';
import { action, element, type EnvelopeParts, envelope, enumerateBody, fieldsXml, pullBody, uriOf } from './envelopes.js';
import { openRaw, type Place, post, type RawAnswer, type RawConnection } from './raw-http.js';

/** What came of a call: the answer's body, and its parts by local name. */
export interface Reply extends RawAnswer {
  /** The text of the first element of that name. */
  text(name: string): string | undefined;
  /** The texts of all elements of that name. */
  texts(name: string): readonly string[];
  readonly fault: string | undefined;
}

/** Calls a device by requests written by hand, over one connection at a time, as one user. */
export interface Caller extends Disposable {
  call(parts: EnvelopeParts): Promise<Reply>;
  get(resource: string, selectors?: Readonly<Record<string, string>>): Promise<Reply>;
  put(resource: string, fields: Readonly<Record<string, string | number | boolean>>, selectors?: Readonly<Record<string, string>>): Promise<Reply>;
  /** @param input fields, or XML with the prefix `r` */
  invoke(resource: string, method: string, input?: Readonly<Record<string, string | number>> | string): Promise<Reply>;
  /** All that an enumeration yields with one Pull. */
  enumerate(resource: string): Promise<Reply>;
}

export function placeOf(device: AmtDevice): Place {
  const { host, port, tlsPort } = device;
  return port === undefined ? { host, port: tlsPort ?? 0, tls: {} } : { host, port };
}

export function callDevice(device: AmtDevice, user: { readonly username: string; readonly password: string } = device): Caller {
  let connection: RawConnection | undefined;
  let challenge: Challenge | undefined;
  let count = 0;

  const send = async (text: string): Promise<RawAnswer> => {
    const isReused = connection?.socket.destroyed === false;
    connection = isReused && connection !== undefined ? connection : await openRaw(placeOf(device));
    connection.send(text);
    try {
      return await connection.answer();
    } catch (error) {
      // The device may have ended an idle connection while this request was on its way.
      if (!isReused) throw error;
      connection = undefined;
      return send(text);
    }
  };
  const exchange = async (body: string, headers: readonly string[]): Promise<RawAnswer> => {
    const answer = await send(post(body, headers));
    if (answer.head.includes('Connection: close')) await connection?.ended;
    return answer;
  };

  const call = async (parts: EnvelopeParts): Promise<Reply> => {
    const body = envelope(parts);
    if (challenge === undefined) {
      challenge = readChallenge((await exchange('', [])).head);
      count = 0;
    }
    count += 1;
    const { username, password } = user;
    const answer = await exchange(body, [authorization({ username, password, challenge, count })]);
    if (answer.status === 401) challenge = undefined;
    return reply(answer);
  };

  return {
    call,
    get: (resource, selectors) => call({ action: action.get, resource, ...(selectors === undefined ? {} : { selectors }) }),
    put: (resource, fields, selectors) =>
      call({ action: action.put, resource, body: element(resource, resource, fieldsXml(fields)), ...(selectors === undefined ? {} : { selectors }) }),
    invoke: (resource, method, input = {}) =>
      call({ action: `${uriOf(resource)}/${method}`, resource, body: element(resource, `${method}_INPUT`, typeof input === 'string' ? input : fieldsXml(input)) }),
    async enumerate(resource) {
      const begun = await call({ action: action.enumerate, resource, body: enumerateBody });
      return call({ action: action.pull, resource, body: pullBody(begun.text('EnumerationContext') ?? '') });
    },
    [Symbol.dispose]: () => connection?.[Symbol.dispose](),
  };
}

function reply(answer: RawAnswer): Reply {
  const texts = (name: string): readonly string[] => [...answer.body.matchAll(new RegExp(`<[a-z]+:${name}(?: [^>]*)?>([^<]*)</`, 'g'))].map(([, text = '']) => text);
  const [, fault] = /<a:Subcode><a:Value>[a-z]:(\w+)</.exec(answer.body) ?? /<a:Code><a:Value>a:(MustUnderstand)</.exec(answer.body) ?? [];
  return { ...answer, texts, text: (name) => texts(name)[0], fault };
}

import { waitFor } from '@ferric/lab';

/** The newest version that Ironic 21.4 speaks. */
const VERSION = '1.82';
const REQUEST_LIMIT_MS = 60_000;
/** Longest time for anything that a conductor does. Milliseconds. */
const WORK_LIMIT_MS = 180_000;
/** Each look takes the server a hundredth of a second, and nine nodes are waited for. */
const LOOK_EVERY_MS = 500;

export type Fields = Readonly<Record<string, unknown>>;

/** What a request or the work behind it came to nothing for: the text that Ironic gives. */
export class IronicFault extends Error {}

/** The parts of the API that the conversation needs. */
export class IronicApi {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  /** Yields the body of the answer. @throws IronicFault with the text of a refusal */
  async ask(method: string, path: string, body?: unknown): Promise<Fields> {
    const response = await fetch(`${this.#url}${path}`, {
      method,
      headers: { 'Content-Type': 'application/json', 'X-OpenStack-Ironic-API-Version': VERSION },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(REQUEST_LIMIT_MS),
    });
    const text = await response.text();
    if (!response.ok) throw new IronicFault(faultOf(text));
    return text === '' ? {} : (JSON.parse(text) as Fields);
  }

  async node(uuid: string): Promise<Fields> {
    return this.ask('GET', `/v1/nodes/${uuid}`);
  }

  async patch(uuid: string, changes: Fields): Promise<void> {
    const operations = Object.entries(changes).map(([path, value]) => (value === undefined ? { op: 'remove', path } : { op: 'add', path, value }));
    await this.ask('PATCH', `/v1/nodes/${uuid}`, operations);
  }

  /**
   * Waits until nobody works on the node.
   * @param states it has to be in one of them; default: any
   * @param isEnough ends the waiting as well
   */
  async settled(uuid: string, states?: readonly string[], isEnough: (node: Fields) => boolean = () => false): Promise<Fields> {
    let latest: Fields = {};
    try {
      return await waitFor(
        'the conductor',
        async () => {
          latest = await this.node(uuid);
          const isIdle = latest['reservation'] === null && latest['target_power_state'] === null;
          return isIdle && (states === undefined || states.includes(String(latest['provision_state'])) || isEnough(latest)) ? latest : undefined;
        },
        { timeoutMs: WORK_LIMIT_MS, intervalMs: LOOK_EVERY_MS },
      );
    } catch (error) {
      const { provision_state: state, last_error: fault, target_power_state: power, reservation, clean_step: step } = latest;
      throw new Error(`Ironic did not come to ${states?.join(' or ') ?? 'rest'}: ${JSON.stringify({ state, fault, power, reservation, step })}`, { cause: error });
    }
  }
}

/** The text of a refusal. It comes as JSON inside JSON. Source: ironic, api/middleware/parsable_error.py. */
function faultOf(text: string): string {
  try {
    const { error_message: wrapped } = JSON.parse(text) as { readonly error_message?: unknown };
    const fault = (typeof wrapped === 'string' ? JSON.parse(wrapped) : wrapped) as { readonly faultstring?: unknown };
    return String(fault.faultstring ?? text);
  } catch {
    return text;
  }
}

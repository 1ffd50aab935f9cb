import { type Secret, withDeadline } from '@ferric/core';
import { createTlsConnector, type LegacyConnection } from '@ferric/core/tls';
import { createRedfishClient, type RedfishClient } from '@ferric/redfish';
import { exchangeOnce } from '../ribcl/https/https-exchange.js';
import { createRibclClient, type RibclClient } from '../ribcl/index.js';
import type { CheckedIloSettings } from '../settings.js';
import { isSilence } from './outages.js';

/** A back end that speaks JSON over HTTPS. */
export type RestName = 'redfish' | 'ris';

/** The clients of one controller, made when they are needed, all with the same credentials. */
export interface Connection extends AsyncDisposable {
  rest(name: RestName): RedfishClient;
  ribcl(): RibclClient;
  /** The password that they log in with. */
  readonly password: Secret;
  /** Goes on with another password: what is open is closed first. */
  changePassword(password: Secret): Promise<void>;
  /** Forgets what was learned of the services. */
  forget(): void;
  /**
   * Whether the controller answers at the moment, by one question on a connection of its own that needs no login and is never repeated: others would not
   * show a short absence. @throws what is no absence, such as TLS_UNTRUSTED
   */
  isThere(signal: AbortSignal): Promise<boolean>;
}

/** Answers from here on say that its services are not ready. */
const NOT_READY = 500;
const PROBE = { method: 'GET', path: '/redfish/v1/', headers: {}, label: 'GET /redfish/v1/', limitBytes: 1024 * 1024 } as const;
/** Who is there answers this one at once. Milliseconds. */
const PROBE_TIMEOUT_MS = 10_000;

export function createConnection(settings: CheckedIloSettings): Connection {
  const { host, port, username, timeoutMs, tls, clock, transcript, gate } = settings;
  const clients = new Map<RestName, RedfishClient>();
  let ribcl: RibclClient | undefined;
  let { password } = settings;
  let isLegacyTold = false;

  // Each client finds out by itself that the controller is old; once is enough to say so.
  const onLegacyTls = (connection: LegacyConnection): void => {
    if (!isLegacyTold) settings.onLegacyTls?.(connection);
    isLegacyTold = true;
  };

  const close = async (): Promise<void> => {
    const open = [...clients.values(), ...(ribcl === undefined ? [] : [ribcl])];
    clients.clear();
    ribcl = undefined;
    await Promise.all(open.map((client) => client[Symbol.asyncDispose]()));
  };

  const connector = createTlsConnector({ ...tls, clock, onLegacy: onLegacyTls });
  const common = { username, timeoutMs, clock, ...(transcript === undefined ? {} : { transcript }) };
  const url = `https://${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:${port}`;
  return {
    rest(name) {
      const known = clients.get(name);
      if (known !== undefined) return known;
      // What follows a colon would be taken for the password in basic authentication.
      const authentication = username.includes(':') ? 'session' : 'auto';
      const client = createRedfishClient({ ...common, url, password, base: name, authentication, tls, onLegacyTls });
      clients.set(name, client);
      return client;
    },
    ribcl() {
      ribcl ??= createRibclClient({ ...common, host, port, password, connector, gate });
      return ribcl;
    },
    get password() {
      return password;
    },
    async changePassword(next) {
      password = next;
      await close();
    },
    forget() {
      for (const client of clients.values()) client.forget();
    },
    async isThere(signal) {
      try {
        const timing = { what: `an answer of ${settings.address}`, defaultTimeoutMs: PROBE_TIMEOUT_MS, clock };
        const { status } = await withDeadline({ signal }, timing, (deadline) =>
          gate.run((running) => exchangeOnce(connector, { host, port }, PROBE, running, { sent: false }), { signal: deadline.signal }));
        return status < NOT_READY;
      } catch (error) {
        if (signal.aborted || !isSilence(error)) throw error;
        return false;
      }
    },
    [Symbol.asyncDispose]: close,
  };
}

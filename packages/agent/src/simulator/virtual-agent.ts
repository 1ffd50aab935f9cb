import { hostname } from 'node:os';
import { type CallOptions, delay, FerricError, type JsonObject, Secret, silentLogger, withDeadline } from '@ferric/core';
import { createSelfSignedCertificate, type SelfSignedCertificate } from '@ferric/core/testing';
import { type AgentApi, startAgentApi } from './agent-api.js';
import type { AgentFaults } from './agent-faults.js';
import type { VirtualAgentOptions } from './agent-options.js';
import { type AgentSettings, readAgentSettings } from './agent-settings.js';
import { CommandFailure } from './commands/command-failure.js';
import type { AgentWorkplace } from './commands/command.js';
import { type CommandRecord, CommandRunner } from './commands/command-runner.js';
import { type ConductorCalls, createConductorCalls, type LookupAnswer } from './conductor-calls.js';
import type { Disk } from './disk/disk.js';
import { Heartbeater } from './heartbeater.js';
import { postInspection } from './inspection.js';
import { GivenUp, lookUpNode } from './lookup.js';
import { defaultInventory } from './inventory/default-inventory.js';
import { sourceAddress } from './route.js';
import { failureText } from './wire/http.js';

/** What an agent does now. `serving`: its API listens, and it sends heartbeats. */
export type AgentPhase = 'starting' | 'inspecting' | 'looking up' | 'serving' | 'ended';

/** How an agent ended. `stopped`: from outside, as by a plug that is pulled. */
export interface AgentEnd {
  readonly how: 'power off' | 'reboot' | 'rescued' | 'locked down' | 'gave up' | 'stopped';
  /** Why it gave up. */
  readonly detail?: string;
}

/** An agent that runs. Disposing it pulls the plug: no callback is called. */
export interface VirtualAgent extends AsyncDisposable {
  readonly phase: AgentPhase;
  /** The node that it found itself to be; undefined until its lookup was answered. */
  readonly nodeUuid: string | undefined;
  /** Where it said that its API listens; undefined before that. */
  readonly callbackUrl: string | undefined;
  /** Where its API listens on this machine: `https://127.0.0.1:40123`; undefined while it does not. */
  readonly apiUrl: string | undefined;
  /** PEM text of its certificate; undefined when it serves http. */
  readonly certificate: string | undefined;
  /** The token that commands must bring. */
  readonly token: Secret | undefined;
  readonly macAddresses: readonly string[];
  readonly disks: readonly Disk[];
  readonly inventory: JsonObject;
  /** Heartbeats that the conductor took. */
  readonly heartbeats: number;
  /** Commands that it took, oldest first. */
  readonly commands: readonly CommandRecord[];
  /** What it logged, oldest first; the newest 2000 lines. No secrets. */
  readonly logLines: readonly string[];
  readonly faults: AgentFaults;
  /** How it ended. Never rejects. */
  readonly ended: Promise<AgentEnd>;
  /** Resolves once the conductor has taken a heartbeat. `timeoutMs` defaults to 10000. @throws TIMEOUT; CONFLICT when the agent ended first */
  firstHeartbeat(options?: CallOptions): Promise<void>;
}

const MOST_LOG_LINES = 2000;
/** How often the real agent looks whether its API shall stop. Milliseconds. */
const LEAVING_MS = 100;
/** Shortest token that an agent takes. Source: ironic-python-agent, ironic_python_agent/agent.py (process_lookup_data). */
const SHORTEST_TOKEN = 32;
const MASKED_TOKEN = '******';
/** How often and how far apart the way to the conductor is looked for. Source: ironic-python-agent, ironic_python_agent/config.py. */
const ADDRESS_ATTEMPTS = 6;
const ADDRESS_RETRY_MS = 10_000;

/**
 * Starts an agent, which then works by itself as ironic-python-agent does: inspection if wanted, lookup, API, heartbeats, commands.
 * @throws INVALID_OPTIONS naming the parameters that cannot be used
 */
export async function startVirtualAgent(options: VirtualAgentOptions): Promise<VirtualAgent> {
  const agent = new Agent(options, readAgentSettings(options));
  await agent.begin();
  return agent;
}

class Agent implements VirtualAgent {
  readonly #options: VirtualAgentOptions;
  readonly #settings: AgentSettings;
  readonly #calls: ConductorCalls;
  readonly #runner: CommandRunner;
  readonly #heartbeater: Heartbeater;
  readonly #workplace: AgentWorkplace;
  readonly #life = new AbortController();
  readonly #end = Promise.withResolvers<AgentEnd>();
  readonly #firstHeartbeat = Promise.withResolvers<void>();
  readonly #log: string[] = [];
  readonly #startedAt: Date;
  #running: Promise<void> = Promise.resolve();
  #phase: AgentPhase = 'starting';
  #lookup: LookupAnswer | undefined;
  #token: Secret | undefined;
  #certificate: SelfSignedCertificate | undefined;
  #api: AgentApi | undefined;
  #callbackUrl: string | undefined;
  #heartbeats = 0;

  constructor(options: VirtualAgentOptions, settings: AgentSettings) {
    const { apiUrls, trust, clock, pacing, random } = settings;
    const { signal } = this.#life;
    const log = (line: string): void => this.#tell(line);
    this.#options = options;
    this.#settings = settings;
    this.#token = settings.token;
    this.#startedAt = clock.now();
    this.#calls = createConductorCalls({ urls: apiUrls, trust, clock, timeoutMs: pacing.requestTimeoutMs, signal, log });
    this.#workplace = this.#createWorkplace();
    this.#runner = new CommandRunner(this.#workplace, () => this.#heartbeater.force());
    this.#heartbeater = new Heartbeater({
      pacing, clock, random, signal, log,
      timeoutMs: () => (this.#lookup?.heartbeatTimeout ?? 300) * 1000,
      send: () => this.#sendHeartbeat(),
    });
  }

  get phase(): AgentPhase {
    return this.#phase;
  }

  get nodeUuid(): string | undefined {
    return this.#lookup?.uuid;
  }

  get callbackUrl(): string | undefined {
    return this.#callbackUrl;
  }

  get apiUrl(): string | undefined {
    const { listenHost } = this.#settings;
    return this.#api === undefined ? undefined : baseUrl(this.#protocol, listenHost, this.#api.port);
  }

  get certificate(): string | undefined {
    return this.#certificate?.certificate;
  }

  get token(): Secret | undefined {
    return this.#token;
  }

  get macAddresses(): readonly string[] {
    return this.#settings.macAddresses;
  }

  get disks(): readonly Disk[] {
    return this.#settings.disks;
  }

  get inventory(): JsonObject {
    return this.#workplace.inventory;
  }

  get heartbeats(): number {
    return this.#heartbeats;
  }

  get commands(): readonly CommandRecord[] {
    return this.#runner.records;
  }

  get logLines(): readonly string[] {
    return this.#log;
  }

  get faults(): AgentFaults {
    return this.#settings.faults;
  }

  get ended(): Promise<AgentEnd> {
    return this.#end.promise;
  }

  async firstHeartbeat(options?: CallOptions): Promise<void> {
    const endedFirst = this.#end.promise.then(({ how, detail }) => {
      throw new FerricError('CONFLICT', `The agent ended before its first heartbeat: ${detail ?? how}`);
    });
    await withDeadline(options, { what: 'The first heartbeat of the agent', defaultTimeoutMs: 10_000 }, () => Promise.race([this.#firstHeartbeat.promise, endedFirst]));
  }

  async begin(): Promise<void> {
    this.#workplace.inventory = this.#options.inventory ?? (await this.#makeInventory());
    this.#tell('agent started');
    this.#running = this.#run();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop({ how: 'stopped' });
    await this.#running;
  }

  async #makeInventory(): Promise<JsonObject> {
    const { macAddresses, disks, bootInterface, advertiseHost, apiUrls, inspectionUrl } = this.#settings;
    const address = advertiseHost ?? (await this.#routeTo([...apiUrls, ...(inspectionUrl === undefined ? [] : [inspectionUrl])]).catch(() => undefined));
    return defaultInventory({ macAddresses, disks, bootInterface, ipv4Address: address ?? null, hostname: hostname(), bootMode: this.#options.bootMode ?? 'bios' });
  }

  async #run(): Promise<void> {
    try {
      await this.#work();
    } catch (error) {
      if (this.#life.signal.aborted) return;
      await this.#stop({ how: 'gave up', detail: failureText(error) });
    }
  }

  async #work(): Promise<void> {
    const { apiUrls, faults, inspectionUrl, listenHost, listenPort, clock } = this.#settings;
    const { signal } = this.#life;
    // A machine that hangs before the agent speaks: it stays so until its plug is pulled.
    if (faults.take('never calls') !== undefined) return;
    const nodeUuid = inspectionUrl === undefined ? undefined : await this.#inspect(inspectionUrl);
    if (apiUrls.length > 0) {
      this.#phase = 'looking up';
      await this.#lookUp(nodeUuid);
    }
    if (apiUrls.length > 0 && (await this.#calls.supportsTls())) {
      const host = await this.#findAddress();
      this.#certificate = await createSelfSignedCertificate({ names: [host], commonName: hostname() || 'agent', now: clock.now() });
    }
    this.#api = await startAgentApi({
      host: listenHost, port: listenPort, certificate: this.#certificate, faults, clock, signal,
      context: { runner: this.#runner, token: () => this.#token, faults, startedAt: this.#startedAt, version: this.#settings.version },
    });
    this.#phase = 'serving';
    this.#tell(`API listens at ${this.apiUrl ?? ''}`);
    if (apiUrls.length === 0) return;
    this.#callbackUrl = baseUrl(this.#protocol, await this.#findAddress(), this.#settings.advertisePort ?? this.#api.port);
    await this.#heartbeater.run();
  }

  get #protocol(): 'http' | 'https' {
    return this.#certificate === undefined ? (this.#settings.advertiseProtocol ?? 'http') : 'https';
  }

  async #inspect(url: string): Promise<string | undefined> {
    this.#phase = 'inspecting';
    const { collectors, bootInterface, pacing, clock } = this.#settings;
    return postInspection({
      url, collectors, bootInterface, pacing, clock, workplace: this.#workplace, post: (body) => this.#calls.postInspection(url, body), signal: this.#life.signal,
    });
  }

  /** @throws GivenUp when the time is over, or somebody else has the token */
  async #lookUp(nodeUuid: string | undefined): Promise<void> {
    const { macAddresses, pacing, clock, random } = this.#settings;
    const log = (line: string): void => this.#tell(line);
    this.#accept(await lookUpNode({ calls: this.#calls, addresses: macAddresses, nodeUuid, pacing, clock, random, log, signal: this.#life.signal }));
  }

  #accept(answer: LookupAnswer): void {
    const { agent_token: token } = answer.config;
    // The first one stays: later lookups of one boot are answered with asterisks.
    if (this.#token === undefined && typeof token === 'string' && token.length >= SHORTEST_TOKEN) this.#token = new Secret(token);
    if (this.#token === undefined && token === MASKED_TOKEN) throw new GivenUp('the agent token was given to somebody else before');
    this.#lookup = answer;
    this.#workplace.node = answer.node;
    this.#workplace.config = answer.config;
    this.#tell(`this is node ${answer.uuid}`);
  }

  async #sendHeartbeat(): Promise<void> {
    const { faults, version } = this.#settings;
    if (faults.take('no heartbeats') !== undefined || this.#lookup === undefined || this.#callbackUrl === undefined) return;
    const isWrong = faults.take('wrong token') !== undefined;
    const isElsewhere = faults.take('other address') !== undefined;
    await this.#calls.heartbeat(this.#lookup.uuid, {
      callbackUrl: isElsewhere ? baseUrl(this.#protocol, '192.0.2.99', 9999) : this.#callbackUrl,
      token: isWrong ? new Secret('x'.repeat(43)) : this.#token,
      agentVersion: version,
      certificate: this.#certificate?.certificate,
    });
    this.#heartbeats += 1;
    this.#firstHeartbeat.resolve();
  }

  /** The address that the conductor is told. @throws GivenUp when there is no way to the conductor */
  async #findAddress(): Promise<string> {
    const { advertiseHost, apiUrls, clock } = this.#settings;
    if (advertiseHost !== undefined) return advertiseHost;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#routeTo(apiUrls);
      } catch (error) {
        if (attempt === ADDRESS_ATTEMPTS) throw new GivenUp(`no way to the conductor was found: ${failureText(error)}`);
        await delay(ADDRESS_RETRY_MS, { clock, signal: this.#life.signal });
      }
    }
  }

  async #routeTo(urls: readonly string[]): Promise<string> {
    return Promise.any(urls.map((url) => sourceAddress(new URL(url).hostname)));
  }

  #createWorkplace(): AgentWorkplace {
    const options = this.#options;
    const { disks, minimumDiskBytes, pacing, clock, random, trust, faults } = this.#settings;
    return {
      disks, minimumDiskBytes, pacing, clock, random, trust, faults,
      node: {},
      config: {},
      inventory: {},
      written: undefined,
      signal: this.#life.signal,
      logLines: this.#log,
      log: (line) => this.#tell(line),
      lookUpAgain: async () => {
        try {
          await this.#lookUp(this.#lookup?.uuid);
        } catch (error) {
          this.#life.signal.throwIfAborted();
          throw new CommandFailure('LookupNodeError', failureText(error), { cause: error });
        }
      },
      sync: async () => {
        await options.onSync?.();
        await Promise.all(disks.map((disk) => disk.sync()));
      },
      shutDown: (how) => this.#later(pacing.shutdownMs, async () => {
        await this.#stop({ how });
        await (how === 'power off' ? options.onPowerOff : options.onReboot)?.();
      }),
      leave: (how) => this.#later(LEAVING_MS, () => this.#stop({ how })),
      setRescuePassword: async (hash) => options.onRescue?.(hash),
    };
  }

  #later(ms: number, act: () => Promise<void>): void {
    const { clock } = this.#settings;
    delay(ms, { clock, signal: this.#life.signal })
      .then(act)
      .catch((error: unknown) => {
        if (this.#phase !== 'ended') this.#tell(`the machine could not do it: ${failureText(error)}`);
      });
  }

  async #stop(end: AgentEnd): Promise<void> {
    if (this.#phase === 'ended') return;
    this.#phase = 'ended';
    this.#tell(`agent ends: ${end.detail ?? end.how}`);
    this.#life.abort(new FerricError('ABORTED', 'The agent has stopped'));
    await this.#api?.[Symbol.asyncDispose]();
    this.#api = undefined;
    await this.#runner.settled();
    if (this.#settings.ownsDisks) await Promise.all(this.#settings.disks.map((disk) => disk[Symbol.asyncDispose]()));
    this.#end.resolve(end);
  }

  #tell(line: string): void {
    this.#log.push(`${this.#settings.clock.now().toISOString()} ${line}`);
    if (this.#log.length > MOST_LOG_LINES) this.#log.shift();
    (this.#options.logger ?? silentLogger).info({ mac: this.#settings.macAddresses[0] }, line);
  }
}

function baseUrl(protocol: string, host: string, port: number): string {
  return `${protocol}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

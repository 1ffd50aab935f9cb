import {
  Secret, type BootStrategy, type Device, type NodeChanges, type NodeView, type PowerTarget, type PowerState, type Sealed, type StrategyServices, type Task,
} from '@ferric/core';
import { createFakeClock, createFakeTask, type FakeClock, type FakeTask } from '@ferric/core/testing';
import { createAgentStrategies, type AgentStrategySettings } from '../../src/strategies/index.js';
import { createScriptedAgent, type ScriptedAgent } from './scripted-agent.js';

const UUID = '1be26c0b-03f2-4d2e-ae87-c02d7f33c123';
export const AGENT_URL = 'https://192.0.2.10:9999';
export const TOKEN = 'planted-token-0123456789abcdefghij';

export interface StageOptions {
  readonly node?: Partial<NodeView>;
  readonly settings?: Partial<AgentStrategySettings>;
  readonly services?: Partial<StrategyServices>;
  /** `switched`: the controller tells and obeys. `stuck`: it tells, but only its own power off works. `assumed`: as Wake-on-LAN. */
  readonly power?: 'switched' | 'assumed';
  readonly targets?: readonly PowerTarget[];
  readonly network?: boolean;
  readonly boot?: boolean;
  /** The machine is booted by a medium: it shall be off before, and its parameters stay secret. */
  readonly medium?: boolean;
  readonly signal?: AbortSignal;
  readonly device?: Partial<Device>;
}

export interface Stage {
  readonly task: FakeTask;
  readonly agent: ScriptedAgent;
  readonly clock: FakeClock;
  readonly strategies: ReturnType<typeof createAgentStrategies>;
  /** What was done to the machine, in order: `boot prepareRamdisk deploy`, `power off`, `assume power off`. */
  readonly done: string[];
  /** Of each power command: whether the conductor still knew an agent when it was sent. */
  readonly agentKnownAt: boolean[];
  machine: { power: PowerState };
  /** The agent reports after a boot. */
  report(facts?: Readonly<Record<string, Sealed>>): void;
  /** The tokens that boots were given, in order. */
  readonly tokens: readonly string[];
  /** Lets time go on until the work has ended. */
  finish<T>(work: Promise<T>): Promise<T>;
}

export function createStage(options: StageOptions = {}): Stage {
  const clock = createFakeClock();
  const agent = createScriptedAgent();
  const done: string[] = [];
  const agentKnownAt: boolean[] = [];
  const tokens: string[] = [];
  const machine: { power: PowerState } = { power: 'power off' };
  const assumed = options.power === 'assumed';
  const knowsAgent = (): boolean => task.node.driverInternalInfo['agent_url'] !== undefined || task.node.driverInternalInfo['agent_secret_token'] !== undefined;
  const reading = (): { state: PowerState; source: 'device' | 'assumed'; at: Date } => ({
    state: machine.power, source: assumed ? 'assumed' : 'device', at: clock.now(),
  });
  const device: Device = {
    power: {
      targets: new Set(options.targets ?? ['power on', 'power off', 'rebooting']),
      read: async () => reading(),
      async set(target) {
        done.push(target);
        agentKnownAt.push(knowsAgent());
        if (assumed && target === 'power off') {
          return { status: 'manual intervention required', reading: { ...reading(), state: 'power off' }, detail: 'somebody has to do it' };
        }
        machine.power = target === 'power off' ? 'power off' : 'power on';
        return { status: assumed ? 'sent' : 'done', reading: reading() };
      },
      ...(assumed
        ? { assume: (state: 'power on' | 'power off', evidence: string) => void (done.push(`assume ${state}: ${evidence}`), (machine.power = state)) }
        : {}),
    },
    [Symbol.asyncDispose]: async () => undefined,
    ...options.device,
  };
  const called = (name: string) => async (): Promise<NodeChanges | undefined> => void done.push(name);
  const boot: BootStrategy = {
    interface: 'boot',
    name: 'ipxe',
    validate: async () => undefined,
    ...(options.medium === true ? { wantsMachineOff: true, keepsSecrets: () => true } : {}),
    async prepareRamdisk(_task, purpose, parameters) {
      const token = parameters['ipa-agent-token'];
      if (Secret.is(token)) tokens.push(token.reveal());
      done.push(`boot prepareRamdisk ${purpose}`);
      return { driverInternalInfo: { network_boot: { purpose, kernel_parameters: {} } } };
    },
    cleanUpRamdisk: called('boot cleanUpRamdisk'),
    prepareInstance: called('boot prepareInstance'),
    cleanUpInstance: called('boot cleanUpInstance'),
  };
  const network: Task['network'] = {
    interface: 'network',
    name: 'test',
    validate: async () => undefined,
    connect: async (_task, phase) => void done.push(`network connect ${phase}`) as undefined,
    disconnect: async (_task, phase) => void done.push(`network disconnect ${phase}`) as undefined,
    listVifs: async () => [],
    attachVif: async () => undefined,
    detachVif: async () => undefined,
  };
  const task: FakeTask = createFakeTask({
    device,
    clock,
    node: { uuid: UUID, ...options.node },
    ...(options.boot === false ? {} : { boot }),
    ...(options.network === true ? { network } : {}),
    ...(options.services === undefined ? {} : { services: options.services }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  return {
    task,
    agent,
    clock,
    done,
    agentKnownAt,
    tokens,
    machine,
    strategies: createAgentStrategies({ connect: (connection) => agent.connect(connection), ...options.settings }),
    report: (facts = {}) =>
      task.apply({
        driverInternalInfo: { agent_url: AGENT_URL, agent_secret_token: new Secret(TOKEN), agent_last_heartbeat: clock.now().toISOString(), ...facts },
      }),
    async finish(work) {
      let ended = false;
      const settled = work.finally(() => void (ended = true));
      settled.catch(() => undefined);
      for (let seconds = 0; !ended && seconds < 4000; seconds += 1) await clock.advance(1000);
      return settled;
    },
  };
}

import { readFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { VirtualDevice } from '@ferric/core';
import { startIpmiSim, type IpmiSim } from '@ferric/lab';

/** One that can be searched for: `secret`, the default of the lab, is a common word. */
const PASSWORD = 'q7-rosebud-31';

/** OpenIPMI's BMC handled as any simulated machine. What it counts inside, such as sessions, it does not tell. */
export async function startVirtualIpmiSim(): Promise<VirtualDevice> {
  const bmc = await startIpmiSim({ nodeManager: false, password: PASSWORD });
  const folder = join(bmc.directory, 'pw');
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8').trim();
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of [['power', '0'], ['boot', 'default'], ['log', '']] as const) writeFileSync(join(folder, name), `${text}\n`);
  return {
    name: 'ipmi_sim',
    hardwareType: 'ipmi',
    driverInfo: driverInfoOf(bmc),
    ports: [],
    state: {
      get power() {
        return read('power') === '1' ? 'power on' : 'power off';
      },
      set power(power) {
        writeFileSync(join(folder, 'power'), power === 'power on' ? '1\n' : '0\n');
      },
    },
    faults: { supported: new Set(), inject: () => undefined, clear: () => undefined },
    activity: {
      openConnections: 0,
      mostConcurrentExchanges: 0,
      get changeCommands() {
        return read('log').split('\n').filter((line) => line !== '').length;
      },
      authenticationAttempts: 0,
    },
    [Symbol.asyncDispose]: () => bmc[Symbol.asyncDispose](),
  };
}

/** What a node needs to be driven by a BMC of the lab. */
export function driverInfoOf({ host, port, username, password }: Pick<IpmiSim, 'host' | 'port' | 'username' | 'password'>): Readonly<Record<string, unknown>> {
  return { ipmi_address: host, ipmi_port: port, ipmi_username: username, ipmi_password: password };
}

import { startBmc, type BmcOptions, type VirtualBmc } from '../../src/simulator/index.js';
import { findTool, run } from '@ferric/lab';

/** Throwaway credentials. */
export const USER = { name: 'admin', password: 'made-up-password' } as const;

/** What the simulator is told to be, and what tools must therefore print. */
const CONFIGURED: BmcOptions = {
  users: [USER, { name: 'operator', password: 'another-one', privilegeLevel: 'operator' }],
  cipherSuites: [1, 2, 3, 17],
  deviceId: { deviceId: 0x42, revision: 5, firmwareMajor: 7, firmwareMinor: 31, manufacturerId: 343, productId: 0x0abc, auxiliaryFirmware: Uint8Array.of(0xde, 0xad, 0xbe, 0xef) },
  // The bytes of 61626364-6566-4768-896a-6b6c6d6e6f70 in the order of the wire.
  guid: Uint8Array.from(Buffer.from('706f6e6d6c6b6a896847666564636261', 'hex')),
  lan: { ipAddress: '198.51.100.7', subnetMask: '255.255.254.0', gateway: '198.51.100.1', macAddress: '52:54:00:aa:bb:cc', vlanId: 123 },
  restartMs: 0,
};
export const GUID = '61626364-6566-4768-896a-6b6c6d6e6f70';

export async function startConfigured(options: BmcOptions = {}): Promise<VirtualBmc> {
  return startBmc({ ...CONFIGURED, ...options });
}

export interface IpmitoolOptions {
  /** Default `-C 17`. */
  readonly way?: readonly string[];
  readonly user?: string;
  readonly password?: string;
}

/** Runs ipmitool against the simulator, over RMCP+ unless told otherwise. */
export async function ipmitool(bmc: VirtualBmc, words: readonly string[], { way = ['-I', 'lanplus', '-C', '17'], user = USER.name, password = USER.password }: IpmitoolOptions = {}): Promise<string> {
  const args = [...way, '-H', bmc.host, '-p', String(bmc.port), '-U', user, '-P', password, ...words];
  const said = await run(findTool('ipmitool'), args, { env: { TZ: 'UTC' } });
  checkClosed(bmc);
  return said.trimEnd();
}

/** Fails when a tool left its session open: then the simulator did not understand how it was closed. */
export function checkClosed({ activity }: VirtualBmc): void {
  if (activity.openSessions > 0) throw new Error(`${activity.openSessions} sessions are still open`);
}

/** `name: value` lines as a table; of lines with the same name the last. */
export function table(text: string, separator = ':'): Readonly<Record<string, string>> {
  const lines = text.split('\n').filter((line) => line.includes(separator));
  return Object.fromEntries(
    lines.map((line) => {
      const at = line.indexOf(separator);
      return [line.slice(0, at).trim(), line.slice(at + 1).trim()];
    }),
  );
}

/** Lines of cells. */
export function cells(text: string): readonly (readonly string[])[] {
  return text.split('\n').map((line) => line.split('|').map((cell) => cell.trim()));
}

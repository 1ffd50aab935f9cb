import type { PrivateLibvirtd } from './private-libvirtd.ts';
import { openVirshSession, type VirshSession } from './virsh-session.ts';

/** The drivers of a daemon that tests use: QEMU guests, and machines that exist only in the daemon's memory. */
export type Hypervisor = 'qemu' | 'test';

/** What virsh says of a machine, at this moment. The independent judge of what a client or driver claims. */
export interface Witness extends AsyncDisposable {
  readonly hypervisor: Hypervisor;
  /** Any command of virsh. Fails with what virsh said. */
  readonly command: VirshSession['command'];
  /** `running`, `shut off`, `paused`, ... as virsh names it. */
  state(domain: string): string;
  /** Why: `booted`, `destroyed`, ... */
  reason(domain: string): string;
  /** True unless it is shut off or crashed. */
  isOn(domain: string): boolean;
  /** Number of the running machine, another one after each start; undefined when it is off. */
  id(domain: string): number | undefined;
  exists(domain: string): boolean;
  /** The definition that counts at the next start. */
  inactiveXml(domain: string): string;
  /** What the definition boots from first: `hd`, `cdrom`, `network`, `fd`. */
  firstBootDevice(domain: string): string | undefined;
}

export async function openWitness(libvirtd: PrivateLibvirtd, hypervisor: Hypervisor): Promise<Witness> {
  const session = await openVirshSession(libvirtd, hypervisor === 'qemu' ? libvirtd.uris.unix : libvirtd.uris.test);
  const { command } = session;
  const stateAndReason = (domain: string): readonly [string, string] => {
    const [, state = '', reason = ''] = /^(.*) \((.*)\)$/.exec(command('domstate', domain, '--reason')) ?? [];
    return [state, reason];
  };
  const inactiveXml = (domain: string): string => command('dumpxml', domain, '--inactive');
  return {
    hypervisor, command, inactiveXml,
    state: (domain) => stateAndReason(domain)[0],
    reason: (domain) => stateAndReason(domain)[1],
    isOn: (domain) => !['shut off', 'crashed'].includes(stateAndReason(domain)[0]),
    id(domain) {
      const id = command('domid', domain);
      return id === '-' ? undefined : Number(id);
    },
    exists: (domain) => command('list', '--all', '--name').split('\n').map((line) => line.trim()).includes(domain),
    firstBootDevice: (domain) => firstBootDevice(inactiveXml(domain)),
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  };
}

const DISK_KINDS: Readonly<Record<string, string>> = { disk: 'hd', lun: 'hd', cdrom: 'cdrom', floppy: 'fd' };

/** Reads XML as libvirt writes it: one element a line, attributes in single quotes. */
export function firstBootDevice(xml: string): string | undefined {
  const inDomain = /<boot dev='(\w+)'\/>/.exec(xml)?.[1];
  if (inDomain !== undefined) return inDomain;
  const devices = [...xml.matchAll(/^ {4}<(disk|interface)\b([^>]*)>\n([\s\S]*?)^ {4}<\/\1>/gm)].flatMap(([, element, attributes = '', content = '']) => {
    const order = /<boot order='(\d+)'/.exec(content)?.[1];
    const kind = element === 'interface' ? 'network' : DISK_KINDS[/ device='(\w+)'/.exec(attributes)?.[1] ?? 'disk'];
    return order === undefined || kind === undefined ? [] : [{ order: Number(order), kind }];
  });
  return devices.toSorted((one, other) => one.order - other.order)[0]?.kind;
}

/** One address of one network interface of this machine. */
export interface InterfaceAddress {
  /** Name of the interface: `eth0`. */
  readonly interface: string;
  /** Without scope. */
  readonly address: string;
  readonly family: 4 | 6;
  /** Length of the network prefix: 24. Bits. */
  readonly prefixLength: number;
  /** What stands behind `%` on this operating system: the interface's name, on Windows its index. */
  readonly zone: string;
  /** Index of the interface; 0 when unknown. */
  readonly index: number;
}

/** A bound UDP socket. */
export interface UdpSocket extends AsyncDisposable {
  /** Hands one datagram to the operating system. Rejects with its error. */
  send(payload: Uint8Array, port: number, address: string): Promise<void>;
}

/** What waking needs of the machine it runs on; the default is {@link systemNetwork}. */
export interface WakeNetwork {
  /** The addresses that this machine has now. */
  interfaces(): readonly InterfaceAddress[];
  /** The address of a host name; IPv4 before IPv6 unless `family` says which. */
  resolve(name: string, family: 4 | 6 | undefined): Promise<{ readonly address: string; readonly family: 4 | 6 }>;
  /** A socket that may send broadcasts, bound to `source` or, without one, to any address. */
  openSocket(family: 4 | 6, source: string | undefined): Promise<UdpSocket>;
  /** The address that an unbound socket would send from, without scope; undefined when nothing leads there. Sends nothing. */
  sourceFor(family: 4 | 6, address: string, port: number): Promise<string | undefined>;
}

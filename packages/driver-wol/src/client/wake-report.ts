import { FerricError } from '@ferric/core';

/** One magic packet that was handed to the network, or could not be. Plain JSON. */
export type WakePacket = {
  /** Whom it shall wake. */
  readonly mac: string;
  /** The interface it left by; null when the operating system did not tell. */
  readonly interface: string | null;
  /** The address it was sent from; null when the operating system did not tell. */
  readonly source: string | null;
  /** The address it was sent to, or the host name when that could not be resolved. */
  readonly destination: string;
  readonly port: number;
  /** Length of the UDP payload: 102, 106 or 108. */
  readonly bytes: number;
  /** When it was sent, or tried: ISO 8601 in UTC. */
  readonly sentAt: string;
  /** Present when it did not leave this machine. */
  readonly error?: WakePacketError;
};

/** Why a packet did not leave this machine. */
export type WakePacketError = {
  /** The code of the operating system or resolver: `ENETUNREACH`, `EPERM`, `ENOTFOUND`. */
  readonly code: string;
  readonly message: string;
};

/** Every packet of one wake, in the order of sending. Sent is not woken: no machine answers a magic packet. */
export type WakeReport = {
  readonly packets: readonly WakePacket[];
};

const HINTS: Readonly<Record<string, string>> = {
  ENETUNREACH: 'There is no route to it: choose an interface, or the directed broadcast address of the machine\'s network.',
  EHOSTUNREACH: 'There is no route to it: choose an interface, or the directed broadcast address of the machine\'s network.',
  EADDRNOTAVAIL: 'The source address is not usable now: check that the interface is up and has an address.',
  ENETDOWN: 'The interface is down: bring it up, or choose another.',
  EPERM: 'A firewall or the sandbox of this machine forbids it: allow outgoing UDP to this port.',
  EACCES: 'This process may not send broadcasts: check the sandbox or container it runs in.',
  ENOTFOUND: 'The name has no address: check its spelling, or give the address itself.',
  EAI_AGAIN: 'The name server did not answer: try again, or give the address itself.',
};

/** What became of the packets until now. */
export class WakeProgress {
  readonly #address: string;
  readonly #all: WakePacket[] = [];
  readonly #sent: WakePacket[] = [];
  readonly #failed: WakePacket[] = [];
  readonly #causes = new Set<unknown>();

  /** @param address where the packets go, for errors */
  constructor(address: string) {
    this.#address = address;
  }

  /** What errors tell. The lists are those of this object: they grow while packets are sent. */
  get details(): { readonly address: string; readonly packets: readonly WakePacket[]; readonly sent: readonly WakePacket[] } {
    return { address: this.#address, packets: this.#failed, sent: this.#sent };
  }

  addSent(packet: WakePacket): void {
    this.#all.push(packet);
    this.#sent.push(packet);
  }

  addFailed(packet: WakePacket, cause: unknown): void {
    this.#all.push(packet);
    this.#failed.push(packet);
    this.#causes.add(cause);
  }

  /**
   * All packets, when each machine was sent at least one at each destination and port; lost repetitions do not matter.
   * @throws UNREACHABLE otherwise.
   */
  report(): WakeReport {
    const reached = new Set(this.#sent.map(targetOf));
    if (this.#failed.every((packet) => reached.has(targetOf(packet)))) return { packets: this.#all };
    throw wakeFailure(this.details, [...this.#causes]);
  }
}

/** The one error for all packets that could not be sent. */
function wakeFailure(details: WakeProgress['details'], causes: readonly unknown[]): FerricError {
  const { packets: failed, sent } = details;
  const reasons = new Set(failed.map((packet) => `${packet.destination} port ${packet.port} for ${packet.mac}: ${packet.error?.message}`));
  const shown = [...reasons].slice(0, 4).join('; ') + (reasons.size > 4 ? `; and ${reasons.size - 4} more` : '');
  const hint = failed.map((packet) => HINTS[packet.error?.code ?? '']).find((text) => text !== undefined);
  return new FerricError('UNREACHABLE', `${failed.length} of ${failed.length + sent.length} magic packets could not be sent (${shown})`, {
    cause: causes.length === 1 ? causes[0] : new AggregateError(causes, 'Several magic packets could not be sent'),
    details,
    ...(hint === undefined ? {} : { hint }),
  });
}

/** An operating system error as a report keeps it. */
export function packetError(error: unknown): WakePacketError {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'UNKNOWN';
  return { code, message: error instanceof Error ? error.message : String(error) };
}

function targetOf(packet: WakePacket): string {
  return `${packet.mac} ${packet.destination} ${packet.port}`;
}

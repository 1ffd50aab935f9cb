import type { Domain } from './client/domains.js';

/** Which domain has which MAC address, as far as it was looked at. */
export class MacIndex {
  readonly #entries = new Map<string, { readonly domain: Domain; readonly macs: readonly string[] }>();
  readonly #byMac = new Map<string, Set<string>>();

  get size(): number {
    return this.#entries.size;
  }

  has(uuid: string): boolean {
    return this.#entries.has(uuid);
  }

  /** Takes the place of what was known about the domain. @param macs lower case with colons */
  set(domain: Domain, macs: readonly string[]): void {
    this.delete(domain.uuid);
    this.#entries.set(domain.uuid, { domain, macs });
    for (const mac of macs) {
      const uuids = this.#byMac.get(mac) ?? new Set();
      uuids.add(domain.uuid);
      this.#byMac.set(mac, uuids);
    }
  }

  delete(uuid: string): void {
    for (const mac of this.#entries.get(uuid)?.macs ?? []) {
      const uuids = this.#byMac.get(mac);
      uuids?.delete(uuid);
      if (uuids?.size === 0) this.#byMac.delete(mac);
    }
    this.#entries.delete(uuid);
  }

  /** Forgets the domains that are not among these. */
  keepOnly(uuids: ReadonlySet<string>): void {
    for (const uuid of this.#entries.keys()) {
      if (!uuids.has(uuid)) this.delete(uuid);
    }
  }

  /** The domains that have any of these addresses, each once. */
  find(macs: readonly string[]): readonly Domain[] {
    const uuids = new Set(macs.flatMap((mac) => [...(this.#byMac.get(mac) ?? [])]));
    return [...uuids].flatMap((uuid) => this.#entries.get(uuid)?.domain ?? []);
  }
}

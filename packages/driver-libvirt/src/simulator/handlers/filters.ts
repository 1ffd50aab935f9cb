/** Filters by bit: those of one group are alternatives, and every group that is asked for must fit. */
export type FilterGroups<T> = readonly (readonly (readonly [bit: number, test: (item: T) => boolean])[])[];

export function matchesFilters<T>(groups: FilterGroups<T>, flags: number, item: T): boolean {
  return groups.every((group) => {
    const asked = group.filter(([bit]) => (flags & bit) !== 0);
    return asked.length === 0 || asked.some(([, test]) => test(item));
  });
}

/** What networks and pools have in common. */
interface Lasting {
  readonly isActive: boolean;
  readonly isPersistent: boolean;
  readonly autostart: boolean;
}

/** Source: libvirt 9.0.0, include/libvirt/libvirt-network.h, virConnectListAllNetworksFlags; libvirt-storage.h has the same numbers. */
export const LASTING_FILTERS: FilterGroups<Lasting> = [
  [[1 << 0, (item) => !item.isActive], [1 << 1, (item) => item.isActive]],
  [[1 << 2, (item) => item.isPersistent], [1 << 3, (item) => !item.isPersistent]],
  [[1 << 4, (item) => item.autostart], [1 << 5, (item) => !item.autostart]],
];

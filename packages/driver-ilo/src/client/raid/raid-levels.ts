/** A RAID level as Ironic, Smart Array and Smart Array's message of a logical drive write it, and what it takes. */
export interface RaidLevel {
  /** Source: Ironic, RAID configuration, raid_level. */
  readonly name: string;
  /** Source: HPE iLO 5 RESTful API, SmartStorageConfig, Raid. */
  readonly word: string;
  readonly fewestDisks: number;
}

export const RAID_LEVELS: readonly RaidLevel[] = [
  { name: '0', word: 'Raid0', fewestDisks: 1 },
  { name: '1', word: 'Raid1', fewestDisks: 2 },
  { name: '5', word: 'Raid5', fewestDisks: 3 },
  { name: '6', word: 'Raid6', fewestDisks: 4 },
  { name: '1+0', word: 'Raid10', fewestDisks: 4 },
  { name: '5+0', word: 'Raid50', fewestDisks: 6 },
  { name: '6+0', word: 'Raid60', fewestDisks: 8 },
];

/** The level by the word of a logical drive; one without a name here keeps its own: `1ADM`. */
export function levelName(word: string | undefined): string {
  return RAID_LEVELS.find((level) => level.word === word)?.name ?? word?.replace(/^Raid/, '') ?? '';
}

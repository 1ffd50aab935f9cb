import type { VirtualIlo } from '../../src/simulator/index.js';

// What is said to HPE's own command, one after the other, and what each has to come to.

/** `ris` and `redfish` are the two styles of an iLO 4. */
export const TARGETS = ['gen9 ris', 'gen9 redfish', 'gen10', 'gen11'] as const;
export type Target = (typeof TARGETS)[number];

/** A command that has to succeed: what it prints among other things, and what the iLO's own state is afterwards. */
export interface Done {
  readonly says: string;
  readonly state?: unknown;
}

/** A command that cannot succeed, and why. */
export class Cannot {
  constructor(readonly code: number, readonly says: string, readonly because: string, readonly state?: unknown) {}
}

const cannot = (code: number, says: string, because: string, state?: unknown): Cannot => new Cannot(code, says, because, state);

/** One command; a target that it does not name does not get it. */
export interface Row {
  /** `{...}` stands for what is only known in the conversation. */
  readonly command: string;
  readonly state?: (ilo: VirtualIlo) => unknown;
  readonly comesTo: Readonly<Partial<Record<Target, Done | Cannot>>>;
}

type Outcome = Done | Cannot;
const done = (says: string, state?: unknown): Done => ({ says, ...(state === undefined ? {} : { state }) });
const all = (outcome: Outcome): Row['comesTo'] => ({ 'gen9 ris': outcome, 'gen9 redfish': outcome, gen10: outcome, gen11: outcome });
const both9 = (outcome: Outcome): Row['comesTo'] => ({ 'gen9 ris': outcome, 'gen9 redfish': outcome });
const late = (outcome: Outcome): Row['comesTo'] => ({ gen10: outcome, gen11: outcome });
const OK = done('[200] The operation completed successfully.');
const ok = (state: unknown): Done => ({ ...OK, state });

// Why some commands cannot succeed.
const ONE_TYPE = 'in this style the collections of schemas and of registries are of one type, and the client takes the second for loaded when it has the first';
const FOR_SLASHES = 'this release is older than iLO 6: it compares links with paths that end with a slash';
const AGAIN = `${FOR_SLASHES}, so that it finds no directory of resources and sends what it has sent already once more`;
const NO_CONTROLLER = 'Gen11 has no Smart Array';
const OF_REDFISH = 'the client looks for a name of Redfish in the ancestor of Redfish';
const OF_RIS = 'the client looks for a name of the ancestor of Redfish in Redfish';

const power = ({ machine }: VirtualIlo): unknown => machine.power.state;
const override = ({ machine }: VirtualIlo): unknown => [machine.boot.override.enabled, machine.boot.override.target];
const accounts = ({ machine }: VirtualIlo): unknown => machine.accounts.all.map(({ login, name }) => `${login} ${name}`);
const image = ({ machine }: VirtualIlo): unknown => [machine.media.cdrom.image, machine.media.cdrom.bootsNext];
const logicalDrives = ({ machine }: VirtualIlo): unknown => machine.storage.logicalDrives.map(({ level, drives }) => [level, ...drives]);
const pending = (name: string) => ({ machine }: VirtualIlo): unknown => machine.bios.pending[name];
const counted = (...operations: readonly (keyof VirtualIlo['activity']['operations'])[]) => ({ activity }: VirtualIlo): unknown =>
  operations.map((operation) => activity.operations[operation] ?? 0);

const BIOS: readonly Row[] = [
  { command: 'types', comesTo: { ...both9(done('ComputerSystem.1.0.1')), gen10: done('HpeiLOLicense.'), gen11: done('HpeiLOLicense.') } },
  { command: 'select Bios.', comesTo: { ...both9(done('HpBios.1.2.0')), ...late(done('#Bios.v1_0_0.Bios')) } },
  { command: 'get ProcVirtualization BootMode', comesTo: all(done('BootMode=Uefi ProcVirtualization=Enabled')) },
  { command: 'list Sriov', comesTo: all(done('Sriov=Enabled')) },
  {
    command: 'info ProcVirtualization',
    comesTo: { ...all(done('TYPE Enumeration READ-ONLY False POSSIBLE VALUES Enabled Disabled')), 'gen9 redfish': cannot(9, 'no valid entries for info', ONE_TYPE) },
  },
  {
    command: 'set ProcVirtualization=Disabled',
    comesTo: { ...all(done('ProcVirtualization": "Disabled"')), 'gen9 redfish': cannot(28, 'Unable to locate registry model', ONE_TYPE) },
  },
  { command: 'status', comesTo: { ...all(done('ProcVirtualization=Disabled')), 'gen9 redfish': done('No changes found') } },
  { command: 'commit', state: pending('ProcVirtualization'), comesTo: { ...all(ok('Disabled')), 'gen9 redfish': cannot(8, 'No changes found', ONE_TYPE, 'Enabled') } },
  { command: 'set BootMode=Nonsense', comesTo: { ...all(cannot(28, "'Nonsense' is not a valid setting", 'the registry does not list it')), 'gen9 redfish': cannot(28, 'Unable to locate registry model', ONE_TYPE) } },
  { command: 'pending', comesTo: { 'gen9 ris': cannot(255, '@odata.id', OF_REDFISH), ...late(done('ProcVirtualization= Current=Enabled Pending=Disabled')) } },
  { command: 'results', comesTo: { ...both9(done('Bios: Base.1.0:Success')), gen10: done('Bios: Base.1.4.Success'), gen11: done('Bios: Base.1.17.Success') } },
  { command: 'save --selector=Bios. -f {home}/saved.json', comesTo: all(done('Configuration saved')) },
  { command: 'load -f {home}/saved.json', comesTo: { ...late(done('No differences found')), 'gen9 ris': done('No differences found') } },
  { command: 'biosdefaults', state: pending('ProcVirtualization'), comesTo: all(ok('Enabled')) },
  { command: 'iscsiconfig --list', comesTo: { 'gen9 ris': done('Not Added'), gen10: done('Not Added'), 'gen9 redfish': cannot(23, 'HpServerPciDevice', OF_RIS) } },
];

const BOOT: readonly Row[] = [
  { command: 'select ComputerSystem.', comesTo: all(done('ComputerSystem.')) },
  { command: 'set AssetTag=rack-7', comesTo: all(done('"AssetTag": "rack-7"')) },
  { command: 'commit', state: ({ machine }) => machine.assetTag, comesTo: { ...all(ok('rack-7')), gen11: cannot(61, '[200] The operation completed successfully.', AGAIN, 'rack-7') } },
  { command: 'bootorder', comesTo: all(done('Current Persistent Boot Order: 1. HD.EmbRAID.1.2')) },
  { command: 'bootorder --onetimeboot=Pxe --commit', state: override, comesTo: { ...all(ok(['Once', 'Pxe'])), gen11: cannot(61, 'has been updated', AGAIN) } },
  { command: 'bootorder --continuousboot=Hdd --commit', state: override, comesTo: all(ok(['Continuous', 'Hdd'])) },
  { command: 'bootorder --disablebootflag --commit', state: override, comesTo: { ...all(ok(['Disabled', 'None'])), gen11: cannot(61, 'has been updated', AGAIN) } },
  { command: 'bootorder --onetimeboot=NIC.LOM.1.2.IPv4 --commit', state: override, comesTo: all(ok(['Once', 'UefiTarget'])) },
  { command: 'bootorder --onetimeboot=Nonsense', comesTo: all(cannot(3, 'Invalid entry passed for one time boot', 'there is no such device')) },
  {
    command: 'bootorder HD* NIC.LOM.1.2* --commit',
    state: ({ machine }) => machine.boot.pendingOrder.slice(0, 2),
    comesTo: { ...all(ok(['HD.EmbRAID.1.2', 'NIC.LOM.1.2.IPv4'])), gen11: cannot(61, 'has been updated', AGAIN), 'gen9 redfish': cannot(28, 'Unable to locate registry model', ONE_TYPE, ['HD.EmbRAID.1.2', 'NIC.LOM.1.1.IPv4']) },
  },
  { command: 'bootorder --securebootkeys=deletekeys', state: ({ machine }) => machine.secureBoot?.isChanging, comesTo: all(ok(true)) },
];

const INFORMATION: readonly Row[] = [
  {
    command: 'serverinfo --system',
    comesTo: {
      'gen9 ris': cannot(23, 'computersystemcollection', OF_REDFISH),
      gen10: done('Model: HPE ProLiant DL380 Gen10 Bios Version: U30 v2.42 (01/23/2021) Embedded NIC Count: 4'),
      gen11: cannot(255, 'Manufacturer', FOR_SLASHES),
    },
  },
  { command: 'serverinfo --fans', comesTo: { 'gen9 ris': done('Fan 1: Location: System'), ...late(done('Fan 1: Location: System Reading: 12% Redundant: True Hot Pluggable: True')) } },
  { command: 'serverinfo --thermals', comesTo: { 'gen9 ris': done('Location: Intake Current Temp: 21 C'), ...late(done('Sensor #1: Location: Intake Current Temp: 21 C')) } },
  {
    command: 'serverinfo --power',
    comesTo: { 'gen9 ris': done('Total Power Capacity: 1600 W'), ...late(done('iPDU Capable: False Health: OK State: Enabled ------------------------------------------------ PowerSupply Redundancy')) },
  },
  { command: 'serverinfo --processors', comesTo: late(done('Cores: 8 Threads: 16 L1-Cache: 512 KB')) },
  { command: 'serverinfo --memory', comesTo: late(done('Board CPU: 2 Total Memory Size: 16384 MiB')) },
  { command: 'serverinfo --firmware', comesTo: { ...both9(done('iLO : 2.55')), gen10: done('iLO 5 : 2.44'), gen11: done('iLO 6 : 1.53') } },
  { command: 'rawget {root}/Systems/1{end} --silent', comesTo: all(done('"AssetTag": "rack-7"')) },
  { command: 'rawhead {root}/Systems/1{end}', comesTo: all(done('rel=describedby')) },
  { command: 'rawpatch {home}/light.json', state: ({ machine }) => machine.identifyLight, comesTo: all(ok('On')) },
  { command: 'serverlogs --selectlog=IML', comesTo: { ...all(done('Maintenance note: the machine was set up')), gen11: cannot(23, '#logservice', FOR_SLASHES) } },
  {
    command: 'serverlogs --selectlog=IML --clearlog',
    state: ({ machine }) => machine.managementLog.entries.length,
    comesTo: { ...all(ok(0)), gen11: cannot(23, '#logservice', FOR_SLASHES) },
  },
  { command: 'serverlogs --selectlog=IEL', comesTo: { ...all(done('iLO Event Log')), gen11: cannot(23, '#logservice', FOR_SLASHES) } },
];

const MANAGEMENT: readonly Row[] = [
  { command: 'ilolicense WRONG', comesTo: all(cannot(63, 'InvalidLicenseKey', 'this is no licence key')) },
  { command: 'ilolicense ABCDE-ABCDE-ABCDE-ABCDE-ABCDE', state: ({ machine }) => machine.licence.kind, comesTo: all(ok('advanced')) },
  {
    command: 'iloaccounts add alice Alice password12',
    state: accounts,
    comesTo: {
      ...all(done('New iLO account alice is added successfully', ['Administrator Administrator', 'alice Alice'])),
      'gen9 redfish': cannot(255, 'Members', OF_REDFISH, ['Administrator Administrator']),
    },
  },
  {
    command: 'iloaccounts modify alice --addprivs 1,5',
    state: ({ machine }) => [...(machine.accounts.withLogin('alice')?.privileges ?? [])],
    comesTo: { 'gen9 ris': ok(['LoginPriv', 'VirtualMediaPriv']), ...late(ok(['LoginPriv', 'VirtualMediaPriv'])) },
  },
  {
    command: 'iloaccounts changepass alice password13',
    state: ({ machine }) => machine.accounts.identify('alice', 'password13')?.login,
    comesTo: { 'gen9 ris': ok('alice'), ...late(ok('alice')) },
  },
  { command: 'iloaccounts changepass alice short', comesTo: { 'gen9 ris': cannot(3, 'at least 8', 'it is too short'), ...late(cannot(3, 'at least 8', 'it is too short')) } },
  { command: 'iloaccounts', comesTo: { 'gen9 ris': done('[2] alice (Alice):'), ...late(done('[2] alice (Alice):')) } },
  { command: 'iloaccounts delete alice', state: accounts, comesTo: { 'gen9 ris': ok(['Administrator Administrator']), ...late(ok(['Administrator Administrator'])) } },
  {
    command: 'virtualmedia 2 http://192.0.2.1/boot.iso --bootnextreset',
    state: image,
    comesTo: { ...all(ok(['http://192.0.2.1/boot.iso', true])), gen11: cannot(59, '', FOR_SLASHES, [undefined, false]) },
  },
  { command: 'virtualmedia', comesTo: { ...all(done('[2] Media Types Available: CD DVD Image Inserted: http://192.0.2.1/boot.iso')), gen11: cannot(59, '', FOR_SLASHES) } },
  { command: 'virtualmedia 2 --remove', state: image, comesTo: { ...all(ok([undefined, false])), gen11: cannot(59, '', FOR_SLASHES, [undefined, false]) } },
  { command: 'certificate csr Org Unit node.example.org US State City', comesTo: { gen10: OK, gen11: OK, ...both9(cannot(23, 'hphttpscert', 'this iLO 4 has no certificate of its own to change')) } },
  { command: 'sendtest syslog', comesTo: { gen10: cannot(63, 'ActionNotSupported', 'no server is set that could be told') } },
];

const STORAGE: readonly Row[] = [
  {
    command: 'smartarray --controller=0 --physicaldrives',
    comesTo: {
      'gen9 ris': done('Physical drives not found'),
      'gen9 redfish': done('[1I:1:1]: Model EG0600FBVFP, Location 1I:1:1, Type HDD'),
      gen10: done('[1I:1:1]: Model EG0600FBVFP, Location 1I:1:1, Type HDD'),
      gen11: cannot(23, 'smartstoragearraycontroller', NO_CONTROLLER),
    },
  },
  { command: 'smartarray --controller=0 --logicaldrives', comesTo: { gen10: done('Name LogicalDrive_1') } },
  { command: 'deletelogicaldrive 1 --controller=0 --force', comesTo: { ...both9(cannot(23, 'smartstorageconfig', 'drives of an iLO 4 can only be looked at')), gen10: OK } },
  { command: 'reboot On', state: logicalDrives, comesTo: { gen10: ok([]) } },
  { command: 'createlogicaldrive customdrive RAID1 1I:1:1,1I:1:2 --controller=0 -n data --capacitygib=100', comesTo: { gen10: OK } },
  { command: 'reboot ForceRestart', state: logicalDrives, comesTo: { gen10: ok([['1', '1I:1:1', '1I:1:2']]) } },
  { command: 'clearcontrollerconfig --controller=0', comesTo: { gen10: OK } },
  { command: 'reboot ColdBoot', state: logicalDrives, comesTo: { gen10: ok([]) } },
  { command: 'drivesanitize 1I:1:1 --controller=0 --mediatype=HDD', comesTo: { gen10: OK } },
  { command: 'reboot ForceRestart', state: ({ machine }) => machine.storage.drives.map(({ erase }) => erase !== 'None'), comesTo: { gen10: ok([true, false, false]) } },
  { command: 'reboot ForceOff', state: power, comesTo: { gen10: ok('Off') } },
];

const POWER: readonly Row[] = [
  { command: 'reboot On', state: power, comesTo: all(ok('On')) },
  { command: 'reboot ForceRestart', state: counted('reset server'), comesTo: { 'gen9 ris': ok([1]), 'gen9 redfish': ok([1]), gen11: ok([1]) } },
  { command: 'reboot Nmi', state: counted('inject nmi'), comesTo: all(ok([1])) },
  { command: 'reboot PressAndHold', state: power, comesTo: { ...all(ok('Off')), 'gen9 ris': cannot(63, 'ActionNotSupported', 'the client does not name the vendor as the target of the action', 'On') } },
  { command: 'reboot PushPowerButton', state: counted('press power button'), comesTo: all(ok([1])) },
];

const FIRMWARE: readonly Row[] = [
  { command: 'listcomp', comesTo: late(done('No components found')) },
  { command: 'taskqueue', comesTo: late(done('No tasks found')) },
  { command: 'installset', comesTo: late(done('No install sets found')) },
  {
    command: 'firmwareupdate http://192.0.2.1/{rom}',
    state: counted('update firmware'),
    comesTo: late(done('Firmware update has completed', [1])),
  },
  {
    command: 'setpassword --newpassword biospass1 --currentpassword none',
    state: ({ machine }) => machine.bios.adminPassword,
    comesTo: late(ok('biospass1')),
  },
  { command: 'onebuttonerase --confirm --nomonitor', state: counted('erase machine'), comesTo: { ...late(ok([1])), ...both9(cannot(54, 'only available on iLO 5 1.40', 'an iLO 4 cannot')) } },
  { command: 'logout', state: ({ activity }) => activity.openSessions, comesTo: all(done('', 0)) },
  { command: 'login https://{host} -u Administrator -p wrong-password', comesTo: all(cannot(32, '', 'the password is wrong')) },
  { command: 'login https://{host} -u Administrator -p {password}', state: ({ activity }) => activity.openSessions, comesTo: all(done('Discovering data', 1)) },
  { command: 'iloreset', state: counted('reset ilo'), comesTo: all(done('A management processor reset is in progress', [1])) },
];

export const ROWS: readonly Row[] = [...BIOS, ...BOOT, ...INFORMATION, ...MANAGEMENT, ...STORAGE, ...POWER, ...FIRMWARE];

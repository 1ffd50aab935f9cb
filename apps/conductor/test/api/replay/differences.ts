/** Places in which our answers to some recorded requests differ from the record, and why. */
export interface KnownDifference {
  readonly exchanges: readonly string[];
  /** Paths into `{status, headers, body}`; the error inside `error_message` is taken apart. */
  readonly paths: readonly string[];
  readonly reason: string;
}

/** Answers that show the whole node at a new version, and those of them that come after a patch or late in the record. */
const WHOLE_NODES = ['017', '027', '028', '058', '063', '064', '124', '130', '132'];
const PATCHED_NODES = ['058', '063', '064', '130', '132'];
const AFTER_CHASSIS = ['058', '063', '064', '124', '130', '132'];
const AFTER_DEPLOY = ['124', '130', '132'];

const LISTED_NODE = (index: number): readonly string[] => ['uuid', 'links[0].href', 'links[1].href'].map((path) => `body.nodes[${index}].${path}`);
const OTHER_NODES = 'Other nodes are enrolled here than in the recorded Ironic.';

/**
 * Every difference there is. The test fails for one that is not listed, and for one that is listed and not there any more.
 */
export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [
  { exchanges: ['001'], paths: ['body.name', 'body.description'], reason: 'Says what it is.' },
  { exchanges: ['002', '003'], paths: ['body.links[1].href', 'body.links[1].type'], reason: 'Links to its own description of the API.' },
  { exchanges: ['002', '003'], paths: ['body.chassis'], reason: 'Lists only resources that are there.' },
  {
    exchanges: ['003'],
    paths: ['portgroups', 'volume', 'allocations', 'events', 'deploy_templates', 'shards'].map((name) => `body.${name}`),
    reason: 'Lists only resources that are there.',
  },
  { exchanges: ['004', '005'], paths: ['headers.openstack-request-id'], reason: 'Every answer can be found in the log.' },

  { exchanges: ['006', '007', '033'], paths: [...LISTED_NODE(0), 'body.nodes[0].power_state', 'body.nodes[0].provision_state', 'body.next'], reason: OTHER_NODES },
  { exchanges: ['033'], paths: [...LISTED_NODE(1), 'body.nodes[1].name'], reason: OTHER_NODES },
  { exchanges: ['034'], paths: [...LISTED_NODE(0), ...LISTED_NODE(1), 'body.nodes[0].name', 'body.nodes[1].name', 'body.next'], reason: OTHER_NODES },

  { exchanges: ['008', '009'], paths: ['body.drivers'], reason: 'Only the fake driver is installed.' },
  { exchanges: ['016'], paths: ['body.drivers'], reason: 'Only the fake driver is installed.' },
  {
    exchanges: ['010'],
    paths: [
      'default_console_interface', 'enabled_console_interfaces', 'default_raid_interface', 'enabled_raid_interfaces', 'default_bios_interface',
      'enabled_bios_interfaces', 'enabled_boot_interfaces', 'enabled_deploy_interfaces', 'enabled_management_interfaces', 'enabled_rescue_interfaces[0]',
      'enabled_rescue_interfaces[2]', 'enabled_vendor_interfaces[0]', 'enabled_vendor_interfaces[1]', 'enabled_inspect_interfaces',
    ].map((path) => `body.${path}`),
    reason: 'Lists what is installed, best first; the fake driver has no console, RAID or BIOS.',
  },
  {
    exchanges: ['014'],
    paths: [
      'status', 'body.error_message',
      ...['raid_level', 'size_gb', 'volume_name', 'is_root_volume', 'share_physical_disks', 'disk_type', 'interface_type', 'number_of_physical_disks', 'controller', 'physical_disks'].map(
        (name) => `body.${name}`,
      ),
    ],
    reason: 'The fake driver has no RAID; the answer is that of Ironic for such a driver.',
  },

  { exchanges: ['102'], paths: ['status', 'headers.content-type', 'body'], reason: 'The fake driver has no RAID; the answer is that of Ironic for such a driver.' },
  { exchanges: AFTER_DEPLOY, paths: ['body.target_raid_config.logical_disks'], reason: 'The fake driver has no RAID.' },
  { exchanges: [...WHOLE_NODES, '029', '032'], paths: ['body.driver_info.snmp_auth_key'], reason: 'A key is a secret; release 38 of Ironic hides it too.' },
  { exchanges: WHOLE_NODES, paths: ['body.bios_interface', 'body.console_interface', 'body.raid_interface'], reason: 'The fake driver has no console, RAID or BIOS.' },
  { exchanges: WHOLE_NODES, paths: ['body.portgroups', 'body.volume'], reason: 'Links only to resources that are there.' },
  { exchanges: PATCHED_NODES, paths: ['body.reservation'], reason: 'The lock is given back before the answer.' },
  { exchanges: AFTER_CHASSIS, paths: ['body.chassis_uuid'], reason: 'Chassis are not replayed.' },
  { exchanges: AFTER_DEPLOY, paths: ['body.instance_uuid', 'body.allocation_uuid', 'body.instance_info.traits', 'body.traits'], reason: 'Allocations and traits are not replayed.' },
  {
    exchanges: AFTER_DEPLOY,
    paths: ['last_power_state_change', 'cleaning_disable_ramdisk', 'deploy_steps', 'device_memory'].map((name) => `body.driver_internal_info.${name}`),
    reason: 'What a conductor keeps for itself is its own affair.',
  },
  { exchanges: AFTER_DEPLOY, paths: ['body.power_state'], reason: 'A machine is on after it was deployed.' },
  { exchanges: ['130', '132'], paths: ['body.instance_info.rescue_password', 'body.instance_info.hashed_rescue_password'], reason: 'The password is forgotten when rescuing has ended.' },

  { exchanges: ['026'], paths: ['status', 'body.error_message.faultcode', 'body.error_message.faultstring'], reason: 'Malformed JSON is the fault of the client.' },
  {
    exchanges: ['041'],
    paths: ['bios', 'console', 'raid'].flatMap((name) => [`body.${name}.result`, `body.${name}.reason`]),
    reason: 'The fake driver has no console, RAID or BIOS.',
  },
  { exchanges: ['069'], paths: ['body.traits'], reason: 'Setting traits is not replayed.' },
  { exchanges: ['088'], paths: ['body.first_method'], reason: 'The fake driver has one method more, as later releases of Ironic.' },
  { exchanges: ['098'], paths: ['body.error_message.faultstring'], reason: 'The fake machine has been asked for its power before, so the text names it.' },
  { exchanges: ['106'], paths: ['body.error_message.faultstring'], reason: 'Names the node by its UUID; the record shows a number of the database.' },
  { exchanges: ['108'], paths: ['body.error_message.faultstring'], reason: 'Names what is accepted, without a dump of the schema; more interfaces have steps.' },
  { exchanges: ['110'], paths: ['body.last_error'], reason: 'The arguments of a step stay out of the text: they may hold secrets.' },
  { exchanges: ['125'], paths: ['body.error_message.faultstring'], reason: 'The node has no instance, since allocations are not replayed; it is refused because it is active.' },
  { exchanges: ['144', '146'], paths: ['body.error_message.ferric'], reason: 'Tells the code of the refusal and what to do.' },
  {
    exchanges: ['134'],
    paths: ['uuid', 'event', 'event_type', 'links[0].href'].map((path) => `body.history[0].${path}`),
    reason: 'The same record under another UUID and in our words.',
  },
];

/** Recorded exchanges that are not replayed, and why. Their files are not here. */
export const NOT_REPLAYED: readonly { readonly exchanges: readonly string[]; readonly reason: string }[] = [
  { exchanges: ['012', '013', '024', '147', '148', '149', '156'], reason: 'Of the ipmi and redfish hardware types; replayed where those drivers are.' },
  { exchanges: ['153', '154', '155', '157', '158', '159', '160', '161', '162', '163', '164'], reason: 'Of the ilo and manual-management hardware types.' },
  { exchanges: ['051', '052', '053'], reason: 'Port groups are not there yet.' },
  { exchanges: ['054', '055', '056', '057'], reason: 'Chassis are not there yet.' },
  { exchanges: ['066', '067', '068', '070', '071'], reason: 'Traits cannot be changed yet.' },
  { exchanges: ['072', '073', '074'], reason: 'VIFs are not there yet.' },
  { exchanges: ['081', '082', '083'], reason: 'Indicators and NMI are not there yet.' },
  { exchanges: ['084', '085', '086', '087'], reason: 'Consoles are not there yet.' },
  { exchanges: ['104'], reason: 'Setting the boot mode is not there yet.' },
  { exchanges: ['114', '115', '116', '117', '118', '119'], reason: 'Allocations are not there yet.' },
  { exchanges: ['135', '136', '137', '138', '139', '140', '141', '142', '143'], reason: 'Deploy templates, volumes, events of networks and shards are not there yet.' },
];

/** Places in which our answers to some recorded requests differ from the record, and why. */
export interface KnownDifference {
  readonly exchanges: readonly string[];
  /** Paths into `{status, headers, body}`; the error inside `error_message` is taken apart. `whole answer`: the status differs, and so all else. */
  readonly paths: readonly string[] | 'whole answer';
  readonly reason: string;
}

/** Answers that show the whole node at a new version; those of them that come after a patch, and those late in the record. */
const WHOLE_NODES = ['017', '027', '028', '056', '058', '063', '064', '124', '130', '132'];
const PATCHED_NODES = ['056', '058', '063', '064', '130', '132'];
const AFTER_DEPLOY = ['124', '130', '132'];

const LISTED_NODE = (index: number): readonly string[] => ['uuid', 'links[0].href', 'links[1].href'].map((path) => `body.nodes[${index}].${path}`);
const OTHER_NODES = 'Other nodes are enrolled here than in the recorded Ironic.';
const LISTED = 'Lists what is installed, best first.';
const OUR_WORDS = 'Describes the same fields in our words.';
const NO_CONSOLE = 'There is no console of the iLO: in Ironic it is a program beside the conductor, which speaks IPMI.';

/** What booting, deployment and rescue read from driver_info, for every hardware type. */
const GENERIC_FIELDS = [
  'deploy_forces_oob_reboot', 'deploy_kernel', 'deploy_ramdisk', 'force_persistent_boot_device', 'image_http_proxy', 'image_https_proxy', 'image_no_proxy',
];
const inBody = (paths: readonly string[]): readonly string[] => paths.map((path) => `body.${path}`);

/**
 * Every difference there is. The test fails for one that is not listed, and for one that is listed and not there any more.
 */
export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [
  { exchanges: ['001'], paths: ['body.name', 'body.description'], reason: 'Says what it is.' },
  { exchanges: ['002', '003'], paths: ['body.links[1].href', 'body.links[1].type'], reason: 'Links to its own description of the API.' },
  { exchanges: ['004', '005'], paths: ['headers.openstack-request-id'], reason: 'Every answer can be found in the log.' },

  { exchanges: ['006', '007', '033'], paths: [...LISTED_NODE(0), 'body.nodes[0].power_state', 'body.nodes[0].provision_state'], reason: OTHER_NODES },
  { exchanges: ['033'], paths: [...LISTED_NODE(1), 'body.nodes[1].name'], reason: OTHER_NODES },
  { exchanges: ['034'], paths: [...LISTED_NODE(0), ...LISTED_NODE(1), 'body.nodes[0].name', 'body.nodes[1].name'], reason: OTHER_NODES },
  { exchanges: ['006', '033', '034'], paths: ['body.next'], reason: OTHER_NODES },
  { exchanges: ['007'], paths: ['body.next'], reason: 'Version 1.1 does not know `fields`, so the link to the next page does not name them. Besides, other nodes are enrolled here.' },
  { exchanges: ['143'], paths: ['body.shards[0].count'], reason: OTHER_NODES },

  { exchanges: ['008', '009', '016'], paths: ['body.drivers'], reason: 'The driver of iLO is installed in place of that of Redfish.' },
  {
    exchanges: ['010'],
    paths: [
      'enabled_console_interfaces[0]', 'enabled_console_interfaces[1]', 'enabled_vendor_interfaces[0]', 'enabled_vendor_interfaces[1]', 'enabled_boot_interfaces',
      'enabled_deploy_interfaces', 'enabled_network_interfaces', 'enabled_management_interfaces', 'enabled_raid_interfaces[0]', 'enabled_raid_interfaces[2]',
      'enabled_bios_interfaces[0]', 'enabled_bios_interfaces[1]', 'enabled_rescue_interfaces[0]', 'enabled_rescue_interfaces[2]', 'enabled_inspect_interfaces',
    ].map((path) => `body.${path}`),
    reason: LISTED,
  },
  {
    exchanges: ['012'],
    paths: [
      ...[
        'address', 'bridging', 'cipher_suite', 'disable_boot_timeout', 'force_boot_device', 'hex_kg_key', 'local_address', 'password', 'port', 'priv_level',
        'protocol_version', 'target_address', 'target_channel', 'transit_address', 'transit_channel', 'username',
      ].map((name) => `ipmi_${name}`),
      ...GENERIC_FIELDS, 'kernel_append_params', 'rescue_kernel', 'rescue_ramdisk',
    ].map((name) => `body.${name}`),
    reason: OUR_WORDS,
  },
  {
    exchanges: ['012'],
    paths: ['body.agent_verify_ca', 'body.image_download_source', 'body.disable_power_off', 'body.ipmi_terminal_port'],
    reason: 'The agent is trusted by what it said first, and loads images itself; two fields of other releases are known here.',
  },
  { exchanges: ['013'], paths: ['body.ipxe_config'], reason: 'Every hardware type that boots from the network serves boot scripts.' },
  { exchanges: ['024'], paths: ['body.error_message.faultstring', 'body.error_message.ferric'], reason: 'Names the interface and the hardware type as users do, not objects of a program; tells what is supported.' },
  { exchanges: ['147'], paths: ['body.inspect_interface'], reason: 'Inspection by the agent is there, and comes before none.' },
  { exchanges: ['148'], paths: ['body.boot.reason', 'body.deploy.reason', 'body.inspect.reason'], reason: 'Tells all that is missing for booting at once.' },
  {
    exchanges: ['153'],
    paths: inBody([
      'enabled_deploy_interfaces', 'enabled_inspect_interfaces', 'enabled_bios_interfaces[0]', 'enabled_bios_interfaces[1]', 'enabled_management_interfaces',
      'enabled_rescue_interfaces[0]', 'enabled_rescue_interfaces[1]', 'enabled_network_interfaces', 'enabled_boot_interfaces', 'enabled_raid_interfaces[0]',
      'enabled_raid_interfaces[1]',
    ]),
    reason: LISTED,
  },
  { exchanges: ['153'], paths: ['body.default_console_interface', 'body.enabled_console_interfaces'], reason: NO_CONSOLE },
  { exchanges: ['158', '161'], paths: ['body.console_interface'], reason: NO_CONSOLE },
  { exchanges: ['159', '162'], paths: ['body.console.reason'], reason: NO_CONSOLE },
  { exchanges: ['154', '155'], paths: ['body.console_port'], reason: NO_CONSOLE },
  {
    exchanges: ['154', '155'],
    paths: inBody([
      'ilo_address', 'ilo_username', 'ilo_password', 'ilo_change_password', 'client_port', 'client_timeout', 'ca_file', 'ilo_verify_ca', 'deploy_iso',
      ...GENERIC_FIELDS,
    ]),
    reason: OUR_WORDS,
  },
  {
    exchanges: ['154', '155'],
    paths: ['body.agent_verify_ca', 'body.image_download_source'],
    reason: 'The agent is trusted by what it said first, and loads images itself.',
  },
  {
    exchanges: ['154', '155'],
    paths: inBody(['user', 'prot_password', 'priv_password', 'protocol', 'priv_protocol'].map((field) => `snmp_auth_${field}`)),
    reason: 'The iLO tells all that an inspection wants; nothing is asked by SNMP.',
  },
  {
    exchanges: ['154', '155'],
    paths: inBody([
      ...['reset_ilo', 'reset_bios_to_default', 'reset_secure_boot_keys_to_default', 'clear_secure_boot_keys', 'reset_ilo_credential'].map(
        (step) => `ilo_clean_priority_${step}`,
      ),
      'ilo_generation', 'ilo_tls_fingerprint', 'ilo_tls_profile',
    ]),
    reason: 'Fields of our own; priorities of clean steps are options of the whole conductor in Ironic.',
  },
  {
    exchanges: ['154', '155'],
    paths: inBody([
      'bootloader', 'disable_power_off', 'external_http_url', 'ilo_add_certificates', 'kernel_append_params', 'rescue_iso', 'rescue_kernel', 'rescue_ramdisk',
    ]),
    reason: 'Names every field that counts, those of virtual media and of later releases of Ironic too.',
  },
  { exchanges: ['156', '157'], paths: 'whole answer', reason: 'There is no such hardware type here.' },
  {
    exchanges: ['159'],
    paths: ['body.boot.reason', 'body.deploy.reason'],
    reason: 'A ready image is enough, and a medium that is made of kernel and ramdisk has a boot loader of its own.',
  },
  {
    exchanges: ['160'],
    paths: ['body.boot_into_iso.description'],
    reason: 'Images are named by URLs; there is no image service.',
  },
  {
    exchanges: ['160'],
    paths: inBody(['get_controller', 'get_csr', 'get_security_status']),
    reason: 'Methods of our own.',
  },
  {
    exchanges: ['162'],
    paths: inBody(['boot', 'deploy', 'management', 'power', 'bios', 'inspect'].map((name) => `${name}.reason`)),
    reason: 'Says of each missing field what it is.',
  },
  {
    exchanges: ['164'],
    paths: ['body.last_error'],
    reason: 'Says what to check, and asks the port of `client_port`, which the recorded Ironic did not.',
  },
  {
    exchanges: ['014'],
    paths: [
      'size_gb', 'volume_name', 'is_root_volume', 'share_physical_disks', 'disk_type', 'interface_type', 'number_of_physical_disks', 'controller',
      'physical_disks',
    ].map((name) => `body.${name}`),
    reason: 'Describes the same properties of a logical disk in our words.',
  },

  { exchanges: [...WHOLE_NODES, '029', '032'], paths: ['body.driver_info.snmp_auth_key'], reason: 'A key is a secret; release 38 of Ironic hides it too.' },
  { exchanges: PATCHED_NODES, paths: ['body.reservation'], reason: 'The lock is given back before the answer.' },
  {
    exchanges: AFTER_DEPLOY,
    paths: ['last_power_state_change', 'cleaning_disable_ramdisk', 'deploy_steps', 'device_memory'].map((name) => `body.driver_internal_info.${name}`),
    reason: 'What a conductor keeps for itself is its own affair.',
  },
  { exchanges: AFTER_DEPLOY, paths: ['body.power_state'], reason: 'A machine is on after it was deployed.' },
  {
    exchanges: ['101', ...AFTER_DEPLOY],
    paths: ['body.boot_mode', 'body.secure_boot'],
    reason: 'The fake machine knows how it boots, and tells when it is asked for its power.',
  },
  {
    exchanges: ['130', '132'],
    paths: ['body.instance_info.rescue_password', 'body.instance_info.hashed_rescue_password'],
    reason: 'The password is forgotten when rescuing has ended.',
  },

  { exchanges: ['026'], paths: ['status', 'body.error_message.faultcode', 'body.error_message.faultstring'], reason: 'Malformed JSON is the fault of the client.' },
  { exchanges: ['088'], paths: ['body.first_method'], reason: 'The fake driver has one method more, as later releases of Ironic.' },
  { exchanges: ['098'], paths: ['body.error_message.faultstring'], reason: 'The fake machine has been asked for its power before, so the text names it.' },
  { exchanges: ['106'], paths: ['body.error_message.faultstring'], reason: 'Names the node by its UUID; the record shows a number of the database.' },
  { exchanges: ['108'], paths: ['body.error_message.faultstring'], reason: 'Names what is accepted, without a dump of the schema; more interfaces have steps.' },
  { exchanges: ['110'], paths: ['body.last_error'], reason: 'The arguments of a step stay out of the text: they may hold secrets.' },
  { exchanges: ['144', '146'], paths: ['body.error_message.ferric'], reason: 'Tells the code of the refusal and what to do.' },
  {
    exchanges: ['134'],
    paths: ['uuid', 'event', 'event_type', 'links[0].href'].map((path) => `body.history[0].${path}`),
    reason: 'The same record under another UUID and in our words.',
  },
];

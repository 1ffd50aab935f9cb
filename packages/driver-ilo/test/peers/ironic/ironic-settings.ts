/** What the configuration of a private Ironic depends on. */
export interface IronicPlaces {
  /** Everything that it writes stands in there. */
  readonly folder: string;
  readonly port: number;
  /** Where what lies in {@link IronicPlaces.published} can be fetched. */
  readonly imagesUrl: string;
  readonly published: string;
}

/**
 * Configuration of OpenStack Ironic 21.4 as one process without identity service, message bus and network service, with the types `ilo` and
 * `ilo5` and their own interfaces. Priorities of the clean steps are those of the documents, which later releases changed for one of them.
 */
export function ironicConfiguration({ folder, port, imagesUrl, published }: IronicPlaces): string {
  return toIni({
    DEFAULT: {
      auth_strategy: 'noauth',
      rpc_transport: 'none',
      host: 'peer',
      my_ip: '127.0.0.1',
      tempdir: folder,
      log_file: `${folder}/ironic.log`,
      enabled_hardware_types: 'ilo,ilo5',
      enabled_bios_interfaces: 'ilo,no-bios',
      enabled_boot_interfaces: 'ilo-virtual-media,ilo-uefi-https',
      enabled_console_interfaces: 'ilo,no-console',
      enabled_deploy_interfaces: 'direct,ramdisk',
      enabled_inspect_interfaces: 'ilo',
      enabled_management_interfaces: 'ilo,ilo5',
      enabled_network_interfaces: 'noop',
      default_network_interface: 'noop',
      enabled_power_interfaces: 'ilo',
      enabled_raid_interfaces: 'ilo5,no-raid',
      enabled_rescue_interfaces: 'no-rescue',
      enabled_storage_interfaces: 'noop',
      enabled_vendor_interfaces: 'ilo,no-vendor',
    },
    database: { connection: `sqlite:///${folder}/ironic.sqlite` },
    api: { host_ip: '127.0.0.1', port, api_workers: 1 },
    service_catalog: { auth_type: 'none', endpoint_override: `http://127.0.0.1:${port}` },
    // The state of power is read when a test asks for it.
    conductor: { automated_clean: true, sync_power_state_interval: 0, node_locked_retry_attempts: 30 },
    deploy: { http_url: imagesUrl, http_root: published, default_boot_option: 'local', ramdisk_image_download_source: 'http' },
    agent: { deploy_logs_collect: 'never' },
    ilo: {
      power_wait: 1,
      use_web_server_for_images: true,
      cert_path: `${folder}/certificates`,
      clean_priority_reset_ilo: 1,
      clean_priority_reset_bios_to_default: 10,
      clean_priority_reset_secure_boot_keys_to_default: 20,
      clean_priority_reset_ilo_credential: 30,
      oob_erase_devices_job_status_interval: 10,
    },
  });
}

function toIni(sections: Readonly<Record<string, Readonly<Record<string, string | number | boolean>>>>): string {
  const lines = Object.entries(sections).flatMap(([name, settings]) => [`[${name}]`, ...Object.entries(settings).map(([key, value]) => `${key} = ${value}`)]);
  return `${lines.join('\n')}\n`;
}

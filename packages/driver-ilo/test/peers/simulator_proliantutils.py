"""Makes every call of proliantutils' IloClient at one iLO and prints what became of each, as JSON.

Told on standard input: where the iLO is, who the user is, and what to use. What the client waits for in seconds takes a fraction here.
"""
import json
import os
import sys
import tempfile
import time

told = json.load(sys.stdin)

# Authorities named by the environment would win over what the client was told of verification, and proxies over the way to 127/8.
for name in ('REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE', 'HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy', 'ALL_PROXY', 'all_proxy'):
    os.environ.pop(name, None)

really_sleep = time.sleep
time.sleep = lambda seconds: really_sleep(min(seconds, told['longestSleep']))

from proliantutils.ilo import client  # noqa: E402
from proliantutils.ilo import ipmi  # noqa: E402

# The package of Debian 12 lacks the schema by which the client checks what is to be created.
from proliantutils.hpssa import manager  # noqa: E402

manager.validate = lambda configuration: None

# These machines have no IPMI, and each of the client's attempts would take a minute.
ipmi.get_nic_capacity = lambda *arguments: None

results = []
ilo = None


def attempt(name, call):
    try:
        value = call()
        results.append({'name': name, 'value': value})
        return value
    except Exception as error:  # noqa: B902 - whatever it is, it is the result
        results.append({'name': name, 'error': type(error).__name__, 'message': str(error)[:300]})
        return None


def settle():
    """Reads on until the machine has come through its self test."""
    for _ in range(100):
        try:
            state = ilo.get_host_post_state()
        except Exception:
            # Nothing tells of the self test: it takes its time.
            really_sleep(0.6)
            return
        if state in ('FinishedPost', 'PowerOff', None):
            return
        really_sleep(0.05)


def power(name, state):
    attempt(name, lambda: ilo.set_host_power(state))
    settle()


holder = tempfile.TemporaryDirectory()
folder = holder.name
firmware = os.path.join(folder, 'ilo4_278.bin')
with open(firmware, 'wb') as file:
    file.write(b'firmware' * 1000)
certificate = os.path.join(folder, 'authority.pem')
with open(certificate, 'w') as file:
    file.write(told['certificate'])

ilo = client.IloClient(told['host'], told['user'], told['password'], timeout=10, port=told['port'])

attempt('get_product_name', lambda: ilo.get_product_name())
attempt('get_host_uuid', lambda: ilo.get_host_uuid())
attempt('get_all_licenses', lambda: ilo.get_all_licenses())
attempt('get_host_power_status', lambda: ilo.get_host_power_status())
attempt('get_host_post_state', lambda: ilo.get_host_post_state())
attempt('get_essential_properties', lambda: ilo.get_essential_properties())
attempt('get_server_capabilities', lambda: ilo.get_server_capabilities())
attempt('get_host_health_data', lambda: sorted(ilo.get_host_health_data()['GET_EMBEDDED_HEALTH_DATA']))
attempt('get_host_health_present_power_reading', lambda: ilo.get_host_health_present_power_reading())
attempt('get_host_health_power_supplies', lambda: len(ilo.get_host_health_power_supplies()))
attempt('get_host_health_fan_sensors', lambda: len(ilo.get_host_health_fan_sensors()))
attempt('get_host_health_temperature_sensors', lambda: len(ilo.get_host_health_temperature_sensors()))
attempt('get_host_health_at_a_glance', lambda: ilo.get_host_health_at_a_glance())
attempt('get_host_power_readings', lambda: ilo.get_host_power_readings())

attempt('get_supported_boot_mode', lambda: ilo.get_supported_boot_mode())
attempt('get_current_boot_mode', lambda: ilo.get_current_boot_mode())
attempt('get_pending_boot_mode', lambda: ilo.get_pending_boot_mode())

attempt('insert_virtual_media(CDROM)', lambda: ilo.insert_virtual_media(told['imageUrl'], 'CDROM'))
attempt('set_vm_status(CDROM, CONNECT)', lambda: ilo.set_vm_status('CDROM', 'CONNECT', 'YES'))
attempt('get_vm_status(CDROM)', lambda: ilo.get_vm_status('CDROM'))
attempt('insert_virtual_media(FLOPPY)', lambda: ilo.insert_virtual_media(told['imageUrl'], 'FLOPPY'))
attempt('get_vm_status(FLOPPY)', lambda: ilo.get_vm_status('FLOPPY'))
attempt('insert_virtual_media(FLOPPY) over another', lambda: ilo.insert_virtual_media(told['imageUrl'], 'FLOPPY'))
attempt('eject_virtual_media(FLOPPY)', lambda: ilo.eject_virtual_media('FLOPPY'))
attempt('eject_virtual_media(FLOPPY) again', lambda: ilo.eject_virtual_media('FLOPPY'))

attempt('get_one_time_boot', lambda: ilo.get_one_time_boot())
attempt('set_one_time_boot(CDROM)', lambda: ilo.set_one_time_boot('CDROM'))
attempt('get_one_time_boot after', lambda: ilo.get_one_time_boot())
power('set_host_power(ON)', 'ON')
attempt('get_host_power_status after', lambda: ilo.get_host_power_status())
attempt('get_host_post_state after', lambda: ilo.get_host_post_state())
attempt('get_one_time_boot in the end', lambda: ilo.get_one_time_boot())
attempt('get_persistent_boot_device', lambda: ilo.get_persistent_boot_device())
attempt('update_persistent_boot(HDD)', lambda: ilo.update_persistent_boot(['HDD']))
attempt('get_persistent_boot_device HDD', lambda: ilo.get_persistent_boot_device())
attempt('update_persistent_boot(NETWORK)', lambda: ilo.update_persistent_boot(['NETWORK']))
attempt('get_persistent_boot_device NETWORK', lambda: ilo.get_persistent_boot_device())
# The firmware finds a new drive only when the machine starts.
attempt('reset_server for a drive', lambda: ilo.reset_server())
settle()
attempt('update_persistent_boot(CDROM)', lambda: ilo.update_persistent_boot(['CDROM']))
attempt('get_persistent_boot_device CDROM', lambda: ilo.get_persistent_boot_device())
attempt('set_vm_status(CDROM, BOOT_ONCE)', lambda: ilo.set_vm_status('CDROM', 'BOOT_ONCE', 'YES'))
attempt('eject_virtual_media(CDROM)', lambda: ilo.eject_virtual_media('CDROM'))
attempt('inject_nmi', lambda: ilo.inject_nmi())
attempt('reset_server', lambda: ilo.reset_server())
settle()
attempt('press_pwr_btn', lambda: ilo.press_pwr_btn())
really_sleep(0.5)
attempt('get_host_power_status pressed', lambda: ilo.get_host_power_status())
power('set_host_power(ON) again', 'ON')
attempt('hold_pwr_btn', lambda: ilo.hold_pwr_btn())
attempt('get_host_power_status held', lambda: ilo.get_host_power_status())
attempt('set_host_power(OFF)', lambda: ilo.set_host_power('OFF'))

attempt('get_secure_boot_mode', lambda: ilo.get_secure_boot_mode())
attempt('set_secure_boot_mode(True)', lambda: ilo.set_secure_boot_mode(True))
power('set_host_power(ON) for secure boot', 'ON')
attempt('get_secure_boot_mode after', lambda: ilo.get_secure_boot_mode())
attempt('clear_secure_boot_keys', lambda: ilo.clear_secure_boot_keys())
attempt('reset_secure_boot_keys', lambda: ilo.reset_secure_boot_keys())
attempt('hold_pwr_btn for settings', lambda: ilo.hold_pwr_btn())

attempt('get_current_bios_settings', lambda: len(ilo.get_current_bios_settings(True)))
attempt('get_default_bios_settings', lambda: len(ilo.get_default_bios_settings(True)))
attempt('set_bios_settings', lambda: ilo.set_bios_settings({'ProcVirtualization': 'Disabled'}))
attempt('get_pending_bios_settings', lambda: ilo.get_pending_bios_settings(True).get('ProcVirtualization'))
attempt('set_http_boot_url', lambda: ilo.set_http_boot_url('https://192.0.2.1/boot.iso'))
attempt('get_iscsi_initiator_info', lambda: ilo.get_iscsi_initiator_info())
attempt('set_iscsi_initiator_info', lambda: ilo.set_iscsi_initiator_info('iqn.2026-01.org.example:node'))
attempt('set_iscsi_info', lambda: ilo.set_iscsi_info('iqn.2026-01.org.example:target', 1, '192.0.2.7'))
attempt('add_tls_certificate', lambda: ilo.add_tls_certificate([certificate]))
power('set_host_power(ON) for settings', 'ON')
attempt('get_bios_settings_result', lambda: ilo.get_bios_settings_result()['status'])
attempt('get_http_boot_url', lambda: ilo.get_http_boot_url())
attempt('get_iscsi_initiator_info after', lambda: ilo.get_iscsi_initiator_info())
attempt('update_persistent_boot(ISCSI)', lambda: ilo.update_persistent_boot(['ISCSI']))
attempt('unset_iscsi_info', lambda: ilo.unset_iscsi_info())
attempt('remove_tls_certificate', lambda: ilo.remove_tls_certificate([certificate]))
attempt('reset_bios_to_default', lambda: ilo.reset_bios_to_default())
attempt('set_pending_boot_mode(LEGACY)', lambda: ilo.set_pending_boot_mode('LEGACY'))
attempt('get_pending_boot_mode LEGACY', lambda: ilo.get_pending_boot_mode())
attempt('hold_pwr_btn for a mode', lambda: ilo.hold_pwr_btn())
power('set_host_power(ON) for a mode', 'ON')
attempt('get_current_boot_mode LEGACY', lambda: ilo.get_current_boot_mode())
attempt('get_persistent_boot_device in BIOS mode', lambda: ilo.get_persistent_boot_device())
attempt('set_secure_boot_mode in BIOS mode', lambda: ilo.set_secure_boot_mode(True))
attempt('set_pending_boot_mode(UEFI)', lambda: ilo.set_pending_boot_mode('UEFI'))
attempt('get_pending_boot_mode UEFI', lambda: ilo.get_pending_boot_mode())
attempt('hold_pwr_btn for drives', lambda: ilo.hold_pwr_btn())

attempt('get_available_disk_types', lambda: sorted(ilo.get_available_disk_types()))
attempt('delete_raid_configuration', lambda: ilo.delete_raid_configuration())
power('set_host_power(ON) without drives', 'ON')
attempt('read_raid_configuration after deletion', lambda: ilo.read_raid_configuration())
for kind in ('HDD', 'SSD'):
    attempt('do_disk_erase(%s)' % kind, lambda: ilo.do_disk_erase(kind))
    attempt('reset_server to erase %s' % kind, lambda: ilo.reset_server())
    settle()
really_sleep(0.8)
attempt('has_disk_erase_completed', lambda: ilo.has_disk_erase_completed())
wanted = {'logical_disks': [{'raid_level': '1', 'size_gb': 100, 'physical_disks': ['1I:1:1', '1I:1:2']}]}
attempt('create_raid_configuration', lambda: ilo.create_raid_configuration(wanted))
attempt('reset_server for drives', lambda: ilo.reset_server())
settle()
attempt('read_raid_configuration', lambda: ilo.read_raid_configuration(wanted))

attempt('get_security_dashboard_values', lambda: ilo.get_security_dashboard_values()['overall_security_status'])
attempt('update_password_complexity', lambda: ilo.update_password_complexity(True))
attempt('update_require_login_for_ilo_rbsu', lambda: ilo.update_require_login_for_ilo_rbsu(True))
attempt('update_require_host_authentication', lambda: ilo.update_require_host_authentication(True))
attempt('update_minimum_password_length', lambda: ilo.update_minimum_password_length(10))
attempt('update_ipmi_over_lan', lambda: ilo.update_ipmi_over_lan(False))
attempt('update_authentication_failure_logging', lambda: ilo.update_authentication_failure_logging(1))
attempt('update_secure_boot', lambda: ilo.update_secure_boot(True, True))
request = {'City': 'Bengaluru', 'CommonName': 'ilo.example.org', 'Country': 'IN', 'OrgName': 'Example', 'State': 'KA'}
attempt('create_csr', lambda: ilo.create_csr(os.path.join(folder, 'request'), request))
attempt('activate_license (wrong)', lambda: ilo.activate_license('no-key'))
attempt('activate_license', lambda: ilo.activate_license('XXXXX-XXXXX-XXXXX-XXXXX-XXXXX'))
attempt('do_one_button_secure_erase', lambda: ilo.do_one_button_secure_erase())
attempt('update_firmware', lambda: ilo.update_firmware(firmware if told['uploads'] else told['firmwareUrl'], 'ilo'))
attempt('get_product_name after new firmware', lambda: ilo.get_product_name())
attempt('add_https_certificate', lambda: ilo.add_https_certificate(certificate))
attempt('reset_ilo', lambda: ilo.reset_ilo())
attempt('reset_ilo_credential (short)', lambda: ilo.reset_ilo_credential('short'))
attempt('reset_ilo_credential', lambda: ilo.reset_ilo_credential(told['newPassword']))

print(json.dumps(results, default=str))

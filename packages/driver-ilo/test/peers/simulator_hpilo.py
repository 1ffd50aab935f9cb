"""Drives one iLO with python-hpilo and prints what became of each call, as JSON."""
import json
import sys
import time
import warnings

import hpilo

told = json.load(sys.stdin)
results = []


def attempt(name, call):
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter('always')
        try:
            value = call()
            result = {'name': name, 'value': value}
        except Exception as error:  # noqa: B902 - whatever it is, it is the result
            result = {'name': name, 'error': type(error).__name__, 'message': str(error)[:300]}
        result['said'] = [str(each.message) for each in heard if issubclass(each.category, hpilo.IloWarning)]
        result['repaired'] = any(issubclass(each.category, hpilo.IloXMLWarning) for each in heard)
    results.append(result)
    return result.get('value')


ilo = hpilo.Ilo(told['host'], told['user'], told['password'], timeout=20, port=told['port'])

if told['only'] is not None:
    for name in told['only']:
        attempt(name, getattr(ilo, name))
    print(json.dumps(results, default=str))
    sys.exit(0)

for name in ('get_product_name', 'get_fw_version', 'get_server_name', 'get_host_power_status', 'get_all_licenses', 'get_all_users', 'get_all_user_info', 'get_embedded_health',
             'get_host_data', 'get_power_readings', 'get_uid_status', 'get_network_settings', 'get_server_event_log', 'get_ilo_event_log', 'get_one_time_boot',
             'get_persistent_boot', 'get_current_boot_mode', 'get_pending_boot_mode', 'get_supported_boot_mode', 'get_vm_status', 'get_rack_settings',
             'get_twofactor_settings'):
    attempt(name, getattr(ilo, name))
attempt('get_user', lambda: ilo.get_user(told['user']))
attempt('get_user (unknown)', lambda: ilo.get_user('nobody'))
attempt('xmldata', lambda: ilo.xmldata())
attempt('xmldata (cpqkey)', lambda: ilo.xmldata(item='cpqkey'))
attempt('set_server_name', lambda: ilo.set_server_name('rack 1 & 2'))
attempt('get_server_name after', lambda: ilo.get_server_name())
attempt('uid_control', lambda: ilo.uid_control(uid=True))
attempt('get_uid_status after', lambda: ilo.get_uid_status())
attempt('eject_virtual_media (empty)', lambda: ilo.eject_virtual_media(device='CDROM'))
attempt('insert_virtual_media', lambda: ilo.insert_virtual_media('CDROM', 'http://192.0.2.1/boot.iso'))
attempt('set_vm_status', lambda: ilo.set_vm_status('CDROM', 'BOOT_ONCE', True))
attempt('get_vm_status after', lambda: ilo.get_vm_status('CDROM'))
attempt('set_one_time_boot', lambda: ilo.set_one_time_boot('network'))
attempt('get_one_time_boot after', lambda: ilo.get_one_time_boot())
attempt('reset_server (off)', lambda: ilo.reset_server())
attempt('set_host_power', lambda: ilo.set_host_power(True))
attempt('set_host_power again', lambda: ilo.set_host_power(True))
time.sleep(told['bootSeconds'])
attempt('get_host_power_status after', lambda: ilo.get_host_power_status())
attempt('warm_boot_server', lambda: ilo.warm_boot_server())
attempt('cold_boot_server', lambda: ilo.cold_boot_server())
attempt('hold_pwr_btn', lambda: ilo.hold_pwr_btn(toggle=False))
attempt('hold_pwr_btn again', lambda: ilo.hold_pwr_btn(toggle=False))
attempt('set_pending_boot_mode', lambda: ilo.set_pending_boot_mode('uefi'))
attempt('activate_license (wrong)', lambda: ilo.activate_license('no-key'))
attempt('mod_user', lambda: ilo.mod_user(told['user'], password=told['newPassword']))
attempt('get_product_name with the old password', lambda: ilo.get_product_name())
ilo.password = told['newPassword']
attempt('get_product_name with the new password', lambda: ilo.get_product_name())
delayed = hpilo.Ilo(told['host'], told['user'], told['newPassword'], timeout=20, port=told['port'], delayed=True)
delayed.get_product_name()
delayed.get_fw_version()
delayed.get_host_power_status()
attempt('call_delayed', lambda: delayed.call_delayed())
attempt('reset_rib', lambda: ilo.reset_rib())

print(json.dumps(results, default=str))

"""Drives one iLO with sushy, a client of plain Redfish, and prints what became of each call, as JSON."""
import json
import os
import sys
import time

told = json.load(sys.stdin)

# Authorities named by the environment would win over what the client was told of verification.
for name in ('REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE', 'HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'all_proxy'):
    os.environ.pop(name, None)

import sushy  # noqa: E402
from sushy import auth  # noqa: E402

results = []


def attempt(name, call):
    try:
        value = call()
        results.append({'name': name, 'value': value})
        return value
    except Exception as error:  # noqa: B902 - whatever it is, it is the result
        results.append({'name': name, 'error': type(error).__name__, 'message': str(error)[:300]})
        return None


login = auth.SessionAuth(username=told['user'], password=told['password'])
root = sushy.Sushy(told['url'], verify=False, auth=login)


def system():
    return root.get_system('%s/redfish/v1/Systems/1%s' % ('', told['end']))


def manager():
    return root.get_manager('/redfish/v1/Managers/1%s' % told['end'])


def drive(kind):
    return [each for each in manager().virtual_media.get_members() if kind in each.media_types][0]


attempt('identity', lambda: [system().manufacturer, str(system().power_state), system().memory_summary.size_gib])
attempt('processors', lambda: [system().processors.summary.count, str(system().processors.summary.architecture)])
attempt('ethernet', lambda: len(system().ethernet_interfaces.summary))
attempt('reset values', lambda: sorted(str(each) for each in system().get_allowed_reset_system_values()))
attempt('boot devices', lambda: sorted(str(each) for each in system().get_allowed_system_boot_source_values()))
attempt('set boot source', lambda: system().set_system_boot_source(sushy.BOOT_SOURCE_TARGET_CD, enabled=sushy.BOOT_SOURCE_ENABLED_ONCE))
attempt('set boot source with a mode', lambda: system().set_system_boot_source(
    sushy.BOOT_SOURCE_TARGET_CD, enabled=sushy.BOOT_SOURCE_ENABLED_ONCE, mode=sushy.BOOT_SOURCE_MODE_UEFI))
attempt('boot source', lambda: [str(system().boot.get('target')), str(system().boot.get('enabled'))])
attempt('insert', lambda: drive(sushy.VIRTUAL_MEDIA_CD).insert_media(told['imageUrl']))
attempt('insert again', lambda: drive(sushy.VIRTUAL_MEDIA_CD).insert_media(told['imageUrl']))
attempt('image', lambda: [drive(sushy.VIRTUAL_MEDIA_CD).image, drive(sushy.VIRTUAL_MEDIA_CD).inserted])
attempt('bios', lambda: system().bios.attributes['ProcVirtualization'])
attempt('set bios', lambda: system().bios.set_attribute('ProcVirtualization', 'Disabled'))
attempt('pending bios', lambda: system().bios.pending_attributes['ProcVirtualization'])
attempt('secure boot', lambda: system().secure_boot.enabled)
attempt('set secure boot', lambda: system().secure_boot.set_enabled(True))
attempt('power on', lambda: system().reset_system(sushy.RESET_ON))
attempt('power on again', lambda: system().reset_system(sushy.RESET_ON))
for _ in range(100):
    if system().json['Oem']['Hpe']['PostState'] == 'FinishedPost':
        break
    time.sleep(0.05)
attempt('power state', lambda: str(system().power_state))
attempt('bios after', lambda: system().bios.attributes['ProcVirtualization'])
attempt('secure boot after', lambda: system().secure_boot.enabled)
attempt('eject', lambda: drive(sushy.VIRTUAL_MEDIA_CD).eject_media())
attempt('nmi', lambda: system().reset_system(sushy.RESET_NMI))
attempt('indicator', lambda: system().set_indicator_led(sushy.INDICATOR_LED_LIT))
attempt('thermal', lambda: len(root.get_chassis('/redfish/v1/Chassis/1%s' % told['end']).thermal.temperatures))
attempt('power supplies', lambda: len(root.get_chassis('/redfish/v1/Chassis/1%s' % told['end']).power.power_supplies))
attempt('storage', lambda: [len(each.drives) for each in system().storage.get_members()])
attempt('volumes', lambda: [volume.identity for each in system().storage.get_members() for volume in each.volumes.get_members()])


def first_volumes():
    return system().storage.get_members()[0].volumes


attempt('delete volume', lambda: first_volumes().get_members()[0].delete(apply_time=None))
attempt('create volume', lambda: first_volumes().create(
    {'RAIDType': 'RAID1', 'DisplayName': 'root', 'Links': {'Drives': [{'@odata.id': told['drives'][0]}, {'@odata.id': told['drives'][1]}]}}).name)
attempt('firmware', lambda: sorted(each.name for each in root.get_update_service().firmware_inventory.get_members())[:2])
attempt('simple update', lambda: str(root.get_update_service().simple_update(told['firmwareUrl'])))
attempt('accounts', lambda: root.get_session_service().session_timeout)
attempt('power off', lambda: system().reset_system(sushy.RESET_FORCE_OFF))
attempt('close', lambda: login.close())
wrong = auth.SessionAuth(username=told['user'], password='wrong-password')
attempt('wrong password', lambda: sushy.Sushy(told['url'], verify=False, auth=wrong))

print(json.dumps(results, default=str))

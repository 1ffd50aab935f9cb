"""Reads a Redfish service with sushy, then asks it for changes. Told by JSON on the standard input, answers with JSON."""
import json
import sys

import sushy

told = json.load(sys.stdin)
auth = sushy.auth.SessionAuth(told['username'], told['password'])
root = sushy.Sushy(told['url'], auth=auth, verify=False)
system = root.get_system('/redfish/v1/Systems/1/')
manager = root.get_manager('/redfish/v1/Managers/1/')
drives = manager.virtual_media.get_members()
bios = system.bios
secure_boot = system.secure_boot

facts = {
    'hostName': system.hostname or None,
    'manufacturer': system.manufacturer,
    'uuid': system.uuid,
    'biosVersion': system.bios_version,
    'memoryGib': system.memory_summary.size_gib,
    'power': system.power_state.value,
    'bootEnabled': system.boot.enabled.value,
    'bootTarget': system.boot.target.value,
    'bootTargets': sorted(target.value for target in system.get_allowed_system_boot_source_values()),
    'resets': sorted(reset.value for reset in system.get_allowed_reset_system_values()),
    'bios': dict(bios.attributes),
    'pendingBios': dict(bios.pending_attributes),
    'secureBoot': secure_boot.enabled,
    'secureBootMode': secure_boot.mode.value,
    'managerFirmware': manager.firmware_version,
    'drives': [[sorted(kind.value for kind in drive.media_types), drive.image or None, bool(drive.inserted)] for drive in drives],
    'memberPaths': [drive.path for drive in drives],
}

system.reset_system(sushy.ResetType.FORCE_OFF)
system.set_system_boot_options(target=sushy.BootSource.CD, enabled=sushy.BootSourceOverrideEnabled.ONCE)
bios.set_attributes({'BootMode': 'LegacyBios'})
secure_boot.set_enabled(True)
secure_boot.reset_keys(sushy.SecureBootResetKeysType.DELETE_PK)
auth.close()
json.dump(facts, sys.stdout)

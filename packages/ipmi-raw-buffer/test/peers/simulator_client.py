"""Drives a BMC with pyghmi: reads one JSON object with host, port, user and password, and prints one with what it saw."""
import json
import sys

from pyghmi.ipmi import command


def main():
    told = json.load(sys.stdin)
    bmc = command.Command(bmc=told["host"], port=told["port"], userid=told["user"], password=told["password"])
    seen = {"power": [bmc.get_power()["powerstate"]]}
    for state in ("on", "off", "on"):
        seen["power"].append(bmc.set_power(state, wait=10)["powerstate"])
    bmc.set_bootdev("pxe", persist=True, uefiboot=True)
    seen["boot"] = bmc.get_bootdev()
    seen["sensors"] = {reading.name: [reading.value, reading.states] for reading in bmc.get_sensor_data()}
    seen["inventory"] = dict(bmc.get_inventory())["System"]
    seen["events"] = [[event["component"], event["event"], event["timecode"]] for event in bmc.get_event_log()]
    seen["device"] = list(bytearray(bmc.raw_command(netfn=6, command=1)["data"]))
    seen["network"] = bmc.get_net_configuration()
    seen["users"] = [[user["uid"], user["name"], user["access"]["privilege_level"]] for user in bmc.get_users().values()]
    bmc.ipmi_session.logout()
    json.dump(seen, sys.stdout)


main()

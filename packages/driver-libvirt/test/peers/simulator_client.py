"""Drives a hypervisor with Debian's python3-libvirt, the C library's own binding, and prints what it saw as JSON.

Usage: simulator_client.py URI DOMAIN
"""
import io
import json
import sys
import threading

import libvirt

libvirt.registerErrorHandler(lambda *_: None, None)
libvirt.virEventRegisterDefaultImpl()


def run_events():
    while True:
        libvirt.virEventRunDefaultImpl()


def failure(action):
    try:
        action()
    except libvirt.libvirtError as error:
        return [error.get_error_code(), error.get_error_domain(), error.get_error_message()]
    return None


def follow_events(connection, seen):
    connection.domainEventRegisterAny(
        None, libvirt.VIR_DOMAIN_EVENT_ID_LIFECYCLE,
        lambda _c, domain, event, detail, _o: seen.append(["lifecycle", domain.name(), domain.ID(), event, detail]), None)
    connection.domainEventRegisterAny(
        None, libvirt.VIR_DOMAIN_EVENT_ID_REBOOT, lambda _c, domain, _o: seen.append(["reboot", domain.name()]), None)
    connection.domainEventRegisterAny(
        None, libvirt.VIR_DOMAIN_EVENT_ID_METADATA_CHANGE,
        lambda _c, domain, kind, uri, _o: seen.append(["metadata", domain.name(), kind, uri]), None)


def machine(connection, domain, report):
    report["states"] = [domain.state()]
    for action in (domain.create, domain.suspend, domain.resume, lambda: domain.reset(0), domain.destroy):
        action()
        report["states"].append(domain.state())
    report["second destroy"] = failure(domain.destroy)
    report["unknown"] = failure(lambda: connection.lookupByName("gone"))
    domain.setMetadata(libvirt.VIR_DOMAIN_METADATA_ELEMENT, "<node a='1'/>", "k", "urn:x", 0)
    report["metadata"] = domain.metadata(libvirt.VIR_DOMAIN_METADATA_ELEMENT, "urn:x", 0)
    inactive_secure = libvirt.VIR_DOMAIN_XML_INACTIVE | libvirt.VIR_DOMAIN_XML_SECURE
    xml = domain.XMLDesc(inactive_secure)
    report["secure"] = ["passwd" in domain.XMLDesc(0), "passwd" in xml]
    again = connection.defineXMLFlags(xml.replace("<boot dev='hd'/>", "<boot dev='cdrom'/>"), 0)
    report["redefined"] = [again.UUIDString() == domain.UUIDString(), "<boot dev='cdrom'/>" in again.XMLDesc(0)]
    domain.setAutostart(1)
    report["facts"] = [domain.autostart(), domain.info()[:4], domain.isPersistent(), domain.OSType(), domain.maxVcpus()]
    report["both boots"] = failure(lambda: connection.defineXML(xml.replace("<readonly/>", "<readonly/><boot order='1'/>")))


def running(connection, domain, report):
    domain.createWithFlags(0)
    report["addresses"] = [[each["addrs"][0]["addr"], each["hwaddr"]] for each in domain.interfaceAddresses(0).values()]
    report["leases"] = [[lease["ipaddr"], lease["mac"], lease["hostname"]] for lease in connection.networkLookupByName("default").DHCPLeases()]
    report["memory"] = domain.memoryStats()["actual"]
    stream = connection.newStream(0)
    domain.openConsole(None, stream, 0)
    console = stream.recv(1024)
    stream.send(b"root\r")
    report["console"] = [console.decode(), stream.recv(1024).decode()]
    stream.finish()
    stream = connection.newStream(0)
    picture = []
    report["screenshot"] = domain.screenshot(stream, 0, 0)
    stream.recvAll(lambda _s, data, _o: picture.append(data), None)
    stream.finish()
    report["picture"] = b"".join(picture)[:8].hex()
    domain.injectNMI(0)
    domain.sendKey(libvirt.VIR_KEYCODE_SET_LINUX, 0, [30, 48], 2, 0)
    drive = "<disk type='file' device='cdrom'><source file='/x.iso'/><target dev='sda' bus='sata'/><readonly/></disk>"
    domain.updateDeviceFlags(drive, libvirt.VIR_DOMAIN_AFFECT_LIVE | libvirt.VIR_DOMAIN_AFFECT_CONFIG)
    report["medium"] = ["/x.iso" in domain.XMLDesc(0), "/x.iso" in domain.XMLDesc(2)]
    domain.shutdown()


def storage(connection, report):
    pool = connection.storagePoolLookupByName("default")
    volume = pool.createXML("<volume><name>v</name><capacity>1000000</capacity></volume>", 0)
    content = bytes(range(256)) * 3000
    stream = connection.newStream(0)
    volume.upload(stream, 0, len(content), 0)
    stream.sendAll(lambda _s, size, source: source.read(size), io.BytesIO(content))
    stream.finish()
    stream = connection.newStream(0)
    back = io.BytesIO()
    volume.download(stream, 0, len(content), 0)
    stream.recvAll(lambda _s, data, target: target.write(data) and 0, back)
    stream.finish()
    report["content"] = back.getvalue() == content
    report["volume"] = [volume.info()[:2], volume.key(), volume.path()]
    report["second volume"] = failure(lambda: pool.createXML("<volume><name>v</name><capacity>1</capacity></volume>", 0))
    stream = connection.newStream(0)
    volume.upload(stream, 0, 10, 0)
    report["too long"] = failure(lambda: (stream.sendAll(lambda _s, size, source: source.read(size), io.BytesIO(b"x" * 20)), stream.finish()))
    volume.delete(0)


def main():
    uri, name = sys.argv[1:3]
    threading.Thread(target=run_events, daemon=True).start()
    connection = libvirt.open(uri)
    report, seen = {}, []
    follow_events(connection, seen)
    report["host"] = [connection.getType(), connection.getVersion(), connection.getLibVersion(), connection.getHostname(), connection.getInfo()[0], connection.getInfo()[2]]
    report["domains"] = sorted(domain.name() for domain in connection.listAllDomains())
    report["states of all"] = sorted([domain.name(), facts["state.state"], facts["state.reason"]] for domain, facts in connection.getAllDomainStats(libvirt.VIR_DOMAIN_STATS_STATE))
    domain = connection.lookupByName(name)
    machine(connection, domain, report)
    running(connection, domain, report)
    storage(connection, report)
    stopped = threading.Event()
    while seen[-1][:1] + seen[-1][3:] != ["lifecycle", 5, 0] and not stopped.wait(0.01):
        pass
    report["events"] = seen
    connection.close()
    print(json.dumps(report))


main()

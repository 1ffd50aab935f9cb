"""The C library with its Python binding, measured by orders on standard input: one line of JSON in, one line of JSON out."""
import json
import sys
import threading
import time

import libvirt


def count_states(uri, domain_uuids, seconds, threads):
    connection = libvirt.open(uri)
    domains = [connection.lookupByUUIDString(uuid) for uuid in domain_uuids]
    counts = [0] * threads
    end = time.monotonic() + seconds

    def work(thread):
        index = thread
        while time.monotonic() < end:
            domains[index % len(domains)].state()
            counts[thread] += 1
            index += threads

    started = time.monotonic()
    workers = [threading.Thread(target=work, args=(thread,)) for thread in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    elapsed = time.monotonic() - started
    connection.close()
    return {"perSecond": sum(counts) / elapsed}


def read_all(uri, domain_uuids, seconds, threads):
    connection = libvirt.open(uri)
    domains = [connection.lookupByUUIDString(uuid) for uuid in domain_uuids]
    count = 0
    cpu_started = time.process_time()
    started = time.monotonic()
    while time.monotonic() < started + seconds:
        count += len(connection.domainListGetStats(domains, libvirt.VIR_DOMAIN_STATS_STATE)) // len(domains)
    elapsed = time.monotonic() - started
    cpu = time.process_time() - cpu_started
    connection.close()
    return {"milliseconds": 1000 * elapsed / count, "cpuMilliseconds": 1000 * cpu / count}


MEASUREMENTS = {"states": count_states, "bulk": read_all}

for line in sys.stdin:
    order = json.loads(line)
    measure = MEASUREMENTS[order.pop("measure")]
    print(json.dumps(measure(**order)), flush=True)

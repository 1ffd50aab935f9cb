import { PROBE_LINES } from '../network-boot/probe-kernel.ts';

/** What guests print, each as one line. */
export const LINUX_LINES = {
  /** The agent program is about to start. */
  agentStarts: 'FERRIC AGENT STARTS',
  /** It has ended; the guest switches itself off. */
  agentEnded: (code: number): string => `FERRIC AGENT ENDED ${code}`,
  /** The system of the disk has booted, and reported if it was to. */
  diskUp: 'FERRIC LINUX UP',
  /** Somebody pressed its power button. */
  diskOff: 'FERRIC LINUX OFF',
} as const;

/**
 * Sets the address, the way out and the name server that DHCP gave.
 * Source: the README of busybox's udhcp for the names.
 */
export const DHCP_SCRIPT = `#!/bin/sh
[ "$1" = bound ] || [ "$1" = renew ] || exit 0
ifconfig "$interface" "$ip" netmask "$subnet"
if [ -n "$router" ]; then route add default gw "\${router%% *}" dev "$interface"; fi
for server in $dns; do echo "nameserver $server"; done >/etc/resolv.conf
`;

/** File systems; and the serial port, to speak on it whatever the kernel was told about its console. */
const BEGIN = `#!/bin/sh
export PATH=/bin HOME=/root
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mount -t tmpfs tmpfs /tmp
exec </dev/null >/dev/ttyS0 2>&1
`;

/** Modules, and an address. */
const DEVICES = `for module in $(cat /modules/order); do insmod "/modules/$module"; done
ifconfig lo 127.0.0.1
ifconfig eth0 up
udhcpc -q -n -f -t 20 -T 1 -i eth0 -s /bin/dhcp-script >/dev/null 2>&1 || echo "NO ADDRESS"
`;

/** Runs the agent program, and switches the machine off when it ends. */
export const AGENT_INIT = `${BEGIN}${DEVICES}echo "${LINUX_LINES.agentStarts}"
node /agent/program.js
echo "${LINUX_LINES.agentEnded(0).replace('0', '$?')}"
poweroff -f
`;

/** Kernel parameter of the system of a disk: what it fetches when it is up. */
export const REPORT_PARAMETER = 'ferric.report';

/** The system of a disk: reports, says that it is up, and ends when the device of the power button, opened before, has something to tell. */
export const DISK_INIT = `${BEGIN}${DEVICES}button=$(grep -l "Power Button" /sys/class/input/event*/device/name)
button=\${button#/sys/class/input/}
exec 3<"/dev/input/\${button%%/*}"
report=$(sed -n 's/.*${REPORT_PARAMETER}=\\([^ ]*\\).*/\\1/p' /proc/cmdline)
if [ -n "$report" ]; then timeout 10 wget -q -O /dev/null "$report" || echo "REPORT FAILED"; fi
echo "${LINUX_LINES.diskUp}"
dd of=/dev/null bs=24 count=1 <&3 2>/dev/null
echo "${LINUX_LINES.diskOff}"
poweroff -f
`;

/** Prints what the kernel was told, and switches the machine off. */
export const PROBE_INIT = `${BEGIN}echo "${PROBE_LINES.commandLine('$(cat /proc/cmdline)')}"
poweroff -f
`;

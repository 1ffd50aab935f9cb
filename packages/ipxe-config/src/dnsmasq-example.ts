import { isIPv4, isIPv6 } from 'node:net';
import { checkForm, checkWord, readText, refuse, type Field } from './checks/fields.js';
import { WORD_RULES, brokenRule, type ScriptText } from './checks/script-text.js';
import { checkApiUrl, checkUrl } from './checks/url.js';
import { scriptAddress } from './scripts/entry-script.js';

/** What a configuration of dnsmasq is made for. */
export interface DnsmasqOptions {
  /** Address of the API as the machines reach it: `http://192.0.2.1:6385`. */
  readonly apiUrl: string;
  /** Hardware type of the nodes. Default `staging-wol`. */
  readonly driver?: string;
  /** Network interface of the machines. Default `eth0`. */
  readonly interface?: string;
  /** First and last IPv4 address to lease. Default: those that end in 100 and 199 of the network of `apiUrl`, or of 192.0.2.0. */
  readonly firstAddress?: string;
  readonly lastAddress?: string;
  /** How long an address is leased: a number with `m`, `h` or `d` for minutes, hours or days. Default `1h`. */
  readonly leaseTime?: string;
  /** Folder with iPXE's own files, which firmware loads by TFTP. Default `/srv/tftp`. */
  readonly tftpRoot?: string;
  /** Folder of a web server with the same files, for firmware that boots by HTTP: `http://192.0.2.1/ipxe`. Without it those lines are comments. */
  readonly loaderUrl?: string;
  /** IPv6 network that is announced, so that iPXE does not wait for an announcement. Default `fd00:22::`; the interface needs an address in it. */
  readonly ipv6Prefix?: string;
}

/** Longest boot file name in the field of a DHCP answer. Source: RFC 2131, section 2 (`file`, 128 bytes with the NUL at its end). */
const LONGEST_FILE_NAME = 127;

/**
 * A complete configuration of dnsmasq, with comments, for machines that boot scripts of this API: BIOS, UEFI on x86-64 and arm64,
 * and HTTP boot. Plain text, for an operator to read and change.
 * Throws INVALID_OPTIONS for a value that dnsmasq or iPXE would read as anything else, and for a script's URL of more than 127 characters.
 */
export function dnsmasqExample(options: DnsmasqOptions): string {
  const api = checkApiUrl(options.apiUrl);
  const network = networkOf(api);
  const names = {
    interface: form('interface', options.interface ?? 'eth0', /^[A-Za-z0-9][A-Za-z0-9._-]{0,14}$/, 'the name of a network interface'),
    first: address('firstAddress', options.firstAddress ?? `${network}.100`),
    last: address('lastAddress', options.lastAddress ?? `${network}.199`),
    leaseTime: form('leaseTime', options.leaseTime ?? '1h', /^[1-9][0-9]{0,5}[mhd]$/, 'a number with m, h or d, such as 1h'),
    tftpRoot: form('tftpRoot', options.tftpRoot ?? '/srv/tftp', /^(?:\/[A-Za-z0-9._-]+)+$/, 'the absolute path of a folder'),
    prefix: prefix(options.ipv6Prefix ?? 'fd00:22::'),
  };
  const script = scriptUrl(options);
  const loader = options.loaderUrl === undefined ? undefined : checkUrl({ name: 'loaderUrl', value: options.loaderUrl }, ['http', 'https']).replace(/\/+$/, '');
  const http = loader === undefined ? '#' : '';
  const loaderShown = loader ?? 'http://192.0.2.1/ipxe';
  return `# dnsmasq for machines that boot by iPXE and ask ${api} for their scripts.
# Check it with: dnsmasq --test --conf-file=FILE

# DHCP and TFTP on this interface only; no DNS.
port=0
interface=${names.interface}
bind-interfaces
dhcp-range=${names.first},${names.last},${names.leaseTime}

# iPXE's own files, for firmware: undionly.kpxe, snponly.efi and snponly-arm64.efi, from https://ipxe.org or the
# package "ipxe" of your system. "snponly" uses the network card that booted, by the driver of the firmware.
enable-tftp
tftp-root=${names.tftpRoot}

# Who asks? iPXE sends option 175. Without this test a machine would load iPXE from iPXE for ever.
# An iPXE that sends none is known by its user class: dhcp-userclass=set:ipxe,iPXE
dhcp-match=set:ipxe,175
# Firmware tells its architecture in option 93: 0 is BIOS, 7 and 9 are UEFI on x86-64, 11 is UEFI on arm64,
# 16 and 19 are the same two with HTTP boot.
dhcp-match=set:bios,option:client-arch,0
dhcp-match=set:efi64,option:client-arch,7
dhcp-match=set:efi64,option:client-arch,9
dhcp-match=set:efiarm64,option:client-arch,11
dhcp-match=set:http64,option:client-arch,16
dhcp-match=set:httparm64,option:client-arch,19

# Firmware gets iPXE, which asks again.
dhcp-boot=tag:!ipxe,tag:bios,undionly.kpxe
dhcp-boot=tag:!ipxe,tag:efi64,snponly.efi
dhcp-boot=tag:!ipxe,tag:efiarm64,snponly-arm64.efi

# UEFI HTTP boot wants a whole URL, and its own vendor class (option 60) in the answer. A web server has to offer the
# files and has to answer HEAD requests.${loader === undefined ? ' Take the "#" away and write its address.' : ''}
${http}dhcp-option-force=tag:!ipxe,tag:http64,60,HTTPClient
${http}dhcp-option-force=tag:!ipxe,tag:httparm64,60,HTTPClient
${http}dhcp-boot=tag:!ipxe,tag:http64,${loaderShown}/snponly.efi
${http}dhcp-boot=tag:!ipxe,tag:httparm64,${loaderShown}/snponly-arm64.efi

# iPXE gets the address of its script. It puts the MAC address of the network card that booted in for \${mac} by itself;
# in a command line instead of this file, keep the shell from doing so first.
dhcp-boot=tag:ipxe,${script}
# Option 175.176: do not wait two or three seconds for a proxy DHCP server, for there is none.
dhcp-option=tag:ipxe,encap:175,176,1b

# iPXE asks for IPv6 routers, and waits 13 seconds when nobody answers, before it goes on with its IPv4 address.
# dnsmasq answers when the interface has an address of this network: ip -6 addr add ${names.prefix}1/64 dev ${names.interface}
# "ra-only" hands out no IPv6 addresses. Leave both lines out where a router announces itself already.
enable-ra
dhcp-range=${names.prefix},ra-only
`;
}

function scriptUrl({ apiUrl, driver = 'staging-wol' }: DnsmasqOptions): string {
  const url = `${scriptAddress({ apiUrl, driver })}\${mac}`;
  if (url.length <= LONGEST_FILE_NAME) return url;
  const expected = `so short that the URL of a script has at most ${LONGEST_FILE_NAME} characters, which is all that DHCP has room for (it has ${url.length}); use the address instead of the name of its host`;
  throw refuse({ name: 'apiUrl', value: apiUrl }, expected);
}

/** The first three numbers of the network that the API is in, when its address tells. */
function networkOf(api: ScriptText): string {
  const { hostname } = new URL(api);
  const isOwn = isIPv4(hostname) && !hostname.startsWith('127.') && hostname !== '0.0.0.0';
  return (isOwn ? hostname : '192.0.2.1').split('.').slice(0, 3).join('.');
}

function form(name: string, value: string, pattern: RegExp, expected: string): ScriptText {
  return checkForm({ name, value }, pattern, expected);
}

function address(name: string, value: string): ScriptText {
  const field: Field = { name, value };
  if (!isIPv4(readText(field))) throw refuse(field, 'an IPv4 address');
  return checkWord(field);
}

function prefix(value: string): ScriptText {
  const field: Field = { name: 'ipv6Prefix', value };
  const text = readText(field);
  const usable = brokenRule(text, WORD_RULES) === undefined && isIPv6(text) && text.endsWith('::') && !text.includes('%');
  if (!usable) throw refuse(field, 'an IPv6 network of 64 bits that ends in "::", such as fd00:22::');
  return checkWord(field);
}

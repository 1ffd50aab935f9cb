import { invalidOptions, maskText, normalizeMacAddress, optionIssues, type DeviceContext, type DriverInfoSchema } from '@ferric/core';
import { driverInfoSchema, secretField, z } from '@ferric/core/zod';
import { parseLibvirtUri } from './client/uri.js';
import type { HypervisorAccess } from './client-pool.js';
import type { DomainTarget } from './domain-finder.js';

/** The driver's name, which is Ironic's name of the power and management interfaces and of the hardware type. */
export const LIBVIRT_DRIVER_NAME = 'staging-libvirt';

/** As in the drivers that Ironic had. Source: ironic-staging-drivers, ironic_staging_drivers/libvirt/power.py. */
const DEFAULT_URI = 'qemu+unix:///system';

/** The pool that libvirt's own tools use. */
const DEFAULT_POOL = 'default';

const URI_EXPECTED = 'a libvirt URI without a password, such as qemu+ssh://root@192.0.2.1/system';

const text = (expected: string): z.ZodString => z.string(expected).trim().min(1, expected);

const fields = z
  .object({
    libvirt_uri: z
      .string(URI_EXPECTED)
      .trim()
      .superRefine((uri, context) => {
        const problem = uriProblem(uri);
        if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
      })
      .default(DEFAULT_URI)
      .meta({ description: 'libvirt URI of the daemon that runs the machine: driver, transport (unix, tcp, tls, ssh), user, host, port and parameters' }),
    ssh_key_filename: text('the path of a file')
      .optional()
      .meta({ description: 'File on this machine with the private SSH key, for a URI with ssh; the default keys of the user without it' }),
    sasl_username: text('a user name').optional().meta({ description: 'User name for a daemon that asks for SASL; together with sasl_password' }),
    sasl_password: secretField({ description: 'Password for a daemon that asks for SASL; together with sasl_username' }).optional(),
    libvirt_domain: text('the name or uuid of a domain')
      .optional()
      .meta({ description: 'Name or uuid of the domain; without it, the domain is the one that has the MAC address of a port of the node' }),
    libvirt_storage_pool: text('the name of a storage pool')
      .default(DEFAULT_POOL)
      .meta({ description: 'Storage pool of the hypervisor that images for virtual media are copied into' }),
  })
  .superRefine((info, context) => {
    const addIssue = (field: keyof typeof info, message: string): void => context.addIssue({ code: 'custom', path: [field], message });
    const { ssh_key_filename: keyFile, sasl_username: username, sasl_password: password } = info;
    if (username !== undefined && password === undefined) addIssue('sasl_password', 'the password of sasl_username');
    if (username === undefined && password !== undefined) addIssue('sasl_username', 'the user name of sasl_password');
    if (keyFile === undefined) return;
    if (username !== undefined || password !== undefined) addIssue('ssh_key_filename', 'left out when sasl_username and sasl_password are given');
    else if (uriProblem(info.libvirt_uri) === undefined && parseLibvirtUri(info.libvirt_uri).transport !== 'ssh') {
      addIssue('ssh_key_filename', 'left out unless libvirt_uri has the transport ssh');
    }
  });

/** What a node's driver_info may hold for `staging-libvirt`. Every field is optional; the descriptions are shown to users. */
export const libvirtDriverInfo: DriverInfoSchema<LibvirtDriverInfo> = driverInfoSchema(LIBVIRT_DRIVER_NAME, fields);

/** Checked driver_info with its defaults filled in. */
export type LibvirtDriverInfo = z.output<typeof fields>;

/** How the daemon is reached, for this driver_info. */
export function hypervisorAccess(info: LibvirtDriverInfo): HypervisorAccess {
  const { libvirt_uri: uri, ssh_key_filename: keyFile, sasl_username: username, sasl_password: password } = info;
  return {
    uri,
    ...(username === undefined || password === undefined ? {} : { credentials: { username, password } }),
    ...(keyFile === undefined ? {} : { ssh: { keyFile } }),
  };
}

/**
 * Which domain the node is.
 * @throws INVALID_OPTIONS naming `ports` when it has neither a port nor `libvirt_domain`.
 */
export function domainTarget(info: LibvirtDriverInfo, { ports = [] }: Pick<DeviceContext, 'ports'> = {}): DomainTarget {
  const domain = info.libvirt_domain;
  const macs = ports.flatMap(({ address }) => normalizeMacAddress(address) ?? []);
  if (domain === undefined && macs.length === 0) {
    const expected = 'a port with a MAC address of the domain, or libvirt_domain in driver_info';
    throw invalidOptions(`Node with ${LIBVIRT_DRIVER_NAME}`, [{ field: 'ports', problem: 'missing', expected }]);
  }
  return { domain, macs };
}

/** What a URI must be, when it is not that; undefined when it can be used. No I/O. */
function uriProblem(uri: string): string | undefined {
  // What is masked wherever it is shown would still be kept in clear.
  if (maskText(uri) !== uri) return URI_EXPECTED;
  try {
    parseLibvirtUri(uri);
    return undefined;
  } catch (error) {
    return optionIssues(error)[0]?.expected ?? URI_EXPECTED;
  }
}

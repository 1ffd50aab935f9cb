import { FerricError } from '../errors/ferric-error.js';
import { supportedImplementations, type HardwareType } from './hardware-type.js';
import { EMPTY_IMPLEMENTATIONS, type InterfaceName } from './interfaces.js';

/** Which implementations are installed, by interface. The empty ones are always there. */
export type InstalledImplementations = (name: InterfaceName) => ReadonlySet<string>;

/** What can be chosen for an interface of this type on this installation, best first. */
export function enabledImplementations(type: HardwareType, name: InterfaceName, installed: InstalledImplementations): readonly string[] {
  const present = installed(name);
  return supportedImplementations(type, name).filter((implementation) => present.has(implementation) || EMPTY_IMPLEMENTATIONS[name] === implementation);
}

/**
 * The implementation a node uses: the one it names, else the first of its type that is installed.
 * Source: Ironic, ironic/common/driver_factory.py (get_interface, default_interface); texts as its clients match them.
 * @throws INVALID_OPTIONS when the named one is not installed or not supported, or nothing can be chosen.
 */
export function selectInterface(
  type: HardwareType,
  name: InterfaceName,
  requested: string | null | undefined,
  installed: InstalledImplementations,
): string {
  const enabled = enabledImplementations(type, name, installed);
  if (requested !== null && requested !== undefined) return checkRequested(type, name, requested, enabled, installed);
  const chosen = enabled[0];
  if (chosen !== undefined) return chosen;
  throw new FerricError('INVALID_OPTIONS', `For hardware type '${type.name}', no default value found for ${name} interface.`, {
    details: { hardwareType: type.name, interface: name },
    hint: `Install a package that provides one of: ${supportedImplementations(type, name).join(', ')}.`,
  });
}

function checkRequested(
  type: HardwareType,
  name: InterfaceName,
  requested: string,
  enabled: readonly string[],
  installed: InstalledImplementations,
): string {
  if (enabled.includes(requested)) return requested;
  const details = { hardwareType: type.name, interface: name, received: requested };
  if (installed(name).has(requested)) {
    throw new FerricError('INVALID_OPTIONS', `${name} interface implementation '${requested}' is not supported by hardware type ${type.name}.`, {
      details,
      hint: `Supported here: ${enabled.join(', ')}.`,
    });
  }
  const valid = enabled.map((each) => `'${each}'`).join(', ');
  throw new FerricError(
    'INVALID_OPTIONS',
    `Could not find the following interface in the 'ironic.hardware.interfaces.${name}' entrypoint: ${requested}. Valid interfaces are [${valid}].`,
    { details, hint: 'Install the package that provides it, or choose one of the valid interfaces.' },
  );
}

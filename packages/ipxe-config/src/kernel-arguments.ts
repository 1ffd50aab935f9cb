import type { BootNode } from './boot-node.js';
import type { BootSettings } from './boot-settings.js';
import { readText } from './checks/fields.js';
import { checkKernelParameter, checkKernelParameters, parameterNames } from './checks/kernel-parameters.js';
import { asScriptText, type ScriptText } from './checks/script-text.js';

/** Stands for the conductor's own parameters inside those of a node. Source: Ironic, drivers/utils.py (get_kernel_append_params). */
const PLACEHOLDER = '%default%';

/** The parameters that an operator gave, and the field they come from. */
export interface AppendedParameters {
  readonly text: ScriptText;
  readonly field: string;
}

/** `kernel_append_params` of `instance_info`, else of `driver_info`, else of the settings. Throws INVALID_OPTIONS. */
export function appendedParameters(node: BootNode, settings: BootSettings): AppendedParameters {
  const preset = checkKernelParameters({ name: 'kernelAppendParams', value: settings.kernelAppendParams });
  const own = [
    { name: 'instance_info.kernel_append_params', value: node.instanceInfo['kernel_append_params'] },
    { name: 'driver_info.kernel_append_params', value: node.driverInfo['kernel_append_params'] },
  ].find(({ value }) => value !== undefined && value !== null);
  if (own === undefined) return { text: preset, field: 'kernelAppendParams' };
  // Checked when put together, too: a "$" before the placeholder and a "{" at the start of what it stands for are harmless alone.
  const text = readText({ name: own.name, value: own.value }).replaceAll(PLACEHOLDER, () => preset);
  checkKernelParameters(own);
  return { text: checkKernelParameters({ name: own.name, value: text }), field: own.name };
}

/** Where the parameters of a boot come from, and who will read them. */
export interface ParameterSource {
  /** The name by which errors call them. */
  readonly field: string;
  readonly mayBeSecret?: boolean;
}

const RECORD: ParameterSource = { field: 'driver_internal_info.network_boot.kernel_parameters' };

/** `name=value` words: what the boot strategy recorded wins over the usual ones, and what an operator appended over those. */
export function namedParameters(usual: Readonly<Record<string, ScriptText>>, recorded: Readonly<Record<string, unknown>>, appended: ScriptText, source = RECORD): readonly ScriptText[] {
  const taken = parameterNames(appended);
  const kept = Object.entries(usual).filter(([name]) => !Object.hasOwn(recorded, name) && !taken.has(name));
  return [
    ...Object.entries(recorded).map(([name, value]) => checkKernelParameter(name, { name: source.field, value }, source)),
    ...kept.map(([name, value]) => asScriptText(`${name}=${value}`)),
  ];
}

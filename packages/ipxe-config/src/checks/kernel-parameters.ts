import { Secret } from '@ferric/core';
import { checkText, checkWord, holdsSecret, readText, refuse, refuseSecrets, SECRET_EXPECTED, type Field } from './fields.js';
import { asScriptText, brokenRule, joinWords, LINE_RULES, type ScriptText, type TextRule } from './script-text.js';

const PARAMETER_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

const KERNEL_RULES: readonly TextRule[] = [
  ...LINE_RULES,
  { accepts: (text) => text.split('"').length % 2 === 1, expected: 'with double quotes in pairs, for Linux would take all later parameters for a part of the quoted one' },
  {
    accepts: (text) => !text.split('"').some((part, index) => index % 2 === 1 && part.includes('  ')),
    expected: 'without two blanks in a row inside of double quotes, for iPXE makes one of them; write one',
  },
  { accepts: (text) => !/(?:^| )initrd=/.test(text), expected: 'without initrd=, which the script sets itself: a second one names a file that UEFI does not find' },
];

/**
 * Parameters of a Linux kernel, separated by blanks, ready for a script. `key="a b"` is kept as it is: iPXE knows no quotes, Linux does.
 * Throws INVALID_OPTIONS.
 */
export function checkKernelParameters(field: Field): ScriptText {
  refuseSecrets(field, readText(field));
  return checkText(field, KERNEL_RULES);
}

/** Why a text cannot be such parameters, as words that fit behind "must be"; undefined when it can. */
export function kernelParametersProblem(text: string): string | undefined {
  return brokenRule(text, KERNEL_RULES) ?? (holdsSecret(text) ? SECRET_EXPECTED : undefined);
}

/**
 * `name=value`, ready for a script. Throws INVALID_OPTIONS naming `field.name` and the parameter.
 * @param options `mayBeSecret`: the text reaches nobody but the machine, so that the value may be a Secret
 */
export function checkKernelParameter(name: string, field: Field, options: { readonly mayBeSecret?: boolean } = {}): ScriptText {
  const named: Field = { name: `${field.name}.${name}`, value: field.value };
  if (!PARAMETER_NAME.test(name)) throw refuse({ name: field.name, value: name }, 'named by letters, digits, ".", "_" and "-"');
  const value = readText(named) === '' ? '' : checkWord(named);
  if (value.includes('"')) throw refuse(named, 'without double quotes');
  if (options.mayBeSecret !== true || !Secret.is(field.value)) refuseSecrets(named, `${name}=${value}`);
  return asScriptText(`${name}=${value}`);
}

/** A parameter that anybody may read: as {@link checkKernelParameter}, and never a Secret. */
export function checkOpenParameter(name: string, field: Field): ScriptText {
  if (Secret.is(field.value)) throw refuse({ name: `${field.name}.${name}`, value: field.value }, SECRET_EXPECTED);
  return checkKernelParameter(name, field);
}

/** Names of the parameters in a text that {@link checkKernelParameters} accepted. */
export function parameterNames(parameters: string): ReadonlySet<string> {
  const unquoted = parameters.replaceAll(/"[^"]*"/g, '""').split(' ');
  return new Set(unquoted.map((word) => word.split('=')[0] ?? ''));
}

/** What `${mac}` becomes, as far as its length is concerned. */
const MAC_LENGTH = '52:54:00:cf:2d:31'.length;

/**
 * Longest command line by architecture, in characters; other architectures: as x86.
 * Source: Linux, arch/x86/include/asm/setup.h and arch/arm64/include/uapi/asm/setup.h (COMMAND_LINE_SIZE).
 */
const LONGEST_COMMAND_LINE: Readonly<Record<string, number>> = { aarch64: 2048, arm64: 2048 };
const LONGEST_ELSEWHERE = 2047;

/**
 * Words as one command line of the kernel. Throws INVALID_OPTIONS naming `field` when Linux would cut it off.
 * @param options `reserve`: characters that a boot loader adds. Default 0.
 */
export function checkCommandLine(parts: readonly ScriptText[], architecture: unknown, field: string, { reserve = 0 }: { readonly reserve?: number } = {}): ScriptText {
  const commandLine = joinWords(parts);
  const longest = ((typeof architecture === 'string' ? LONGEST_COMMAND_LINE[architecture] : undefined) ?? LONGEST_ELSEWHERE) - reserve;
  const length = commandLine.replaceAll('${mac}', 'm'.repeat(MAC_LENGTH)).length;
  if (length <= longest) return commandLine;
  throw refuse({ name: field, value: `${length} characters` }, `so short that the whole command line of the kernel has at most ${longest} characters`);
}

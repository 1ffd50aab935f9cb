import { errorCode, optionIssues } from '@ferric/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEFAULT_BOOT_SETTINGS, dnsmasqExample, entryScript, errorScript } from '../src/index.js';
import { harmless, hostile } from './hostile.js';
import { expand, parseScript, type ModelLine } from './ipxe-model.js';
import { API, fileUrl, networkNode, render } from './nodes.js';

const hostileUrl = fc.oneof(hostile, hostile.map((text) => `http://192.0.2.9/${text}`), hostile.map((text) => `http://h${text}/x`), hostile.map((text) => `tftp://h/${text}`));

/** A place where a value enters a script. */
interface Entrance {
  /** As errors name it. */
  readonly field: RegExp;
  readonly values: fc.Arbitrary<string>;
  readonly harmless: string;
  readonly render: (value: string) => string;
  /** What iPXE must take the value for, if it is not the value itself. */
  readonly meaning?: (value: string) => string;
}

const ANACONDA = { kernel: 'http://images.example/k', ramdisk: 'http://images.example/r', ks_template: 'http://images.example/ks' };
const PARTITION = { kernel: 'http://images.example/k', ramdisk: 'http://images.example/r', capabilities: { boot_option: 'netboot' } };
const DEPLOYED = { state: 'active', purpose: 'instance' } as const;
const canonical = (value: string): string => new URL(value).href;

const ENTRANCES: Readonly<Record<string, Entrance>> = {
  'driver_info.kernel_append_params': {
    field: /^driver_info\.kernel_append_params$/, values: hostile, harmless: 'quiet', meaning: (value) => value.replaceAll('%default%', ''),
    render: (value) => render(networkNode({ driverInfo: { kernel_append_params: value } })).script,
  },
  'instance_info.kernel_append_params': {
    field: /^instance_info\.kernel_append_params$/, values: hostile, harmless: 'quiet', meaning: (value) => value.replaceAll('%default%', ''),
    render: (value) => render(networkNode({ instanceInfo: { kernel_append_params: value } })).script,
  },
  'parameters of the settings': {
    field: /^kernelAppendParams$/, values: hostile, harmless: 'quiet',
    render: (value) => render(networkNode(), { settings: { ...DEFAULT_BOOT_SETTINGS, kernelAppendParams: value } }).script,
  },
  'parameters of the settings inside those of a node': {
    field: /kernel_?append_?params$/i, values: hostile, harmless: 'quiet', meaning: (value) => `a$${value}$`,
    render: (value) =>
      render(networkNode({ driverInfo: { kernel_append_params: 'a$%default%$' } }), { settings: { ...DEFAULT_BOOT_SETTINGS, kernelAppendParams: value } }).script,
  },
  'value of a recorded parameter': {
    field: /\.kernel_parameters\.ipa-debug$/, values: hostile, harmless: '1', meaning: (value) => `ipa-debug=${value}`,
    render: (value) => render(networkNode({ kernelParameters: { 'ipa-debug': value } })).script,
  },
  'name of a recorded parameter': {
    field: /\.kernel_parameters$/, values: hostile, harmless: 'ipa-debug', meaning: (value) => `${value}=1`,
    render: (value) => render(networkNode({ kernelParameters: { [value]: '1' } })).script,
  },
  'address of the API': {
    field: /^apiUrl$/, values: hostileUrl, harmless: 'http://192.0.2.9', meaning: (value) => `ipa-api-url=${canonical(value).replace(/\/+$/, '')}`,
    render: (value) => render(networkNode(), { apiUrl: value }).script,
  },
  'address of the API for an inspection': {
    field: /^apiUrl$/, values: hostileUrl, harmless: 'http://192.0.2.9', meaning: (value) => `ipa-api-url=${canonical(value).replace(/\/+$/, '')}`,
    render: (value) => render(networkNode({ state: 'inspect wait', purpose: 'inspect' }), { apiUrl: value }).script,
  },
  'URL of the kernel': {
    field: /^URL of deploy_kernel$/, values: hostileUrl, harmless: 'http://h/k', meaning: canonical,
    render: (value) => render(networkNode(), { fileUrl: (role) => (role === 'deploy_kernel' ? value : fileUrl(role)) }).script,
  },
  'URL of the ramdisk': {
    field: /^URL of deploy_ramdisk$/, values: hostileUrl, harmless: 'http://h/r', meaning: canonical,
    render: (value) => render(networkNode(), { fileUrl: (role) => (role === 'deploy_ramdisk' ? value : fileUrl(role)) }).script,
  },
  'URL of an ISO image': {
    field: /^URL of boot_iso$/, values: hostileUrl, harmless: 'http://h/x.iso', meaning: canonical,
    render: (value) => render(networkNode({ ...DEPLOYED, instanceInfo: { boot_iso: 'http://images.example/i' } }), { fileUrl: () => value }).script,
  },
  'URL of a kickstart file': {
    field: /^URL of ks$/, values: hostileUrl, harmless: 'http://h/ks', meaning: (value) => `inst.ks=${canonical(value)}`,
    render: (value) =>
      render(networkNode({ ...DEPLOYED, deploy: 'anaconda', instanceInfo: { ...ANACONDA, stage2: 'http://images.example/s' } }), {
        fileUrl: (role) => (role === 'ks' ? value : fileUrl(role)),
      }).script,
  },
  'repository of an installer': {
    field: /^instance_info\.image_source$/, values: hostileUrl, harmless: 'http://h/os', meaning: (value) => `inst.repo=${canonical(value)}`,
    render: (value) => render(networkNode({ ...DEPLOYED, deploy: 'anaconda', instanceInfo: { ...ANACONDA, image_source: value } })).script,
  },
  'root file system': {
    field: /root_uuid_or_disk_id$/, values: hostile, harmless: '4de1', meaning: (value) => `root=UUID=${value}`,
    render: (value) => render(networkNode({ ...DEPLOYED, rootUuid: value, instanceInfo: PARTITION })).script,
  },
  'reference of an error': { field: /^reference$/, values: hostile, harmless: 'req-1', render: (value) => errorScript({ reference: value, allowShell: true }) },
  'address in the entry script': {
    field: /^apiUrl$/, values: hostileUrl, harmless: 'http://192.0.2.9', render: (value) => entryScript({ apiUrl: value, driver: 'staging-wol' }),
    meaning: (value) => `${canonical(value).replace(/\/+$/, '')}/v1/drivers/staging-wol/vendor_passthru/ipxe_config?port_address=\${net\${n}/mac}`,
  },
  'driver in the entry script': {
    field: /^driver$/, values: hostile, harmless: 'staging-amt', render: (value) => entryScript({ apiUrl: API, driver: value }),
    meaning: (value) => `${API}/v1/drivers/${value}/vendor_passthru/ipxe_config?port_address=\${net\${n}/mac}`,
  },
};

/** Everything of a script that no value may change: lines, labels, commands, what joins them, and what is expanded. */
function shape(script: string): unknown {
  return parseScript(script).map(({ label, commands }: ModelLine) => ({
    label,
    commands: commands.map(({ words, operator }) => ({ name: words[0], operator, expanded: words.flatMap(namesIn) })),
  }));
}

function namesIn(word: string): readonly string[] {
  const names: string[] = [];
  expand(word, () => 'x', names);
  return names;
}

const allWords = (script: string): readonly string[] => parseScript(script).flatMap(({ commands }) => commands.flatMap(({ words }) => words));
const wordsOf = (text: string): readonly string[] => text.split(' ').filter((word) => word !== '');

/** How often each word occurs more often here than there. */
function surplus(here: readonly string[], there: readonly string[]): readonly string[] {
  const left = [...there];
  return here.filter((word) => {
    const index = left.indexOf(word);
    if (index >= 0) left.splice(index, 1);
    return index < 0;
  });
}

/** The script, or undefined when the value was refused. */
function attempt({ render: write, field }: Entrance, value: string): string | undefined {
  try {
    return write(value);
  } catch (error) {
    expect(errorCode(error), String(error)).toBe('INVALID_OPTIONS');
    expect(optionIssues(error).map((issue) => issue.field)).toEqual([expect.stringMatching(field)]);
    return undefined;
  }
}

describe.each(Object.entries(ENTRANCES))('%s', (_name, entrance) => {
  const expected = entrance.render(entrance.harmless);
  const meaning = entrance.meaning ?? ((value: string): string => value);

  test('adds no line, no label, no command and no expansion, whatever it is', () => {
    let accepted = 0;
    fc.assert(
      fc.property(entrance.values, (value) => {
        const script = attempt(entrance, value);
        if (script === undefined) return;
        accepted += 1;
        expect(shape(script)).toEqual(shape(expected));
        // Nothing but the words of the value itself came or went.
        const before = wordsOf(meaning(entrance.harmless));
        const after = wordsOf(meaning(value));
        for (const word of surplus(allWords(script), allWords(expected))) expect([...after, ...derived(after)]).toContain(word);
        for (const word of surplus(allWords(expected), allWords(script))) expect([...before, ...derived(before)]).toContain(word);
      }),
      { numRuns: 1500, seed: 20_190_125 },
    );
    expect(accepted).toBeGreaterThan(10);
  });

  test.each(['a\nshell', 'a\r\nshell', 'a\\', 'a\\\n', 'a ; shell', 'a || shell', 'a && shell', 'a #', 'a ${mac}', '${', 'a\tb', 'a\0b', 'é'])('refuses %j', (value) => {
    for (const text of [value, `http://192.0.2.9/${value}`]) expect(attempt(entrance, text)).toBeUndefined();
  });
});

/** An inspection's callback is made from the same address as `ipa-api-url`. */
function derived(words: readonly string[]): readonly string[] {
  return words.filter((word) => word.startsWith('ipa-api-url=')).map((word) => `${word.replace('ipa-api-url=', 'ipa-inspection-callback-url=')}/v1/continue_inspection`);
}

test('a dollar sign and a brace of two fields do not come together', () => {
  const node = networkNode({ driverInfo: { kernel_append_params: 'a$%default%' } });
  const settings = { ...DEFAULT_BOOT_SETTINGS, kernelAppendParams: '{mac}' };
  expect(() => render(node, { settings })).toThrow('driver_info.kernel_append_params must be without "${"');
});

describe('what operators write every day is accepted as it is', () => {
  test.each([
    'console=ttyS0,115200n8 console=tty0', 'key="a b" quiet', "ip=dhcp net.ifnames=0 biosdevname=0 x='y'", 'a#b c;d e||f g&&h', 'cost=5$ {x} }', 'root=LABEL=a\\x20b', '-- init=/bin/sh', '  quiet  splash ',
  ])('%s', (value) => {
    const words = allWords(render(networkNode({ driverInfo: { kernel_append_params: value } })).script);
    for (const word of wordsOf(value)) expect(words).toContain(word);
  });

  test('any parameters of plain characters', () => {
    const entrance = ENTRANCES['driver_info.kernel_append_params'] as Entrance;
    fc.assert(
      fc.property(fc.array(harmless, { maxLength: 20 }), (words) => {
        expect(attempt(entrance, words.join(' '))).toBeDefined();
      }),
    );
  });
});

describe('the configuration of dnsmasq', () => {
  /** Directives: what stands in a line before the first comment and the first `=`. */
  const directives = (text: string): readonly string[] =>
    text.split('\n').filter((each) => each !== '' && !each.startsWith('#')).map((each) => /^[a-z-]+/.exec(each)?.[0] ?? each);
  const expected = directives(dnsmasqExample({ apiUrl: API }));

  test.each(['driver', 'interface', 'firstAddress', 'lastAddress', 'leaseTime', 'tftpRoot', 'ipv6Prefix', 'apiUrl', 'loaderUrl'])('gets no directive by %s', (name) => {
    const values = name.endsWith('Url') ? hostileUrl : fc.oneof(hostile, hostile.map((text) => `/${text}`), hostile.map((text) => `fd00::${text}`));
    fc.assert(
      fc.property(values, (value) => {
        try {
          const text = dnsmasqExample({ apiUrl: API, [name]: value });
          expect(directives(text).filter((each) => !/^dhcp-(?:boot|option-force)$/.test(each))).toEqual(expected.filter((each) => each !== 'dhcp-boot'));
          expect(text.split('\n')).toHaveLength(dnsmasqExample({ apiUrl: API }).split('\n').length);
        } catch (error) {
          expect(errorCode(error), String(error)).toBe('INVALID_OPTIONS');
          expect(optionIssues(error).map(({ field }) => field)).toEqual([name]);
        }
      }),
      { numRuns: 600 },
    );
  });
});

/** Which packages of ours a package may import. */
export interface LayerRule {
  /** Pattern of the package's folder; the first row that matches decides. */
  readonly folder: string;
  /** Patterns of package names. */
  readonly may: readonly string[];
  /** What its tests may import besides. */
  readonly mayInTests?: readonly string[];
}

/** Who may import whom. A package that no row names is refused: adding one is a decision about the layers. */
export const LAYERS: readonly LayerRule[] = [
  { folder: 'packages/core', may: [] },
  { folder: 'packages/{ipmi-raw-buffer,redfish}', may: ['@ferric/core'], mayInTests: ['@ferric/lab'] },
  { folder: 'packages/driver-nm', may: ['@ferric/core', '@ferric/ipmi-raw-buffer', '@ferric/driver-ipmi'], mayInTests: ['@ferric/lab'] },
  { folder: 'packages/driver-ipmi', may: ['@ferric/core', '@ferric/ipmi-raw-buffer'], mayInTests: ['@ferric/lab'] },
  { folder: 'packages/driver-ilo', may: ['@ferric/core', '@ferric/redfish'], mayInTests: ['@ferric/lab'] },
  { folder: 'packages/driver-*', may: ['@ferric/core'], mayInTests: ['@ferric/lab'] },
  { folder: 'lab', may: ['@ferric/core'] },
  { folder: 'packages/{agent,ipxe-config}', may: ['@ferric/core'], mayInTests: ['@ferric/lab'] },
  { folder: 'packages/virtual-media', may: ['@ferric/core', '@ferric/ipxe-config'], mayInTests: ['@ferric/lab'] },
  { folder: 'apps/conductor', may: ['@ferric/{core,agent,ipxe-config,virtual-media}'], mayInTests: ['@ferric/lab', '@ferric/driver-*'] },
  { folder: '{e2e,bench}', may: ['@ferric/*'] },
  { folder: 'tools', may: [] },
];

/** Files that are not shipped. */
export const TEST_FILES: readonly string[] = ['**/*.test.ts', '**/*.test-d.ts', '**/test/**', '**/*.config.ts', 'e2e/**', 'bench/**', 'lab/**', 'tools/**'];

/** Modules that some files must not import. */
export interface ModuleRule {
  /** Patterns of specifiers. */
  readonly modules: readonly string[];
  /** Where they are refused; tests are never meant. */
  readonly in: readonly string[];
  readonly except?: readonly string[];
  readonly why: string;
}

const LIBRARIES = 'packages/*/src/**';
const SIMULATORS = 'packages/*/src/simulator/**';

export const MODULE_RULES: readonly ModuleRule[] = [
  {
    modules: ['{node:,}{child_process,cluster}', 'execa', 'cross-spawn', 'shelljs', 'zx'],
    in: [LIBRARIES, 'apps/*/src/**'],
    // No kept npm library writes ISO 9660 with Rock Ridge and Joliet names, boot records or FAT.
    except: ['apps/conductor/src/media/**'],
    why: 'protocols are spoken in this process, never by a forked tool',
  },
  {
    modules: ['{node:,}{http,https,http2}', 'fastify', '@fastify/*', 'express', 'koa', 'hono', '@hono/*'],
    in: [LIBRARIES],
    except: [SIMULATORS],
    why: 'only the conductor and simulators serve HTTP; clients use undici',
  },
  {
    modules: ['{node:,}sqlite', 'kysely', 'kysely/*', 'kysely-*', 'postgres', 'pg', 'better-sqlite3', 'openworkflow', 'openworkflow/**'],
    in: [LIBRARIES],
    why: 'only the conductor has a store',
  },
  {
    modules: ['vitest', 'vitest/**', 'fast-check'],
    in: [LIBRARIES, 'apps/*/src/**'],
    except: ['packages/core/src/conformance/**'],
    why: 'test tools are not shipped',
  },
  {
    modules: ['@ferric/core/conformance', '@ferric/core/testing'],
    in: [LIBRARIES, 'apps/*/src/**'],
    except: ['packages/core/src/conformance/**', SIMULATORS],
    why: 'they are for tests',
  },
];

/** Files of a package that some files of the same package must not import. */
export interface RoomRule {
  readonly in: readonly string[];
  readonly mayNot: readonly string[];
  /** Files that it may import although `mayNot` covers them. */
  readonly unless?: readonly string[];
  readonly except?: readonly string[];
  readonly why: string;
}

export const ROOM_RULES: readonly RoomRule[] = [
  {
    in: ['packages/*/src/client/**'],
    mayNot: ['packages/*/src/{index,plugin,*-driver,*-options}.ts', SIMULATORS],
    why: 'the protocol client works alone; the adapter imports it, never the reverse',
  },
  {
    in: [SIMULATORS],
    mayNot: ['packages/*/src/client/**'],
    unless: ['packages/*/src/client/{udp,tcp,transport}.ts'],
    why: 'a simulator that shares the codec of the client repeats its mistakes',
  },
  {
    in: ['packages/ipmi-raw-buffer/src/simulator/**'],
    mayNot: ['packages/ipmi-raw-buffer/src/{lan,client,commands,sdr,sensors,sel,fru,sol}/**'],
    why: 'a simulator that shares the codec of the client repeats its mistakes',
  },
  {
    in: ['packages/core/src/**'],
    except: ['packages/core/src/{conformance,testing}/**'],
    mayNot: ['packages/core/src/{conformance,testing}/**'],
    why: 'they are for tests',
  },
];

/** Parts of core, by the file a name comes from, that some files may use. */
export interface CorePartRule {
  readonly in: readonly string[];
  /** Patterns of files in core's src, without ending. */
  readonly only: readonly string[];
  /** Entries besides the main one that they may import. */
  readonly entries?: readonly string[];
  readonly why: string;
}

/** Deadlines and JSON types belong to every call with a signal. */
const PROTOCOL_PARTS = ['errors/*', 'secrets/*', 'transcript/*', 'time/*', 'json'];

export const CORE_PART_RULES: readonly CorePartRule[] = [
  {
    in: ['packages/{ipmi-raw-buffer,redfish}/src/**'],
    only: PROTOCOL_PARTS,
    entries: ['@ferric/core/tls'],
    why: 'a protocol package knows no devices, drivers or nodes',
  },
  {
    in: ['packages/*/src/client/**'],
    // The words of power and boot devices are no more than words.
    only: [...PROTOCOL_PARTS, 'gate/*', 'logging/*', 'device/*', 'node/mac-address', 'node/names'],
    entries: ['@ferric/core/zod', '@ferric/core/tls'],
    why: 'a protocol client knows no drivers and no nodes',
  },
];

/** Where the names of packages become code: those that the project or the configuration names, found by the composition. */
export const COMPUTED_IMPORTS_ALLOWED: readonly string[] = ['apps/conductor/src/compose/**', 'apps/conductor/src/demo/virtual-rack.ts'];

/** Files at the root that files of packages may import by path. */
export interface SharedFileRule {
  readonly files: readonly string[];
  /** Who may import them. */
  readonly in: readonly string[];
}

export const SHARED_FILES: readonly SharedFileRule[] = [
  { files: ['tsup.shared.ts', 'vitest.shared.ts'], in: ['**/*.config.ts'] },
  { files: ['readme.shared.ts'], in: ['**/test/**'] },
];

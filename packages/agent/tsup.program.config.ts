import { defineConfig, type Options } from 'tsup';

/** The agent for a guest's initrd: one file with everything in it, that a bare Node.js starts. Built after the library, whose build empties the folder. */
const program: Options = {
  entry: { 'agent-program': 'src/simulator/program.ts' },
  format: ['esm'],
  // It has none of its own, but whoever asks for the types of what is exported shall find that.
  dts: true,
  noExternal: [/.*/],
  esbuildOptions(options) {
    options.conditions = ['@ferric/source'];
  },
  splitting: false,
  minify: true,
  target: 'node22',
  platform: 'node',
  removeNodeProtocol: false,
};

export default defineConfig(program);

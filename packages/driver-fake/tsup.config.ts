import { defineConfig } from 'tsup';

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    client: 'src/client/index.ts',
    plugin: 'src/plugin.ts',
    simulator: 'src/simulator/index.ts',
  },
  format: ['esm'],
  dts: true,
  sourcemap: true,
  clean: true,
  target: 'node22',
  // node:sqlite exists under no other name.
  removeNodeProtocol: false,
});

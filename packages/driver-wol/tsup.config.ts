import { defineConfig } from 'tsup';

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    plugin: 'src/plugin.ts',
    client: 'src/client/index.ts',
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

import { defineConfig } from 'tsup';

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    zod: 'src/zod.ts',
    testing: 'src/testing/index.ts',
    conformance: 'src/conformance/index.ts',
    'conformance-check': 'src/conformance/check.ts',
  },
  format: ['esm'],
  dts: true,
  sourcemap: true,
  clean: true,
  target: 'node22',
  // node:sqlite exists under no other name.
  removeNodeProtocol: false,
});

// Lets Node run the TypeScript sources as they are: './x.js' in an import means './x.ts'.
import { registerHooks } from 'node:module';

registerHooks({
  resolve(specifier, context, nextResolve) {
    const source = specifier.startsWith('.') && context.parentURL?.endsWith('.ts') === true && !context.parentURL.includes('/node_modules/');
    return nextResolve(source ? specifier.replace(/\.js$/, '.ts') : specifier, context);
  },
});

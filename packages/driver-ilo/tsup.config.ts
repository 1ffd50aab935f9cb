import { defineBuild } from '../../tsup.shared.js';

export default defineBuild({ main: 'src/main.ts' });

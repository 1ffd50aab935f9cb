import { defineBuild } from '../../tsup.shared.js';

export default defineBuild({ 'simulator-program': 'src/simulator/program/main.ts' });

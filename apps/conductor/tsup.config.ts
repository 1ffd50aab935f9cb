import { defineBuild } from '../../tsup.shared.js';

export default defineBuild({ main: 'src/main.ts', 'password-worker': 'src/api/auth/password-worker.ts' });

import { describeSqliteOnly } from './sqlite-only.js';
import { makeSqlitePlace } from './sqlite-place.js';
import { describeStore } from './store-suite.js';

describeStore('SQLite', makeSqlitePlace);
describeSqliteOnly();

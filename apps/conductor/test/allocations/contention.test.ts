import { makeSqlitePlace } from '../store/sqlite-place.js';
import { describeContention } from './suite.js';

describeContention('SQLite', makeSqlitePlace, true);

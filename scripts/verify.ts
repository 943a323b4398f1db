/** npm run verify: types, style and unit tests of what changed since the last time. Seconds, and no network. */
import { checkTypesAndStyle, runTask } from './checks.ts';

const passed = [await checkTypesAndStyle(), await runTask('unit')];
process.exitCode = passed.every(Boolean) ? 0 : 1;

/** npm run verify: types, lint and the unit tests, without what has not changed since the last time. Needs no network. */
import { runTasks } from './checks.ts';

process.exitCode = (await runTasks('types', 'lint', 'unit')) ? 0 : 1;

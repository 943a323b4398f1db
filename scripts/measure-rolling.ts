import { parseArgs } from 'node:util';
import { runTool } from './checks.ts';

/** npm run measure:rolling -- --seconds 60: replaces processes one by one under load and checks the jobs. */
const { values } = parseArgs({ options: { seconds: { type: 'string', default: '60' } } });
process.env.ROLLING_SECONDS = values.seconds;
process.exitCode = (await runTool('vitest', ['run', 'tests/upgrade/rolling'])) ? 0 : 1;

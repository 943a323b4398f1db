import { runTool } from './checks.ts';

/** npm run scenarios: the twenty failures by name and a short storm, which npm test leaves out for their length. */
const args = process.argv.slice(2);
process.env.SUITE = 'faults';
const passed = await runTool('vitest', [
  'run',
  ...(args.length > 0 ? args : ['tests/scenarios', 'tests/chaos']),
]);
process.exitCode = passed ? 0 : 1;

/** npm run format: brings every file into the project's style; says what it cannot mend. */
import { runTool } from './checks.ts';

process.exitCode = (await runTool('biome', ['check', '--write', '.'])) ? 0 : 1;

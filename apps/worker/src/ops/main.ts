import { commands } from './cli/commands.ts';
import { run } from './cli/run.ts';
import { createToolBox } from './cli/tools.ts';

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  // The second one ends the process as usual.
  process.once(signal, () => interrupted.abort());
}

const { stdin: input, stderr: output } = process;
const box = createToolBox({ environment: process.env, input, output, signal: interrupted.signal });
try {
  process.exitCode = await run(process.argv.slice(2), {
    commands,
    tools: box.tools,
    print: (text) => void process.stdout.write(text),
    complain: (text) => void process.stderr.write(text),
  });
} finally {
  await box.close();
}

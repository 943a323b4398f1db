import { run } from './cli/run.ts';
import { createToolbox } from './cli/tools.ts';
import { commands } from './commands.ts';

const interrupted = new AbortController();
const { stdin: input, stderr: output } = process;
const toolbox = createToolbox({ environment: process.env, input, output, signal: interrupted.signal });
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  // `once`: a second signal ends the process immediately.
  process.once(signal, () => {
    interrupted.abort();
    if (!toolbox.handlesSignal) process.exit(code);
  });
}

try {
  process.exitCode = await run(process.argv.slice(2), {
    commands,
    tools: toolbox.tools,
    print: (text) => void process.stdout.write(text),
    printError: (text) => void process.stderr.write(text),
  });
} finally {
  await toolbox.close();
}

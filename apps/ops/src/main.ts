import { commands } from './cli/commands.ts';
import { run } from './cli/run.ts';
import { createToolBox } from './cli/tools.ts';

const interrupted = new AbortController();
const { stdin: input, stderr: output } = process;
const box = createToolBox({ environment: process.env, input, output, signal: interrupted.signal });
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  // The second one ends the process as usual.
  process.once(signal, () => {
    interrupted.abort();
    if (!box.mindsSignal) process.exit(code);
  });
}

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

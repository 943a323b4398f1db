import type { Command, Option } from './command.ts';
import { commonOptions } from './read-input.ts';

const start = 'npm run ops --';

/** What can be typed, for all commands. */
export function overview(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const lines = commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  return `${start} <command> [--json] [--yes]

${lines.join('\n')}

${start} <command> --help explains one of them.
Exit codes: 0 all is well, 1 something was found or failed, 2 it was not understood.
`;
}

/** How one command is typed, in a line. */
export function usage({ name, arguments: wanted = [], options = {} }: Command): string {
  const parts = Object.entries(options).map(([option, { value }]) => `[${typed(option, value)}]`);
  return [start, name, ...wanted, ...parts].join(' ');
}

/** All there is to know about one command. */
export function explain(command: Command): string {
  const options: [string, Option][] = Object.entries({ ...command.options, ...commonOptions });
  const width = Math.max(...options.map(([name, { value }]) => typed(name, value).length));
  const lines = options.map(
    ([name, { value, summary }]) => `  ${typed(name, value).padEnd(width)}  ${summary}`,
  );
  const details = command.details ? `\n${command.details.trim()}\n` : '';
  return `${usage(command)}\n\n${command.summary}\n${details}\n${lines.join('\n')}\n`;
}

function typed(name: string, value: string | undefined): string {
  return value ? `--${name} ${value}` : `--${name}`;
}

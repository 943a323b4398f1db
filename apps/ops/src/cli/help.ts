import type { Command, Option } from './command.ts';
import { commonOptions } from './parse-input.ts';

const program = 'npm run ops --';

/** The list of commands. */
export function overview(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const lines = commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  return `${program} <command> [--json] [--yes]

${lines.join('\n')}

${program} <command> --help explains a command.
Exit codes: 0 everything is fine, 1 something was found or failed, 2 the command line is wrong.
`;
}

/** The usage line of a command. */
export function usage({ name, arguments: expected = [], options = {} }: Command): string {
  const parts = Object.entries(options).map(([option, { value }]) => `[${optionUsage(option, value)}]`);
  return [program, name, ...expected, ...parts].join(' ');
}

/** The full help of a command. */
export function explain(command: Command): string {
  const options: [string, Option][] = Object.entries({ ...command.options, ...commonOptions });
  const width = Math.max(...options.map(([name, { value }]) => optionUsage(name, value).length));
  const lines = options.map(
    ([name, { value, summary }]) => `  ${optionUsage(name, value).padEnd(width)}  ${summary}`,
  );
  const details = command.details ? `\n${command.details.trim()}\n` : '';
  return `${usage(command)}\n\n${command.summary}\n${details}\n${lines.join('\n')}\n`;
}

function optionUsage(name: string, value: string | undefined): string {
  return value ? `--${name} ${value}` : `--${name}`;
}

import { parseArgs } from 'node:util';
import { type Command, type Input, UsageError } from './command.ts';

/** Options of every command. */
export const commonOptions = {
  json: { summary: 'print one JSON document instead of text' },
  yes: { summary: 'do not ask for confirmation' },
  help: { summary: 'explain the command' },
} as const;

export interface ParsedInput extends Input {
  json: boolean;
  yes: boolean;
  help: boolean;
}

/** Parses the words after a command's name. @throws UsageError */
export function parseInput(command: Command, words: readonly string[]): ParsedInput {
  const { values, positionals } = parse(command, words);
  const parsed: ParsedInput = {
    arguments: positionals,
    json: values.json === true,
    yes: values.yes === true,
    help: values.help === true,
    option(name) {
      const value = values[name];
      return typeof value === 'string' ? value : undefined;
    },
    flag: (name) => values[name] === true,
  };
  if (parsed.help) return parsed;
  const { arguments: expected = [] } = command;
  const missing = expected.slice(positionals.length).find((name) => name.startsWith('<'));
  if (missing) throw new UsageError(`${missing} is missing`);
  const unexpected = positionals[expected.length];
  if (unexpected !== undefined) throw new UsageError(`unexpected argument "${unexpected}"`);
  return parsed;
}

function parse(command: Command, words: readonly string[]) {
  const own = Object.entries({ ...commonOptions, ...command.options });
  const options = Object.fromEntries(
    own.map(([name, option]) => [
      name,
      { type: 'value' in option && option.value ? ('string' as const) : ('boolean' as const) },
    ]),
  );
  try {
    return parseArgs({
      args: words.map((word) => (word === '-h' ? '--help' : word)),
      options,
      allowPositionals: true,
    });
  } catch (error) {
    throw new UsageError((error as Error).message.split('\n')[0]?.replace(/\. To specify .*/s, '') ?? '');
  }
}

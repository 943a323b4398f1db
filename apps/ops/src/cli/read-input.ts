import { parseArgs } from 'node:util';
import { type Command, type Input, UsageError } from './command.ts';

/** Options that every command takes. */
export const commonOptions = {
  json: { summary: 'prints one JSON document instead of text' },
  yes: { summary: 'does not ask before it does something' },
  help: { summary: 'explains the command' },
} as const;

export interface Typed extends Input {
  json: boolean;
  yes: boolean;
  help: boolean;
}

/** Reads what follows a command's name. @throws UsageError */
export function readInput(command: Command, words: readonly string[]): Typed {
  const { values, positionals } = parse(command, words);
  const typed: Typed = {
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
  if (typed.help) return typed;
  const { arguments: wanted = [] } = command;
  const missing = wanted.slice(positionals.length).find((name) => name.startsWith('<'));
  if (missing) throw new UsageError(`${missing} is missing`);
  const tooMany = positionals[wanted.length];
  if (tooMany !== undefined) throw new UsageError(`"${tooMany}" is one argument too many`);
  return typed;
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

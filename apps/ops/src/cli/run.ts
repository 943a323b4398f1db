import { QueueUnavailable } from '@darkroom/core/queue/queue';
import { ConfigError } from '@darkroom/core/runtime/config/error';
import { DatabaseUnavailable, DomainError } from '@darkroom/db/errors';
import { type Command, Declined, type Tools, UsageError } from './command.ts';
import { explain, overview, usage } from './help.ts';
import { parseInput } from './parse-input.ts';

/** 0: everything is fine. 1: something was found or failed. 2: the command line is wrong. */
export type ExitCode = 0 | 1 | 2;

/** The output streams. */
export interface Terminal {
  print(text: string): void;
  printError(text: string): void;
}

/** Runs a command line. With --json exactly one JSON document is printed; after an error it is `{error: {code, message}}`. */
export async function run(
  words: readonly string[],
  deps: Terminal & {
    commands: readonly Command[];
    tools(options: { yes: boolean; json: boolean }): Tools;
  },
): Promise<ExitCode> {
  const { commands, print, printError } = deps;
  const command = findCommand(commands, words);
  const json = words.includes('--json');
  if (command === null) return answerWithoutCommand(words, deps);
  try {
    const input = parseInput(command, words.slice(command.name.split(' ').length));
    if (input.help) {
      print(explain(command));
      return 0;
    }
    const answer = await command.run(input, deps.tools({ yes: input.yes, json }));
    print(json ? `${JSON.stringify(answer.data)}\n` : answer.text);
    return answer.code ?? 0;
  } catch (error) {
    const { code, message } = describe(error);
    if (json) print(`${JSON.stringify({ error: { code, message } })}\n`);
    else printError(`${message}\n`);
    if (!(error instanceof UsageError)) return 1;
    if (!json) printError(`Usage: ${usage(command)}\n`);
    return 2;
  }
}

/** The command with the longest name that the words begin with. */
function findCommand(commands: readonly Command[], words: readonly string[]): Command | null {
  const matching = commands.filter(({ name }) => name.split(' ').every((word, at) => words[at] === word));
  return matching.sort((a, b) => b.name.length - a.name.length)[0] ?? null;
}

function answerWithoutCommand(
  words: readonly string[],
  { commands, print, printError }: Terminal & { commands: readonly Command[] },
): ExitCode {
  const [first = 'help'] = words;
  const group = commands.filter(({ name }) => name.startsWith(`${first} `));
  if (words.includes('--help') || words.includes('-h') || first === 'help') {
    const named = findCommand(commands, words.slice(1));
    print(named ? explain(named) : overview(group.length > 0 ? group : commands));
    return 0;
  }
  const typed = words.filter((word) => !word.startsWith('-')).join(' ');
  if (words.includes('--json')) {
    print(`${JSON.stringify({ error: { code: 'usage', message: `There is no command "${typed}".` } })}\n`);
  } else {
    printError(`There is no command "${typed}".\n\n${overview(group.length > 0 ? group : commands)}`);
  }
  return 2;
}

function describe(error: unknown): { code: string; message: string } {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof UsageError) return { code: 'usage', message: `${message}.` };
  if (error instanceof Declined) return { code: 'declined', message };
  if (error instanceof ConfigError) return { code: 'configuration', message };
  if (error instanceof DomainError) return { code: error.code, message: `${sentence(message)}.` };
  if (error instanceof DatabaseUnavailable) return { code: 'database_unavailable', message };
  if (error instanceof QueueUnavailable) {
    const cause = error.cause instanceof Error ? ` (${error.cause.message})` : '';
    return { code: 'queue_unavailable', message: `${message}${cause}` };
  }
  return { code: 'failed', message };
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

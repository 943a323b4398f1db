import { DatabaseUnavailable, DomainError } from '@darkroom/db/errors';
import { expect, test } from 'vitest';
import { commands } from '../commands.ts';
import { type Command, Declined, type Tools, UsageError } from './command.ts';
import { run } from './run.ts';

const greet: Command = {
  name: 'greet all',
  summary: 'greets',
  arguments: ['<whom>'],
  options: { loudly: { summary: 'in capitals' }, times: { value: '<count>', summary: 'how often' } },
  async run(input, { confirm }) {
    const [whom = ''] = input.arguments;
    if (whom === 'nobody') throw new DomainError('not_found', 'there is nobody');
    if (whom === 'away') throw new DatabaseUnavailable('the database did not answer');
    if (whom === 'odd') throw new UsageError('"odd" is no name');
    if (whom === 'money') await confirm('Really?');
    const text =
      `hello ${input.flag('loudly') ? whom.toUpperCase() : whom} ${input.option('times') ?? ''}`.trim();
    return { data: { text }, text: `${text}\n`, code: whom === 'bad' ? 1 : 0 };
  },
};

async function type(line: string) {
  let [printed, errors] = ['', ''];
  const tools = ({ yes }: { yes: boolean }) =>
    ({
      async confirm() {
        if (!yes) throw new Declined('Nothing was done.');
      },
    }) as unknown as Tools;
  const code = await run(line.split(' ').filter(Boolean), {
    commands: [greet],
    tools,
    print: (text) => {
      printed += text;
    },
    printError: (text) => {
      errors += text;
    },
  });
  return { code, printed, errors };
}

test('a command gets its arguments and options and prints its answer', async () => {
  expect(await type('greet all ada --loudly --times 3')).toEqual({
    code: 0,
    printed: 'hello ADA 3\n',
    errors: '',
  });
  expect(await type('greet all bad')).toMatchObject({ code: 1, printed: 'hello bad\n' });
});

test('--json always prints one document', async () => {
  for (const [line, code, document] of [
    ['greet all ada --json', 0, { text: 'hello ada' }],
    ['greet all nobody --json', 1, { error: { code: 'not_found', message: 'There is nobody.' } }],
    ['greet all away --json', 1, { error: { code: 'database_unavailable' } }],
    ['greet all odd --json', 2, { error: { code: 'usage' } }],
    ['greet all --json', 2, { error: { code: 'usage' } }],
    ['greet nobody --json', 2, { error: { code: 'usage' } }],
  ] as const) {
    const { code: exit, printed, errors } = await type(line);
    expect({ exit, document: JSON.parse(printed), errors }).toMatchObject({
      exit: code,
      document,
      errors: '',
    });
  }
});

test.each(['greet all', 'greet all ada boris', 'greet all ada --softly', 'greet all ada --times', 'dance'])(
  'a wrong command line exits 2 and prints the usage: %s',
  async (line) => {
    const { code, printed, errors } = await type(line);
    expect({ code, printed }).toEqual({ code: 2, printed: '' });
    expect(errors).toContain('npm run ops -- ');
  },
);

test('nothing is done without confirmation', async () => {
  expect(await type('greet all money')).toMatchObject({ code: 1, errors: 'Nothing was done.\n' });
  expect(await type('greet all money --yes')).toMatchObject({ code: 0 });
});

test.each(['', 'help', '--help', '-h', 'greet --help'])('help lists the commands: "%s"', async (line) => {
  const { code, printed } = await type(line);
  expect({ code, printed }).toEqual({ code: 0, printed: expect.stringContaining('greet all  greets') });
});

test.each(['greet all --help', 'greet all -h', 'help greet all'])(
  'help explains a command: %s',
  async (line) => {
    const { code, printed } = await type(line);
    expect(code).toBe(0);
    expect(printed).toContain('npm run ops -- greet all <whom> [--loudly] [--times <count>]');
    expect(printed).toContain('--json');
  },
);

test('command names are unique, and each has a summary', () => {
  expect(new Set(commands.map(({ name }) => name)).size).toBe(commands.length);
  for (const { summary } of commands) expect(summary).not.toBe('');
});

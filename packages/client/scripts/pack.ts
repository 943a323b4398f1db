import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';

const home = path.resolve(import.meta.dirname, '..');
const root = path.resolve(home, '../..');

/**
 * Writes the package as it is published: plain ES2022 modules with their types, which need no build and no dependency.
 * Replaces `folder`.
 */
export async function pack(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const typescript = path.dirname(createRequire(import.meta.url).resolve('typescript/package.json'));
  const compile = [
    path.join(typescript, 'bin/tsc'),
    ...['--project', path.join(home, 'tsconfig.json'), '--outDir', folder],
    ...['--noEmit', 'false', '--declaration', '--rewriteRelativeImportExtensions'],
  ];
  await promisify(execFile)(process.execPath, compile).catch((error) => {
    throw new Error(`The package does not compile: ${error.stdout}`, { cause: error });
  });

  const {
    private: _,
    scripts: __,
    devDependencies: ___,
    ...source
  } = JSON.parse(await readFile(path.join(home, 'package.json'), 'utf8'));
  const published = {
    ...source,
    // For bundlers that do not read `exports`.
    main: './index.js',
    types: './index.d.ts',
    exports: { '.': { types: './index.d.ts', default: './index.js' }, './package.json': './package.json' },
    engines: { node: '>=20' },
  };
  await writeFile(path.join(folder, 'package.json'), `${JSON.stringify(published, null, 2)}\n`);
  const page = await readFile(path.join(root, 'docs/client.md'), 'utf8');
  // Links to other pages of docs/ would be dead in the package.
  await writeFile(path.join(folder, 'README.md'), page.replaceAll(/\[([^\]]+)\]\([\w-]+\.md\)/g, '$1'));
  await cp(path.join(root, 'LICENSE'), path.join(folder, 'LICENSE'));
}

if (import.meta.main) {
  const folder = path.join(home, 'out');
  await pack(folder);
  process.stdout.write(`${folder}\n`);
}

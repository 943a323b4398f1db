import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseAllDocuments, parseDocument } from 'yaml';

export const root = path.resolve(import.meta.dirname, '../..');

export function read(file: string): string {
  return readFileSync(path.join(root, file), 'utf8');
}

/** One document, merge keys applied. @throws with the first thing that is no YAML. */
export function readYaml(file: string): any {
  return value(file, parseDocument(read(file), { merge: true }));
}

/** All documents of all files of a folder. */
export function readManifests(folder: string): any[] {
  return readdirSync(path.join(root, folder))
    .filter((name) => name.endsWith('.yaml') && name !== 'kustomization.yaml')
    .flatMap((name) => {
      const file = path.join(folder, name);
      const documents = parseAllDocuments(read(file));
      if ('empty' in documents) throw new Error(`${file} is empty`);
      return documents.map((document) => value(file, document));
    });
}

/** `90s`, `2m` or `1m30s` in milliseconds, as Compose and this product write it. */
export function toMs(duration: string): number {
  const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
  const parts = [...duration.matchAll(/(\d+)(ms|s|m|h)/g)];
  if (parts.map(([part]) => part).join('') !== duration || duration === '')
    throw new Error(`"${duration}" is no duration`);
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * units[unit as 's'], 0);
}

/** `${NAME:-default}` as it is where nothing is set. */
export function byDefault(text: string): string {
  return text.replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1');
}

function value(file: string, document: { errors: { message: string }[]; toJS(): unknown }): any {
  if (document.errors[0]) throw new Error(`${file}: ${document.errors[0].message}`);
  return document.toJS();
}

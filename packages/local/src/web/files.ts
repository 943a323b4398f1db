import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export interface PageFile {
  bytes: Buffer;
  headers: Record<string, string>;
}

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

/** The files of a built page by URL path. They are few and small, so all are kept in memory. */
export function readPage(folder: string): Map<string, PageFile> {
  const files = new Map<string, PageFile>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    const name = `/${path.relative(folder, file).split(path.sep).join('/')}`;
    // The names of assets contain a hash of their content.
    const caching = name.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache';
    const type = types[path.extname(name)] ?? 'application/octet-stream';
    files.set(name, {
      bytes: readFileSync(file),
      headers: { 'content-type': type, 'cache-control': caching },
    });
  }
  files.set('/', files.get('/index.html')!);
  return files;
}

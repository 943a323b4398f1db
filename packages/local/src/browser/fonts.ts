import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Writes a fontconfig file with the unpacked fonts and those of the system. Returns its path, for FONTCONFIG_FILE. */
export function writeFontSettings(folder: string, root: string): string {
  const file = join(folder, 'fonts.conf');
  const cache = join(folder, 'font-cache');
  mkdirSync(cache, { recursive: true });
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, settings(join(root, 'usr/share/fonts'), cache));
  renameSync(draft, file);
  return file;
}

function settings(fonts: string, cache: string): string {
  const prefer = (family: string, font: string) =>
    `<alias><family>${family}</family><prefer><family>${font}</family></prefer></alias>`;
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${escapeXml(fonts)}</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>${escapeXml(cache)}</cachedir>
  ${prefer('sans-serif', 'DejaVu Sans')}
  ${prefer('system-ui', 'Inter')}
  ${prefer('monospace', 'DejaVu Sans Mono')}
</fontconfig>
`;
}

function escapeXml(path: string): string {
  return path.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

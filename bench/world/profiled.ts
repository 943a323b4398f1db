import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Probe } from './probe.ts';

interface CpuProfile {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number } }[];
  samples: number[];
  timeDeltas: number[];
}

/** Profiles a process while `run` runs, keeps the profile in `file`, and tells where its time went by itself. */
export async function profiled(probe: Probe, file: string, run: () => Promise<unknown>): Promise<string> {
  await probe.startProfile();
  await run();
  await probe.stopProfile(file);
  const shares = selfTimes(JSON.parse(await readFile(file, 'utf8')) as CpuProfile);
  const top = shares.slice(0, 30).map(({ name, share }) => `${name} ${(share * 100).toFixed(1)} %`);
  return `Profile (${path.basename(file)}), share of the busy time by itself: ${top.join('; ')}.`;
}

function selfTimes({ nodes, samples, timeDeltas }: CpuProfile): { name: string; share: number }[] {
  const frames = new Map(nodes.map((node) => [node.id, node.callFrame]));
  const times = new Map<string, number>();
  let busy = 0;
  samples.forEach((id, at) => {
    const { functionName, url, lineNumber } = frames.get(id)!;
    // Waiting, and the profiler itself.
    if (['(idle)', '(program)'].includes(functionName) || url === 'node:inspector') return;
    const name = url ? `${functionName || '(anonymous)'} ${shorten(url)}:${lineNumber + 1}` : functionName;
    const took = timeDeltas[at] ?? 0;
    busy += took;
    times.set(name, (times.get(name) ?? 0) + took);
  });
  return [...times].map(([name, time]) => ({ name, share: time / busy })).sort((a, b) => b.share - a.share);
}

function shorten(url: string): string {
  return url.replace(/^.*\/node_modules\//, '').replace(/^file:\/\/.*?\/(packages|apps)\//, '$1/');
}

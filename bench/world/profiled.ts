import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Probe } from './probe.ts';

interface CpuProfile {
  nodes: { id: number; callFrame: CallFrame }[];
  samples: number[];
  timeDeltas: number[];
}

interface CallFrame {
  functionName: string;
  url: string;
  lineNumber: number;
}

/** Less than this is not named by itself. */
const leastShare = 0.02;

/**
 * Profiles a process while `run` runs, keeps the profile in `file`, and tells whose code its main thread spent its busy
 * time in, and the functions that took most of it by themselves.
 */
export async function profiled(probe: Probe, file: string, run: () => Promise<unknown>): Promise<string[]> {
  await probe.startProfile();
  await run();
  await probe.stopProfile(file);
  const frames = timesByFrame(JSON.parse(await readFile(file, 'utf8')) as CpuProfile);
  const name = path.basename(file, '.cpuprofile');
  return [
    `Where the main thread's busy time goes (${name}): ${listed(sharesBy(frames, ownerOf))}.`,
    `The functions that take most of it by themselves: ${listed(sharesBy(frames, functionOf), 12)}.`,
  ];
}

interface FrameTime {
  frame: CallFrame;
  took: number;
}

/** Without waiting, and without the profiler itself. */
function timesByFrame({ nodes, samples, timeDeltas }: CpuProfile): FrameTime[] {
  const frames = new Map(nodes.map((node) => [node.id, node.callFrame]));
  return samples
    .map((id, at) => ({ frame: frames.get(id)!, took: timeDeltas[at] ?? 0 }))
    .filter(({ frame }) => !['(idle)', '(program)'].includes(frame.functionName))
    .filter(({ frame }) => frame.url !== 'node:inspector');
}

function sharesBy(
  times: readonly FrameTime[],
  nameOf: (frame: CallFrame) => string,
): { name: string; share: number }[] {
  const busy = times.reduce((sum, { took }) => sum + took, 0);
  const byName = new Map<string, number>();
  for (const { frame, took } of times)
    byName.set(nameOf(frame), (byName.get(nameOf(frame)) ?? 0) + took / busy);
  return [...byName].map(([name, share]) => ({ name, share })).sort((a, b) => b.share - a.share);
}

/** A package, a part of Node, Darkroom itself, or what the engine does between them. */
function ownerOf({ url, functionName }: CallFrame): string {
  const installed = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1];
  if (installed) return installed;
  if (url.startsWith('node:')) return `Node (${partOfNode(url)})`;
  if (url === '') return functionName.startsWith('(garbage') ? 'garbage collection' : 'built-in functions';
  return 'Darkroom';
}

function partOfNode(url: string): string {
  if (/net$|stream|_tls|dgram|dns/.test(url)) return 'sockets and streams';
  if (/http|undici|fetch/.test(url)) return 'HTTP';
  if (/timers|task_queues|async|promises|events|abort|process/.test(url)) return 'timers, events and async';
  return 'other';
}

function functionOf({ url, functionName, lineNumber }: CallFrame): string {
  return url ? `${functionName || '(anonymous)'} ${shorten(url)}:${lineNumber + 1}` : functionName;
}

function shorten(url: string): string {
  return url.replace(/^.*\/node_modules\//, '').replace(/^file:\/\/.*?\/(packages|apps)\//, '$1/');
}

function listed(shares: readonly { name: string; share: number }[], most = Number.POSITIVE_INFINITY): string {
  return shares
    .filter(({ share }) => share >= leastShare)
    .slice(0, most)
    .map(({ name, share }) => `${name} ${(share * 100).toFixed(0)} %`)
    .join(', ');
}

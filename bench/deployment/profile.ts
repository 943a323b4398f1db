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

/** Smaller shares are not listed. */
const leastShare = 0.02;

/**
 * Profiles a process during `run` and writes the profile to `file`. Returns the shares of the busy time of the main thread
 * by owner of the code, and the functions with the most self time.
 */
export async function profileWhile(
  probe: Probe,
  file: string,
  run: () => Promise<unknown>,
): Promise<string[]> {
  await probe.startProfile();
  await run();
  await probe.stopProfile(file);
  const frames = timesByFrame(JSON.parse(await readFile(file, 'utf8')) as CpuProfile);
  const name = path.basename(file, '.cpuprofile');
  return [
    `Busy time of the main thread by owner (${name}): ${listed(sharesBy(frames, ownerOf))}.`,
    `Functions with the most self time: ${listed(sharesBy(frames, functionOf), 12)}.`,
  ];
}

interface FrameTime {
  frame: CallFrame;
  took: number;
}

/** Without idle time and the profiler itself. */
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

/** A package, a part of Node, Darkroom, or the engine. */
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

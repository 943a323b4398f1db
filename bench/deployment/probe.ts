import { once } from 'node:events';
import { connect } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

/** What a process measures of itself. Times in milliseconds. */
export interface Reading {
  /** CPU time of all its threads since it started. */
  cpuMs: number;
  rssBytes: number;
  peakRssBytes: number;
  /** Since the last reset. */
  loopDelayMs: { p99: number; max: number };
}

export interface Probe {
  read(): Promise<Reading>;
  /** Resets the delays of the event loop. */
  reset(): Promise<void>;
  startProfile(): Promise<void>;
  /** Writes a .cpuprofile. */
  stopProfile(file: string): Promise<void>;
}

const preload = pathToFileURL(path.join(import.meta.dirname, 'probe.mjs')).href;

/** The variables that load the probe into a process. */
export function probeVariables(folder: string): Record<string, string> {
  return { BENCH_PROBES: folder, NODE_OPTIONS: `--import=${preload}` };
}

/** Connects to the probe of a process that was started with {@link probeVariables}. */
export function openProbe(folder: string, pid: number): Probe {
  async function ask<Answer>(question: object): Promise<Answer> {
    const socket = connect(path.join(folder, `${pid}.sock`));
    await once(socket, 'connect');
    const lines = createInterface({ input: socket });
    socket.write(`${JSON.stringify(question)}\n`);
    const [line] = await once(lines, 'line');
    socket.destroy();
    return JSON.parse(line) as Answer;
  }
  return {
    read: () => ask<Reading>({ do: 'read' }),
    reset: async () => void (await ask({ do: 'reset' })),
    startProfile: async () => void (await ask({ do: 'startProfile' })),
    stopProfile: async (file) => void (await ask({ do: 'stopProfile', file })),
  };
}

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type ManagedProcess, spawnManaged } from '@darkroom/local/processes/spawn';
import { stopProcess } from '@darkroom/local/processes/stop';
import { openProbe, type Probe, probeVariables } from './probe.ts';
import type { Servers } from './servers.ts';

export interface Program<Ready> {
  ready: Ready;
  process: ManagedProcess;
  probe: Probe;
  /** @throws with the error of the program. */
  ask<Answer>(question: object): Promise<Answer>;
  stop(): Promise<void>;
}

const bench = path.resolve(import.meta.dirname, '..');

/** Starts a program of bench/ as a process. @throws with its output when it ends before it is ready. */
export async function startProgram<Ready>(
  servers: Servers,
  name: string,
  file: string,
  options: object,
): Promise<Program<Ready>> {
  const log = servers.log(name);
  const ready = Promise.withResolvers<Ready>();
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let last = 0;

  const started = await spawnManaged(servers.reaper, {
    name,
    command: process.execPath,
    args: [path.join(bench, file)],
    cwd: servers.folder,
    env: { PATH: process.env.PATH, ...probeVariables(servers.probes) },
    output: log,
    onMessage(message) {
      const received = message as { ready?: Ready; id?: number; answer?: unknown; error?: string };
      if (received.ready) return ready.resolve(received.ready);
      const asked = waiting.get(received.id ?? 0);
      waiting.delete(received.id ?? 0);
      if (received.error) asked?.reject(new Error(`${name}: ${received.error}`));
      else asked?.resolve(received.answer);
    },
  });
  void started.exited.then(async () => {
    const output = await readFile(log, 'utf8').catch(() => '');
    const error = new Error(`${name} ended:\n${output.slice(-3_000)}`);
    ready.promise.catch(() => {});
    ready.reject(error);
    for (const asked of waiting.values()) asked.reject(error);
  });
  started.child.send(options);
  return {
    ready: await ready.promise,
    process: started,
    probe: openProbe(servers.probes, started.pid),
    ask<Answer>(question: object) {
      const id = ++last;
      const asked = Promise.withResolvers<unknown>();
      waiting.set(id, asked);
      started.child.send({ id, question });
      return asked.promise as Promise<Answer>;
    },
    stop: async () => void (await stopProcess(started)),
  };
}

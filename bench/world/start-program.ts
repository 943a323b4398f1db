import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type ManagedProcess, spawnManaged } from '@darkroom/local/processes/spawn';
import { stopProcess } from '@darkroom/local/processes/stop';
import type { Ground } from './ground.ts';
import { openProbe, type Probe, probeVariables } from './probe.ts';

export interface Program<Ready> {
  ready: Ready;
  process: ManagedProcess;
  probe: Probe;
  /** @throws with what went wrong in the program. */
  ask<Answer>(question: object): Promise<Answer>;
  stop(): Promise<void>;
}

const bench = path.resolve(import.meta.dirname, '..');

/** Starts a program of bench/ in a process of its own. @throws with its output when it ends before it is ready. */
export async function startProgram<Ready>(
  ground: Ground,
  name: string,
  file: string,
  order: object,
): Promise<Program<Ready>> {
  const log = ground.log(name);
  const ready = Promise.withResolvers<Ready>();
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let last = 0;

  const started = await spawnManaged(ground.reaper, {
    name,
    command: process.execPath,
    args: [path.join(bench, file)],
    cwd: ground.folder,
    env: { PATH: process.env.PATH, ...probeVariables(ground.probes) },
    output: log,
    onMessage(message) {
      const told = message as { ready?: Ready; id?: number; answer?: unknown; error?: string };
      if (told.ready) return ready.resolve(told.ready);
      const asked = waiting.get(told.id ?? 0);
      waiting.delete(told.id ?? 0);
      if (told.error) asked?.reject(new Error(`${name}: ${told.error}`));
      else asked?.resolve(told.answer);
    },
  });
  void started.exited.then(async () => {
    const output = await readFile(log, 'utf8').catch(() => '');
    const error = new Error(`${name} ended:\n${output.slice(-3_000)}`);
    ready.promise.catch(() => {});
    ready.reject(error);
    for (const asked of waiting.values()) asked.reject(error);
  });
  started.child.send(order);
  return {
    ready: await ready.promise,
    process: started,
    probe: openProbe(ground.probes, started.pid),
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

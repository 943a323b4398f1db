import { createRequire } from 'node:module';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '@darkroom/local/processes/free-port';
import { spawnManaged } from '@darkroom/local/processes/spawn';
import { stopProcess } from '@darkroom/local/processes/stop';
import type { Servers } from '../deployment/servers.ts';

const readyWithinMs = 20_000;

export interface RestateServer {
  ingress: string;
  admin: string;
  stop(): Promise<void>;
}

/** Starts Restate's server from its npm package. @throws when it does not run here. */
export async function startRestate(
  servers: Servers,
  { concurrency }: { concurrency: number },
): Promise<RestateServer> {
  const [ingressPort, adminPort, nodePort] = [await freePort(), await freePort(), await freePort()];
  const server = await spawnManaged(servers.reaper, {
    name: 'restate',
    command: path.join(packageFolder(), 'bin/restate-server'),
    args: ['--base-dir', path.join(servers.folder, `restate-${ingressPort}`)],
    env: {
      PATH: process.env.PATH,
      RESTATE_LISTEN_MODE: 'tcp',
      RESTATE_BIND_IP: '127.0.0.1',
      RESTATE_INGRESS__BIND_ADDRESS: `127.0.0.1:${ingressPort}`,
      RESTATE_ADMIN__BIND_ADDRESS: `127.0.0.1:${adminPort}`,
      RESTATE_BIND_ADDRESS: `127.0.0.1:${nodePort}`,
      RESTATE_ADVERTISED_ADDRESS: `http://127.0.0.1:${nodePort}`,
      RESTATE_WORKER__INVOKER__CONCURRENT_INVOCATIONS_LIMIT: String(concurrency),
      DO_NOT_TRACK: '1',
    },
    output: servers.log('restate'),
  });
  const restate = {
    ingress: `http://127.0.0.1:${ingressPort}`,
    admin: `http://127.0.0.1:${adminPort}`,
    stop: async () => void (await stopProcess(server)),
  };
  const until = performance.now() + readyWithinMs;
  for (;;) {
    const answers = await Promise.all(
      [`${restate.ingress}/restate/health`, `${restate.admin}/health`].map((url) =>
        fetch(url).then(
          ({ ok }) => ok,
          () => false,
        ),
      ),
    );
    if (answers.every(Boolean)) return restate;
    if (performance.now() > until || server.child.exitCode !== null) {
      await restate.stop();
      throw new Error('its server did not start');
    }
    await sleep(100);
  }
}

/** The package with the program for this system. */
function packageFolder(): string {
  const require = createRequire(import.meta.url);
  const name = `@restatedev/restate-server-${process.platform}-${process.arch}`;
  return path.dirname(require.resolve(`${name}/package.json`));
}

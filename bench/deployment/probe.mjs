/**
 * Preloaded into every measured process (`node --import`). Reports the resource usage of the process over a socket in the
 * folder BENCH_PROBES, and profiles it on request. Does not keep the process alive.
 */
import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { isMainThread } from 'node:worker_threads';

const resolutionMs = 10;
const folder = process.env.BENCH_PROBES;

if (folder && isMainThread) {
  const delay = monitorEventLoopDelay({ resolution: resolutionMs });
  delay.enable();
  let session;

  const answers = {
    read() {
      const { user, system } = process.cpuUsage();
      return {
        cpuMs: (user + system) / 1_000,
        rssBytes: process.memoryUsage.rss(),
        peakRssBytes: process.resourceUsage().maxRSS * 1_024,
        loopDelayMs: { p99: beyond(delay.percentile(99)), max: beyond(delay.max) },
      };
    },
    reset() {
      delay.reset();
      return {};
    },
    async startProfile() {
      session = new Session();
      session.connect();
      await session.post('Profiler.enable');
      await session.post('Profiler.setSamplingInterval', { interval: 500 });
      await session.post('Profiler.start');
      return {};
    },
    async stopProfile({ file }) {
      const { profile } = await session.post('Profiler.stop');
      session.disconnect();
      writeFileSync(file, JSON.stringify(profile));
      return {};
    },
  };

  const server = createServer((socket) => {
    socket.unref();
    socket.on('error', () => {});
    createInterface({ input: socket }).on('line', async (line) => {
      const question = JSON.parse(line);
      socket.write(`${JSON.stringify(await answers[question.do](question))}\n`);
    });
  });
  server.unref();
  server.listen(join(folder, `${process.pid}.sock`));
}

/** The histogram has the time between two timers, which equals the resolution on an idle loop. */
function beyond(nanoseconds) {
  return Math.max(0, nanoseconds / 1e6 - resolutionMs);
}

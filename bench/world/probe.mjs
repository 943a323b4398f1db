/**
 * Preloaded into every process that is measured (`node --import`): tells what the process itself knows of its use of
 * the machine, over a socket in the folder BENCH_PROBES, and profiles it on request. Keeps nothing alive.
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

/** The histogram holds the time between two timers, which on an idle loop is the resolution. */
function beyond(nanoseconds) {
  return Math.max(0, nanoseconds / 1e6 - resolutionMs);
}

import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { MetricsProcess } from './catalog.ts';
import type { Metrics } from './metrics.ts';

/** How often the event loop delay is sampled, in milliseconds. */
const resolutionMs = 20;

/** Adds metrics of the process itself. Does not keep the process alive. @returns a function that stops the sampling */
export function showProcess(
  metrics: Metrics,
  { process: name, version }: { process: MetricsProcess; version: string },
): () => void {
  const delay = monitorEventLoopDelay({ resolution: resolutionMs });
  delay.enable();
  const labels = { process: name, version, node: process.version };
  const startedAt = Date.now() / 1_000 - process.uptime();

  metrics.beforeScrape(() => {
    const { user, system } = process.cpuUsage();
    metrics.replace('darkroom_build_info', [{ labels, value: 1 }]);
    metrics.replace('darkroom_start_time_seconds', [{ labels: {}, value: startedAt }]);
    metrics.replace('darkroom_resident_memory_bytes', [{ labels: {}, value: process.memoryUsage.rss() }]);
    metrics.replace('darkroom_cpu_seconds_total', [{ labels: {}, value: (user + system) / 1e6 }]);
    metrics.replace('darkroom_event_loop_delay_seconds', [
      { labels: { quantile: '0.5' }, value: beyond(delay.percentile(50)) },
      { labels: { quantile: '0.99' }, value: beyond(delay.percentile(99)) },
      { labels: { quantile: '1' }, value: beyond(delay.max) },
    ]);
    delay.reset();
  });
  return () => void delay.disable();
}

/** Seconds beyond the sampling interval; 0 if nothing was measured yet. */
function beyond(nanoseconds: number): number {
  return Math.max(0, nanoseconds / 1e9 - resolutionMs / 1_000) || 0;
}

/** How often each thing was seen. */
export interface Tally {
  count(group: string, label: string): void;
  total(group: string): number;
  /** Those of `wanted` that were never seen, as `group: label`. */
  missing(wanted: Record<string, readonly string[]>): string[];
  report(): string;
  /** Counts no more: what follows a failure only makes it smaller. */
  stop(): void;
}

export function createTally(): Tally {
  const groups = new Map<string, Map<string, number>>();
  let isOver = false;
  return {
    stop: () => {
      isOver = true;
    },
    count(group, label) {
      if (isOver) return;
      const labels = groups.get(group) ?? new Map<string, number>();
      groups.set(group, labels.set(label, (labels.get(label) ?? 0) + 1));
    },
    total: (group) => [...(groups.get(group)?.values() ?? [])].reduce((sum, count) => sum + count, 0),
    missing: (wanted) =>
      Object.entries(wanted).flatMap(([group, labels]) =>
        labels.filter((label) => !groups.get(group)?.has(label)).map((label) => `${group}: ${label}`),
      ),
    report: () =>
      [...groups]
        .map(
          ([group, labels]) =>
            `  ${group}: ${[...labels].map(([label, count]) => `${label} ${count}`).join(', ')}`,
        )
        .sort()
        .join('\n'),
  };
}

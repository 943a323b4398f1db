/**
 * Which of these a call may take that does not wait for locks, or that looked before others had written:
 * all, though any busy one may be passed over.
 * @param count how many it took, as far as its answer tells.
 */
export function choices(all: readonly string[], busy: ReadonlySet<string>, count?: number): string[][] {
  const free = all.filter((id) => !busy.has(id));
  const contested = all.filter((id) => busy.has(id));
  if (contested.length === 0) return [[...all]];
  return contested
    .reduce<string[][]>((subsets, id) => subsets.flatMap((subset) => [subset, [...subset, id]]), [free])
    .filter((subset) => count === undefined || subset.length === count)
    .map((subset) => subset.sort());
}

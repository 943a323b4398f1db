/**
 * The rows that a call with `skip locked`, or with an older snapshot, may take: all of them, and any busy one may be
 * missing.
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

/** Does the work for each of the list, so many at a time; the results are in the order of the list. */
export async function inBatches<T, Result>(
  list: readonly T[],
  width: number,
  work: (one: T) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  const lanes = Array.from({ length: width }, async () => {
    while (next < list.length) {
      const at = next++;
      results[at] = await work(list[at]!);
    }
  });
  await Promise.all(lanes);
  return results;
}

// Runs work for each item, a few at a time, and keeps the order of the results.

/** At most `atOnce` calls run at the same moment; the first rejection rejects the whole. */
export async function eachLimited<Item, Result>(
  items: readonly Item[],
  { atOnce, work }: { atOnce: number; work: (item: Item) => Promise<Result> },
): Promise<Result[]> {
  const results: Result[] = [];
  // Shared by the workers: each takes the next item that nobody has.
  const queue = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  return results;
}

// Which of two runs of an agent came first. Each run's instance begins with a number of ten digits, which the launcher
// counts up before the session is made (start-agent-session.sh, next_run). Pure.

/**
 * Whether the first is a run before the second. Of runs without a number (made by a mosaic that gave none), or with the
 * same one, no order is known: then it is true of every other run, and false of the same one.
 */
export function isEarlierRun(one: string | undefined, other: string): boolean {
  if (one === undefined || one === other) return false;
  const [first, second] = [numberOf(one), numberOf(other)];
  if (first === undefined && second === undefined) return true;
  return (first ?? 0) <= (second ?? 0);
}

/** Whether it is certain that the first is a run before the second. */
export function isFormerRun(one: string, other: string): boolean {
  return isEarlierRun(one, other) && !isEarlierRun(other, one);
}

function numberOf(instance: string): number | undefined {
  const digits = /^(\d{10})[0-9a-f]{32}$/.exec(instance)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

// A few at a time: the start of an agent is a burst of CPU and memory, and fifty at once would starve each other.

export interface Slots {
  /** Waits for its turn, first come first served; the function it gives hands the slot on and may be called twice. */
  take(): Promise<() => void>;
}

/** `count` of them may be taken at the same moment. */
export function createSlots(count: number): Slots {
  let free = count;
  const waiting: (() => void)[] = [];
  const handOn = (): void => {
    const next = waiting.shift();
    if (next === undefined) free++;
    else next();
  };
  return {
    async take() {
      if (free > 0) free--;
      else await new Promise<void>((resolve) => void waiting.push(resolve));
      let isTaken = true;
      return () => {
        if (isTaken) handOn();
        isTaken = false;
      };
    },
  };
}

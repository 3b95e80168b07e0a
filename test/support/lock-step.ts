// One step of the model test of the restart lock: what one of the programs does, or what is done to it.
import * as fc from "fast-check";
import type { Actor } from "./lock-actors.ts";
import type { LockModel, ModelHold, ModelProcess } from "./lock-model.ts";
import type { LockRun } from "./lock-run.ts";

export interface Scene {
  model: LockModel;
  run: LockRun;
  one: ModelProcess;
  actor: Actor;
  /** The last lock that it took. */
  hold: ModelHold | undefined;
}

/** For `fc.commands`. */
export type Step = fc.AsyncCommand<LockModel, LockRun>;

/** Of any of the three programs, half the time of the one that holds the lock. */
export function step<T>(
  what: string,
  how: fc.Arbitrary<T>,
  options: {
    can: (one: ModelProcess, model: LockModel) => boolean;
    does: (scene: Scene, how: T) => Promise<void>;
  },
): fc.Arbitrary<Step> {
  return fc.tuple(fc.nat({ max: 2 }), fc.boolean(), how).map(([slot, ofHolder, chosen]) => ({
    toString: () => `${what}(${ofHolder ? "holder or " : ""}${slot}, ${JSON.stringify(chosen)})`,
    check: (model) => options.can(chosenOf(model, { slot, ofHolder }), model),
    async run(model, run) {
      const one = chosenOf(model, { slot, ofHolder });
      await options.does({ model, run, one, actor: run.actor(one), hold: one.hold }, chosen);
      // Whoever was woken by it comes to its next pause.
      await run.world.clock.advance(0);
      await run.expectAsTold();
    },
  }));
}

function chosenOf(
  { processes, lock }: LockModel,
  { slot, ofHolder }: { slot: number; ofHolder: boolean },
): ModelProcess {
  const holder = typeof lock === "object" ? lock.hold.by : undefined;
  const one = processes.find((each) => ofHolder && each === holder) ?? processes[slot];
  if (one === undefined) throw new Error(`no program ${slot}`);
  return one;
}

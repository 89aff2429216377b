package io.freshet.engine.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Picks from the seed who runs next. Some actors are picked less often than others, and any may be frozen for a while. */
final class Scheduler {
    private static final long MAX_STEP_NS = 40_000;
    private static final int[] WEIGHTS = {1, 4, 16, 16, 16};

    private final SplittableRandom random;
    private final SimClock clock;
    private final Agenda agenda;
    private final Trace trace;
    private final List<Slot> slots = new ArrayList<>();
    private final List<Slot> runnable = new ArrayList<>();
    private long stepCount;

    Scheduler(SplittableRandom random, SimClock clock, Agenda agenda, Trace trace) {
        this.random = random;
        this.clock = clock;
        this.agenda = agenda;
        this.trace = trace;
    }

    void add(Actor actor) {
        slots.add(new Slot(actor, WEIGHTS[random.nextInt(WEIGHTS.length)]));
    }

    void remove(Actor actor) {
        slots.removeIf(slot -> slot.actor == actor);
    }

    /** This actor does not run for so long, as a thread in a long pause. */
    void freeze(Actor actor, long ns) {
        for (Slot slot : slots) {
            if (slot.actor == actor) {
                slot.frozenUntilNs = clock.nanoTime() + ns;
                agenda.after(ns, () -> {});
            }
        }
    }

    /** Ends every pause. */
    void thaw() {
        slots.forEach(slot -> slot.frozenUntilNs = Long.MIN_VALUE);
    }

    /** Lets one actor run, or time pass until something happens. False when nothing will ever happen. */
    boolean step() {
        agenda.runDue();
        int totalWeight = collectRunnable();
        if (totalWeight == 0) {
            long nextNs = agenda.nextNs();
            clock.advanceTo(nextNs == Long.MAX_VALUE ? clock.nanoTime() : nextNs);
            return nextNs != Long.MAX_VALUE;
        }
        Actor actor = pick(random.nextInt(totalWeight));
        stepCount++;
        trace.step(stepCount, clock.nanoTime(), actor.name());
        actor.run();
        clock.advance(1 + random.nextLong(MAX_STEP_NS));
        return true;
    }

    private int collectRunnable() {
        runnable.clear();
        int totalWeight = 0;
        for (int i = 0; i < slots.size(); i++) {
            Slot slot = slots.get(i);
            if (slot.frozenUntilNs <= clock.nanoTime() && slot.actor.isRunnable()) {
                runnable.add(slot);
                totalWeight += slot.weight;
            }
        }
        return totalWeight;
    }

    private Actor pick(int at) {
        int left = at;
        for (Slot slot : runnable) {
            left -= slot.weight;
            if (left < 0) {
                return slot.actor;
            }
        }
        throw new AssertionError("weights do not add up");
    }

    long stepCount() {
        return stepCount;
    }

    private static final class Slot {
        final Actor actor;
        final int weight;
        long frozenUntilNs = Long.MIN_VALUE;

        Slot(Actor actor, int weight) {
            this.actor = actor;
            this.weight = weight;
        }
    }
}

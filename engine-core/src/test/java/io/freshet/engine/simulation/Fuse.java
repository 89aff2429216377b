package io.freshet.engine.simulation;

/**
 * Lets the server's process die in the middle of what it does. Everything that it asks of the world is a step: the time, a
 * buffer, an offer to a connection, a change of the disk. Once lit, the fuse burns by one with each, and the step at which it
 * is burnt down is the last.
 */
final class Fuse {
    private static final int OUT = -1;

    private int left = OUT;
    private boolean isBurnt;
    private Runnable death = () -> {};

    /** Says what cuts the process from the world. */
    void death(Runnable whatHappens) {
        death = whatHappens;
    }

    void light(int stepCount) {
        left = stepCount;
    }

    void douse() {
        left = OUT;
        isBurnt = false;
    }

    boolean isBurnt() {
        return isBurnt;
    }

    /** The process asks something of the world; throws {@link ProcessDied} when it dies here, or is dead. */
    void step() {
        if (left > 0 && --left == 0) {
            left = OUT;
            isBurnt = true;
            death.run();
        }
        if (isBurnt) {
            throw new ProcessDied();
        }
    }

    /** Takes a dead process out of whatever it was doing. */
    static final class ProcessDied extends Error {
        private static final long serialVersionUID = 1L;

        private ProcessDied() {
            super("the process has died", null, false, false);
        }
    }
}

package io.freshet.engine.simulation;

/** What would have a thread of its own: it runs a little whenever the {@link Scheduler} picks it. */
interface Actor {
    String name();

    /** Whether a thread would not be waiting now. */
    boolean isRunnable();

    /** One duty cycle, task or event. */
    void run();
}

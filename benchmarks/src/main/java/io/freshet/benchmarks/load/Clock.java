package io.freshet.benchmarks.load;

/** Monotonic time, given so that tests can choose it. */
@FunctionalInterface
interface Clock {
    long nanoTime();
}

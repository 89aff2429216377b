/**
 * The whole engine in one thread from one seed: real client, codec, sessions, shards, feeds, readers and storage agents, on a
 * simulated clock, scheduler, network and disk. {@code Simulation} assembles a run, {@code Workload} drives it, {@code Sim…}
 * stand in for the world, and each {@code …Checker} watches one promise. How to run it is told in {@code SimulationTest}.
 */
@NullMarked
package io.freshet.engine.simulation;

import org.jspecify.annotations.NullMarked;

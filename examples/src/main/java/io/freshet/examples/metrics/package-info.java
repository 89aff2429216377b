/**
 * What an engine and its process tell of themselves, for Prometheus: an engine's numbers enter
 * {@link io.freshet.examples.metrics.EngineMeters}, text leaves {@link io.freshet.examples.metrics.MetricsServer}. Runs on the
 * two threads of that server and reads what the engine's threads wrote, without asking them.
 */
@NullMarked
package io.freshet.examples.metrics;

import org.jspecify.annotations.NullMarked;

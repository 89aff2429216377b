/**
 * What an engine tells of itself. Each reactor counts into {@link io.freshet.engine.metrics.Counters} and
 * {@link io.freshet.engine.metrics.DurationHistogram}s of its own; any thread reads them, without a lock and without the
 * reactor noticing, through {@link io.freshet.engine.metrics.EngineMetrics}.
 */
@NullMarked
package io.freshet.engine.metrics;

import org.jspecify.annotations.NullMarked;

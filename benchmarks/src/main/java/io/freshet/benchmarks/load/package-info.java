/**
 * The load generator. A {@link io.freshet.benchmarks.load.Scenario} says what to do, a
 * {@link io.freshet.benchmarks.load.LoadRun} does it and answers with a
 * {@link io.freshet.benchmarks.report.LoadResult}.
 *
 * <pre>
 *   caller's thread                         load thread: one event loop, all connections
 *   LoadRun ── start ──────────────────►    LoadLoop ─► Flow.doWork ─► Publisher ─► socket
 *      ▲  samples the server, adds up          └─ read ─► Wire.onBytes ─► Subscription ─► Meter
 *      └──────────── Mark (queue) ◄─────────────────────────────────────────────────────┘
 * </pre>
 *
 * <p>Bytes are read where they lie, through addresses: nothing is allocated for a message or for a read.
 */
@NullMarked
package io.freshet.benchmarks.load;

import org.jspecify.annotations.NullMarked;

/**
 * The load generator. A {@link io.freshet.benchmarks.load.Scenario} says what to do, a
 * {@link io.freshet.benchmarks.load.LoadRun} does it and answers with a
 * {@link io.freshet.benchmarks.report.LoadResult}.
 *
 * <pre>
 *   caller's thread                         load thread 0, the leader: an event loop and its connections
 *   LoadRun ── start ──────────────────►    LoadLoop ─► Flow.doWork ─► Publisher ─► socket
 *      ▲  samples the server, adds up          └─ read ─► Wire.onBytes ─► Subscription ─► Meter
 *      └──────────── Mark (queue) ◄──────── LoadTeam, while all stand still ◄───────────────┤
 *                                           load threads 1, 2, … ({@code threads}): the same without a flow
 *                                              └─ read ─► Wire.onBytes ─► Subscription ─► Meter
 *                                                                └─► ChannelProgress ─► the leader
 * </pre>
 *
 * <p>Bytes are read where they lie, through addresses: nothing is allocated for a message or for a read.
 */
@NullMarked
package io.freshet.benchmarks.load;

import org.jspecify.annotations.NullMarked;

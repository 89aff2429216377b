/**
 * What is said in a channel and not kept: who is writing, counters, how many are there, applications' own signals.
 *
 * <pre>
 *   session ─► Seat ─► Audience (a channel on one reactor): summed ═ a tick ═► SignalHub (the channel, at its owner): merged
 *                                ▲ one frame for all who watch                      │ a tick; totals are published now and then
 *                                └────────────────═ mailbox ═───────────────────────┘
 * </pre>
 *
 * <p>Everything runs on reactors. What does not fit a mailbox stays and is summed with what comes next.
 */
@NullMarked
package io.freshet.engine.signal;

import org.jspecify.annotations.NullMarked;

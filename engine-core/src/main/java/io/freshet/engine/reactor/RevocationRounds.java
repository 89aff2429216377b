package io.freshet.engine.reactor;

import io.freshet.engine.delivery.ReaderProxy;
import io.freshet.engine.mailbox.Mailbox;
import io.freshet.engine.mailbox.ReactorProxy;
import io.freshet.engine.session.Revocations;
import io.freshet.engine.session.ShardGateway;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FreshetException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Takes rights back everywhere: a revocation goes to every reactor at once, each ends the use of the channel in the principal's
 * sessions and waits until nothing of it is left in their queues (see {@link Revocations}), and then asks the channel's owner for
 * its last sequence, behind everything that it had asked of the owner for these sessions. The greatest answer is the sequence that the
 * revocation names. Any thread.
 *
 * <p>No more rounds are under way than the urgent lane of a mailbox has room for, so that none waits for room.
 */
public final class RevocationRounds {
    private static final int LIMIT = Mailbox.URGENT_CAPACITY;

    private final List<Stop> stops;
    private final Set<Round> underWay = ConcurrentHashMap.newKeySet();
    private final AtomicInteger underWayCount = new AtomicInteger();
    private volatile boolean isClosed;

    /** One reactor: the way to it, and what is called on its thread. */
    record Stop(ReactorProxy reactor, Revocations revocations, List<ShardGateway> gateways) {}

    RevocationRounds(List<Stop> stops) {
        this.stops = stops;
    }

    /**
     * Takes back what a principal may do with one channel, or with {@link Revocations#EVERY_CHANNEL}.
     *
     * @param channel an id that no channel has only makes pending OPENs be decided anew
     * @return completes on a reactor's thread with the channel's last sequence (0 for every channel, and where none is known); fails with
     *     OVERLOADED when too many are under way, with SHUTTING_DOWN when the reactors end
     */
    public CompletionStage<Long> begin(long principal, long channel) {
        Round round = new Round(principal, channel);
        if (underWayCount.incrementAndGet() > LIMIT) {
            underWayCount.decrementAndGet();
            round.result.completeExceptionally(new FreshetException(
                    ErrorCode.OVERLOADED, LIMIT + " revocations are under way, there is no room for more"));
            return round.result;
        }
        underWay.add(round);
        for (Stop stop : stops) {
            if (isClosed || !stop.reactor().offerUrgent(() -> round.visit(stop))) {
                round.fail();
            }
        }
        return round.result;
    }

    /** The reactors have ended: what is under way fails, and whatever comes. */
    void close() {
        isClosed = true;
        underWay.forEach(Round::fail);
    }

    /** One revocation on its way. */
    private final class Round {
        final long principal;
        final long channel;
        final CompletableFuture<Long> result = new CompletableFuture<>();
        final AtomicInteger missingCount = new AtomicInteger();
        final AtomicLong lastSequence = new AtomicLong();

        Round(long principal, long channel) {
            this.principal = principal;
            this.channel = channel;
            missingCount.set(channel == Revocations.EVERY_CHANNEL ? stops.size() * shardCount() : stops.size());
        }

        private int shardCount() {
            return stops.get(0).gateways().size();
        }

        /** On the reactor's thread. */
        void visit(Stop stop) {
            stop.revocations().apply(principal, channel, () -> {
                List<ShardGateway> gateways = stop.gateways();
                for (int shard = 0; shard < gateways.size(); shard++) {
                    if (channel == Revocations.EVERY_CHANNEL) {
                        gateways.get(shard).lastSequence(shard, sequence -> onShard(0));
                    } else if (shard == ReaderProxy.shardOf(channel, gateways.size())) {
                        gateways.get(shard).lastSequence(channel, this::onShard);
                    }
                }
            });
        }

        /** One reactor has applied it, and so has the shard that it asked. */
        private void onShard(long sequence) {
            lastSequence.accumulateAndGet(sequence, Math::max);
            if (missingCount.decrementAndGet() == 0) {
                end();
                result.complete(lastSequence.get());
            }
        }

        void fail() {
            end();
            result.completeExceptionally(new FreshetException(
                    ErrorCode.SHUTTING_DOWN, "the engine ended before every reactor had applied it"));
        }

        private void end() {
            if (underWay.remove(this)) {
                underWayCount.decrementAndGet();
            }
        }
    }
}

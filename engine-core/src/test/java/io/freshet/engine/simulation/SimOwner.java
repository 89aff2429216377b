package io.freshet.engine.simulation;

import io.freshet.client.Channel;
import io.freshet.client.ClientConfig;
import io.freshet.client.FreshetClient;
import io.freshet.engine.erasure.ChannelAges;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.FreshetException;
import io.freshet.protocol.v1.ChannelAttributes;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.agrona.concurrent.CompositeAgent;
import org.jspecify.annotations.Nullable;

/**
 * The application within the server's process: its client, by which it has records erased, and says for how long channels are kept.
 * Ends with the process; whoever it was to answer then is never answered.
 */
final class SimOwner {
    private static final long AGES_IDLE_NS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final int RETAINS_ONE_IN = 6;
    private static final int DELETES_ONE_IN = 8;
    private static final int ARCHIVES_ONE_IN = 4;
    private static final int MAX_ERASED_COUNT = 3;

    private final SimServer server;
    private final Truth truth;
    private final Verdict verdict;
    private final SimTransport transport;
    private final AgentActor ages;
    private @Nullable FreshetClient client;
    private int pendingCount;

    SimOwner(
            SimServer server,
            SimNetwork network,
            Agenda agenda,
            SimClock clock,
            Truth truth,
            Verdict verdict,
            SplittableRandom random) {
        this.server = server;
        this.truth = truth;
        this.verdict = verdict;
        transport = new SimTransport(
                "client-0",
                (self, attempt) -> network.connectWithin(self, attempt, server),
                agenda,
                clock,
                new SimAllocator(),
                () -> client = null);
        ages = new AgentActor(new CompositeAgent(server.ages(), server.deletedChannels()), agenda, AGES_IDLE_NS);
        ClientConfig config = ClientConfig.builder()
                .clientName("in-process")
                .reconnect(false)
                .random(random)
                .build();
        FreshetClient.connectAsync(config, transport).whenComplete((connected, failure) -> client = connected);
    }

    /** A channel of its client, which must be there. */
    Channel channel(String name) {
        return Objects.requireNonNull(client).channel(name);
    }

    /** What runs for it, while it runs. */
    List<Actor> actors() {
        return List.of(transport, new Connected());
    }

    /** Has some records of a channel erased, or says how long they are kept. */
    void forget(String channel, SplittableRandom random) {
        truth.poll();
        long id = server.storage().channels().find(channel);
        long head = truth.head(id);
        if (client == null || id == 0 || head == 0) {
            return;
        }
        if (random.nextInt(RETAINS_ONE_IN) == 0) {
            Duration age =
                    random.nextInt(4) == 0 ? Duration.ZERO : ChannelAges.SHORTEST.multipliedBy(1 + random.nextInt(6));
            server.ages().retain(channel, age);
        } else {
            erase(
                    channel,
                    LongStream.generate(() -> 1 + random.nextLong(head))
                            .limit(1 + random.nextInt(MAX_ERASED_COUNT))
                            .toArray());
        }
    }

    /** Says that a channel is something else from now on, or is over. */
    void change(String channel, SplittableRandom random, boolean mayDelete) {
        if (client == null) {
            return;
        }
        ChannelAttributes.Builder next = ChannelAttributes.newBuilder();
        if (mayDelete && random.nextInt(DELETES_ONE_IN) == 0) {
            next.setDeleted(true);
        } else {
            next.setTitle("title " + random.nextInt()).setArchived(random.nextInt(ARCHIVES_ONE_IN) == 0);
        }
        pendingCount++;
        channel(channel)
                .publish(EventKind.ATTRIBUTES.code(), next.build().toByteArray())
                .whenComplete((receipt, failure) -> pendingCount--);
    }

    private void erase(String channel, long... sequences) {
        pendingCount++;
        server.eraser().erase(channel(channel), sequences).whenComplete((receipt, failure) -> {
            pendingCount--;
            if (receipt == null) {
                boolean isNamed = failure instanceof CompletionException wrapped
                        ? wrapped.getCause() instanceof FreshetException
                        : failure instanceof FreshetException;
                verdict.check(isNamed, () -> "an erasure failed with " + failure);
                return;
            }
            truth.forgotten()
                    .erased(
                            receipt.channel(),
                            LongStream.of(sequences)
                                    .filter(sequence -> isContent(receipt.channel(), sequence))
                                    .boxed()
                                    .toList());
        });
    }

    private boolean isContent(long channel, long sequence) {
        Truth.Entry entry = truth.at(channel, sequence);
        return entry != null && !entry.isOfTheEngine() && !SimEvents.isWithoutContent(entry.kind());
    }

    /** Erasures that were asked for and are not answered. */
    int pendingCount() {
        return pendingCount;
    }

    /** Channels are looked after as soon as there is a client to say so by. */
    private final class Connected implements Actor {
        @Override
        public String name() {
            return ages.name();
        }

        @Override
        public boolean isRunnable() {
            return client != null && ages.isRunnable();
        }

        @Override
        public void run() {
            ages.run();
        }
    }
}

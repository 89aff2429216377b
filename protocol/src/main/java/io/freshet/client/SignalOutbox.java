package io.freshet.client;

import com.google.protobuf.ByteString;
import io.freshet.protocol.ChannelName;
import io.freshet.protocol.SignalFrame;
import io.freshet.protocol.v1.Count;
import io.freshet.protocol.v1.Said;
import io.freshet.protocol.v1.Signal;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.agrona.concurrent.ManyToOneConcurrentArrayQueue;
import org.jspecify.annotations.Nullable;

/**
 * What users say of one channel until the client's thread sends it: counted into numbers that many threads add to. Any thread fills it,
 * the client's empties it.
 */
final class SignalOutbox implements Signals {
    private final ClientChannel channel;
    private final ClientCore core;
    private final Map<String, AtomicLong> counters = new ConcurrentHashMap<>();
    private final ManyToOneConcurrentArrayQueue<Said> said =
            new ManyToOneConcurrentArrayQueue<>(SignalFrame.SAID_COUNT);
    /** Whether the client's thread has been told that there is something. */
    private final AtomicBoolean isTold = new AtomicBoolean();

    private final AtomicReference<@Nullable Boolean> typing = new AtomicReference<>();

    SignalOutbox(ClientChannel channel, ClientCore core) {
        this.channel = channel;
        this.core = core;
    }

    @Override
    public CompletionStage<Void> watch(SignalHandler handler) {
        Objects.requireNonNull(handler, "handler");
        return core.request(request -> channel.signals().watch().begin(handler, request));
    }

    @Override
    public void unwatch() {
        Request<Void> unused = core.request(request -> {
            channel.signals().watch().stop();
            request.succeed(null);
        });
    }

    @Override
    public void typing(boolean isOn) {
        typing.set(isOn);
        tell();
    }

    @Override
    public void count(String counter, long more) {
        AtomicLong sum = counters.get(counter);
        if (more < 1) {
            throw new IllegalArgumentException("more is " + more + ", it must be at least 1");
        }
        if (sum == null) {
            sum = newCounter(counter);
        }
        sum.addAndGet(more);
        tell();
    }

    /** One caller at a time, so that there are never more than a signal holds. */
    private synchronized AtomicLong newCounter(String counter) {
        int length = counter.getBytes(StandardCharsets.UTF_8).length;
        String violation = ChannelName.violation(counter);
        if (violation != null || length > SignalFrame.NAME_LENGTH) {
            throw new IllegalArgumentException("a counter's name has 1 to " + SignalFrame.NAME_LENGTH + " bytes, "
                    + counter + " has " + length + (violation == null ? "" : ": " + violation));
        }
        if (counters.size() >= SignalFrame.COUNTER_COUNT && !counters.containsKey(counter)) {
            throw new IllegalArgumentException("a channel has " + SignalFrame.COUNTER_COUNT + " counters at most, "
                    + counter + " would be one more");
        }
        return counters.computeIfAbsent(counter, name -> new AtomicLong());
    }

    @Override
    public boolean say(int kind, byte[] body) {
        if (body.length > SignalFrame.BODY_LENGTH) {
            throw new IllegalArgumentException(
                    "body has " + body.length + " bytes, it must have at most " + SignalFrame.BODY_LENGTH);
        }
        boolean isTaken = said.offer(Said.newBuilder()
                .setKind(kind)
                .setBody(ByteString.copyFrom(body))
                .build());
        tell();
        return isTaken;
    }

    private void tell() {
        if (!isTold.getAndSet(true)) {
            Request<Void> told = core.request(request -> {
                isTold.set(false);
                channel.signals().onSaid();
                request.succeed(null);
            });
            if (told.isCompletedExceptionally()) {
                isTold.set(false);
            }
        }
    }

    // ---- client's thread

    boolean hasCounts() {
        for (AtomicLong sum : counters.values()) {
            if (sum.get() > 0) {
                return true;
            }
        }
        return false;
    }

    boolean hasSaid() {
        return !said.isEmpty();
    }

    /** What was said of typing last; null when nothing was since this was asked. */
    @Nullable
    Boolean takeTyping() {
        return typing.getAndSet(null);
    }

    /** Moves what was counted and said into a signal, as much as one may hold. */
    void moveTo(Signal.Builder signal) {
        counters.forEach((name, sum) -> {
            long more = Math.min(sum.get(), SignalFrame.MAX_MORE);
            if (more > 0) {
                sum.addAndGet(-more);
                signal.addCounts(Count.newBuilder().setName(name).setMore(more));
            }
        });
        Said next = said.poll();
        while (next != null) {
            signal.addSaid(next);
            next = signal.getSaidCount() < SignalFrame.SAID_COUNT ? said.poll() : null;
        }
    }

    /** Forgets what was not sent. */
    void clear() {
        counters.values().forEach(sum -> sum.set(0));
        said.clear();
        typing.set(null);
    }
}

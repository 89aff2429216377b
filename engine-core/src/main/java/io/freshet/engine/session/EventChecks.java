package io.freshet.engine.session;

import io.freshet.engine.Principal;
import io.freshet.engine.chat.ChatEvent;
import io.freshet.engine.chat.Resolution;
import io.freshet.engine.delivery.ReaderProxy;
import io.freshet.engine.mailbox.CycleClock;
import io.freshet.engine.metrics.ReactorCounter;
import io.freshet.engine.metrics.ReactorCounters;
import io.freshet.protocol.ErrorCode;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What the sessions of one reactor ask others before an event may be decided on: what it names, and whether those whom it mentions may
 * see the channel. Knows how many publishes wait for such answers. Owned by the reactor's thread.
 */
public final class EventChecks {
    /** Users who may see a channel, as far as that is remembered. */
    private static final int REMEMBERED_LIMIT = 16 * 1024;

    private static final long REMEMBERED_NS = TimeUnit.SECONDS.toNanos(30);

    private record Seen(long channel, long user) {}

    private final Gate gate;
    private final ReaderProxy reader;
    private final CycleClock clock;
    private final ReactorCounters counters;
    /** Until when, oldest first. A no is not remembered: it may be a yes the next time. */
    private final Map<Seen, Long> seen = new LinkedHashMap<>();

    private long revocationCount;
    private int heldCount;

    public EventChecks(Gate gate, ReaderProxy reader, CycleClock clock, ReactorCounters counters) {
        this.gate = gate;
        this.reader = reader;
        this.clock = clock;
        this.counters = counters;
    }

    /** Looks up what events of one channel name; exactly one of {@code answer} and {@code failure} runs, perhaps at once. */
    void lookUp(
            long channel,
            List<ChatEvent> events,
            Consumer<List<Resolution>> answer,
            Consumer<RuntimeException> failure) {
        counters.add(ReactorCounter.EVENTS_LOOKED_UP, events.size());
        reader.lookUp(channel, events, answer, failure);
    }

    /**
     * Asks whether all these users may see a channel. Answers at once when that is known, else once the policy has answered, unless
     * nobody waits any more.
     *
     * @param asker who mentions them: it is asked in this principal's turn
     * @param answer gets null for yes, or why not
     */
    void askWhetherTheySee(
            Principal asker,
            long channel,
            Set<Long> users,
            SessionEnvironment environment,
            BooleanSupplier isOver,
            Consumer<@Nullable ErrorCode> answer) {
        Set<Long> unknown = new LinkedHashSet<>();
        for (long user : users) {
            Long untilNs = seen.get(new Seen(channel, user));
            if (untilNs == null || untilNs - clock.nowNs() <= 0) {
                unknown.add(user);
            }
        }
        if (unknown.isEmpty()) {
            answer.accept(null);
            return;
        }
        long asOf = revocationCount;
        gate.mention(asker, channel, unknown, environment, isOver, decision -> {
            if (decision.refusal() == null && asOf == revocationCount) {
                unknown.forEach(user -> remember(new Seen(channel, user)));
            }
            answer.accept(decision.refusal());
        });
    }

    private void remember(Seen user) {
        seen.remove(user); // so that it is the youngest
        seen.put(user, clock.nowNs() + REMEMBERED_NS);
        if (seen.size() > REMEMBERED_LIMIT) {
            seen.remove(seen.keySet().iterator().next());
        }
    }

    /** Rights were taken back from somebody: what was said about users before does not hold any more. */
    void onRevoked() {
        revocationCount++;
        seen.clear();
    }

    /** So many publishes more, or less, wait. */
    void held(int more) {
        heldCount += more;
        counters.add(ReactorCounter.HELD_PUBLISHES, more);
    }

    /** Publishes that wait for an event before them, or for their own. */
    public int heldCount() {
        return heldCount;
    }
}

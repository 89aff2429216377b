package io.freshet.engine.simulation;

import io.freshet.client.ClientConfig;
import io.freshet.client.FreshetClient;
import io.freshet.client.Inbox;
import io.freshet.client.InboxListener;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.FreshetException;
import io.freshet.protocol.v1.Content;
import io.freshet.protocol.v1.Notice;
import io.freshet.protocol.v1.NotificationSetting;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One device of a user, a real client that follows the user's inbox. Whatever it is told must rise: marks, and notices by their sequence. */
final class InboxDevice {
    private static final long AGAIN_NS = TimeUnit.MILLISECONDS.toNanos(100);

    final long user;
    private final Agenda agenda;
    private final Verdict verdict;
    private final NoticeChecker checker;
    private final List<Long> notices = new ArrayList<>();
    private final Map<Long, Long> told = new HashMap<>();
    private @Nullable FreshetClient client;
    private int pendingCount;
    private boolean isFollowing;
    private boolean isClosed;

    InboxDevice(
            long user,
            SimTransport transport,
            SplittableRandom random,
            Agenda agenda,
            Verdict verdict,
            NoticeChecker checker) {
        this.user = user;
        this.agenda = agenda;
        this.verdict = verdict;
        this.checker = checker;
        ClientConfig config = ClientConfig.builder()
                .server("simulated", 1)
                .token(Long.toString(user))
                .connectTimeout(Duration.ofSeconds(2))
                .closeTimeout(Duration.ofSeconds(1))
                .backOff(Duration.ofMillis(5), Duration.ofMillis(300))
                .retryTimeout(Duration.ofMinutes(1))
                .random(random)
                .build();
        FreshetClient.connectAsync(config, transport).whenComplete((connected, failure) -> {
            client = connected;
            follow();
        });
    }

    private void follow() {
        if (client == null || isClosed) {
            return;
        }
        client.inbox()
                .follow(new InboxListener() {
                    @Override
                    public void onNotice(long sequence, Notice notice) {
                        long last = notices.isEmpty() ? 0 : notices.get(notices.size() - 1);
                        verdict.check(sequence > last, () -> user + " was given notice " + sequence + " after " + last);
                        notices.add(sequence);
                    }

                    @Override
                    public void onRead(long channel, long sequence) {
                        long before = told.getOrDefault(channel, 0L);
                        verdict.check(
                                sequence > before,
                                () -> user + " was told of mark " + sequence + " of " + channel + " after " + before);
                        told.put(channel, sequence);
                    }

                    @Override
                    public void onEnd(FreshetException cause) {
                        verdict.check(isClosed, () -> user + " follows its inbox no more: " + cause);
                    }
                })
                .whenComplete((done, failure) -> followed(failure));
    }

    /** A server that cannot read so much at once as all devices ask for refuses some for now: who follows anew has to ask again. */
    private void followed(@Nullable Throwable failure) {
        isFollowing = failure == null;
        if (failure != null && !isClosed) {
            Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
            verdict.check(
                    cause instanceof FreshetException known && known.isRetryable(),
                    () -> user + " cannot follow its inbox: " + failure);
            agenda.after(AGAIN_NS, this::follow);
        }
    }

    boolean isReady() {
        return client != null && isFollowing;
    }

    /** Whether everything that it sent is answered. */
    boolean isAnswered() {
        return pendingCount == 0;
    }

    void post(String channel, Content content) {
        checker.sends(content.getText());
        pendingCount++;
        open().channel(channel)
                .publish(EventKind.POST.code(), content.toByteArray())
                .whenComplete((receipt, failure) -> pendingCount--);
    }

    void set(NotificationSetting setting) {
        pendingCount++;
        inbox().set(setting).whenComplete((receipt, failure) -> {
            pendingCount--;
            if (receipt != null) {
                checker.acknowledged(user, receipt.sequence());
            }
        });
    }

    void markRead(long channel, long sequence) {
        inbox().markRead(channel, sequence);
    }

    private FreshetClient open() {
        FreshetClient open = client;
        if (open == null) {
            throw new IllegalStateException(user + " is not connected");
        }
        return open;
    }

    private Inbox inbox() {
        return open().inbox();
    }

    /** Why it does not know what the log says; null when it does. */
    @Nullable
    String difference(List<Long> channels) {
        if (!notices.equals(checker.noticesOf(user))) {
            return user + " was given notices " + notices + ", the inbox has " + checker.noticesOf(user);
        }
        for (long channel : channels) {
            if (inbox().readUpTo(channel) != checker.readUpTo(user, channel)) {
                return user + " has read " + inbox().readUpTo(channel) + " of " + channel + ", the inbox says "
                        + checker.readUpTo(user, channel);
            }
        }
        Set<NotificationSetting> settings = new HashSet<>(inbox().settings());
        return settings.equals(checker.settingsOf(user))
                ? null
                : user + " has set " + settings + ", the inbox says " + checker.settingsOf(user);
    }

    void close() {
        isClosed = true;
        if (client != null) {
            client.closeAsync();
        }
    }
}

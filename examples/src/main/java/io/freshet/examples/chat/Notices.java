package io.freshet.examples.chat;

import io.freshet.client.Inbox;
import io.freshet.client.InboxListener;
import io.freshet.client.InboxScope;
import io.freshet.protocol.v1.Notice;
import io.freshet.protocol.v1.NotificationLevel;
import io.freshet.protocol.v1.NotificationSetting;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What the user hears of from elsewhere, and what the user wants to hear of from here. On the user's thread; tells on the client's. */
public final class Notices {
    private static final Map<String, Duration> MUTES =
            Map.of("15m", Duration.ofMinutes(15), "30m", Duration.ofMinutes(30), "1h", Duration.ofHours(1));

    private static final Map<String, NotificationLevel> LEVELS = Map.of(
            "all", NotificationLevel.NOTIFICATION_LEVEL_ALL,
            "mentions", NotificationLevel.NOTIFICATION_LEVEL_MENTIONS,
            "nothing", NotificationLevel.NOTIFICATION_LEVEL_NOTHING);

    private final Inbox inbox;
    private final Places places;
    private final Nicknames names;
    private final Clock clock;
    private final Consumer<String> note;
    private final Function<Throwable, String> sentence;
    private @Nullable CompletionStage<Void> following;
    private final Answers answers = new Answers();

    /** Whether the inbox is known, so that what comes now is new. */
    private volatile boolean isKnown;

    /**
     * Those of one user, whose inbox is not followed yet.
     *
     * @param places where the user is: of what is said there nothing is told
     * @param note shows a line that nobody said; any thread
     * @param sentence what to tell people of a failure
     */
    public Notices(
            Inbox inbox,
            Places places,
            Nicknames names,
            Clock clock,
            Consumer<String> note,
            Function<Throwable, String> sentence) {
        this.inbox = inbox;
        this.places = places;
        this.names = names;
        this.clock = clock;
        this.note = note;
        this.sentence = sentence;
    }

    /** From now on the user hears of what is new; a server that has no inbox for this user has nothing to tell. */
    public void begin() {
        follow().exceptionally(failure -> null); // said again with the first thing that the user sets
    }

    /** Follows the inbox, if that is not done already. */
    private CompletionStage<Void> follow() {
        CompletionStage<Void> known = following;
        if (known == null || known.toCompletableFuture().isCompletedExceptionally()) {
            known = inbox.follow(new Listener()).thenRun(() -> isKnown = true);
            following = known;
        }
        return known;
    }

    // ---- what the user sets

    /** Does what a line asks for; false when it is for somebody else. */
    public boolean take(String line) {
        String[] words = line.strip().split("\\s+", 2);
        String value = words.length < 2 ? "" : words[1];
        switch (words[0].toLowerCase(Locale.ROOT)) {
            case "/mute" -> mute(value);
            case "/unmute" -> set("nothing is muted here", id -> inbox.mute(InboxScope.channel(id), Instant.EPOCH));
            case "/notify" -> level(value);
            default -> {
                return false;
            }
        }
        return true;
    }

    private void mute(String value) {
        Duration length = MUTES.get(value);
        if (length == null && !value.isEmpty()) {
            note.accept("/mute takes 15m, 30m or 1h, or nothing: then it holds until /unmute");
            return;
        }
        Instant until = length == null ? null : clock.instant().plus(length);
        String told = "you hear of here " + (length == null ? "again after /unmute" : "again in " + value)
                + ", and when you are mentioned";
        set(told, id -> inbox.mute(InboxScope.channel(id), until));
    }

    private void level(String value) {
        NotificationLevel level = LEVELS.get(value);
        if (level == null) {
            note.accept("/notify takes all, mentions or nothing");
            return;
        }
        set(
                "of what is said here you hear of: " + value,
                id -> inbox.set(setting(id).toBuilder().setLevel(level).build()));
    }

    /** What holds of a channel by itself. */
    private NotificationSetting setting(long channel) {
        return inbox.settings().stream()
                .filter(each -> each.hasChannel() && each.getChannel() == channel)
                .findFirst()
                .orElseGet(() -> InboxScope.channel(channel).setting());
    }

    /** Sets something of the place where the user is, the id of which it gets. */
    private void set(String confirmation, Function<Long, CompletionStage<?>> setting) {
        CompletionStage<?> asked = follow().thenCompose(
                        nothing -> places.channel().channel().open())
                .thenCompose(opened -> setting.apply(opened.id()));
        answers.await(
                asked,
                (done, failure) -> note.accept(failure == null ? confirmation : Refusal.line(failure, sentence)));
    }

    /** Completes when whatever was asked for so far is answered. */
    public CompletionStage<?> answered() {
        return answers.all();
    }

    // ---- what the user hears

    private final class Listener implements InboxListener {
        @Override
        public void onNotice(long sequence, Notice notice) {
            if (isKnown && !notice.getChannelName().equals(places.channel().name())) {
                note.accept(text(notice));
            }
        }
    }

    private String text(Notice notice) {
        String what = switch (notice.getReason()) {
            case REASON_MENTION -> " mentions you";
            case REASON_REPLY -> " answers you";
            case REASON_DIRECT -> " writes to you";
            case REASON_INVITATION -> " invites you to the room";
            case REASON_ROLE -> " mentions a role of yours";
            case REASON_EVERYONE -> " mentions everyone";
            default -> " has something for you";
        };
        String channel = notice.getChannelName();
        boolean isNamed = !channel.startsWith("~"); // threads and direct channels have names for the server only
        return names.of(notice.getAuthor()) + what + (isNamed ? " in " + VisibleText.line(channel) : "");
    }
}

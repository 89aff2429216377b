package io.freshet.examples.chat;

import io.freshet.client.Presence;
import io.freshet.client.PresenceView;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FreshetException;
import io.freshet.protocol.PresenceLimits;
import io.freshet.protocol.v1.PresenceMember;
import io.freshet.protocol.v1.PresenceMode;
import io.freshet.protocol.v1.PresenceState;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Who else is here, and how the user is seen. Lines come on the user's thread, what is told of others on the client's. */
public final class Company {
    /** In a bigger company single people are not told of. */
    private static final int GREATEST_TOLD = 50;

    private final Presence presence;
    private final String channel;
    private final Nicknames names;
    private final boolean isTelling;
    private final Consumer<String> note;
    private final Function<Throwable, String> sentence;
    private volatile @Nullable PresenceView view;
    private final Answers answers = new Answers();
    private boolean isIdle;

    /**
     * One that is not there yet.
     *
     * @param channel whose members are the company
     * @param isTelling whether to tell who comes and goes; otherwise only who asks is told
     * @param note shows a line that nobody said; any thread
     * @param sentence what to tell people of a failure
     */
    public Company(
            Presence presence,
            String channel,
            Nicknames names,
            boolean isTelling,
            Consumer<String> note,
            Function<Throwable, String> sentence) {
        this.presence = presence;
        this.channel = channel;
        this.names = names;
        this.isTelling = isTelling;
        this.note = note;
        this.sentence = sentence;
    }

    /** Is there, and looks who else is; completes when both are known. A server without presence has no company. */
    public CompletionStage<?> begin() {
        return presence.join(channel)
                .thenCompose(isIn -> presence.watch(channel, 0, PresenceLimits.WINDOW_COUNT, Set.of(), this::show))
                .handle((watch, failure) -> {
                    if (failure != null && !isUnknown(failure)) {
                        tell(failure);
                    }
                    return null;
                });
    }

    private static boolean isUnknown(Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        return cause instanceof FreshetException refused && refused.code() == ErrorCode.UNKNOWN_METHOD;
    }

    // ---- the user

    /** Does what a line asks for; false when it is for somebody else. Every line shows that the user is there. */
    public boolean take(String line) {
        String[] words = line.strip().split("\\s+", 2);
        String command = words[0].toLowerCase(Locale.ROOT);
        String rest = words.length < 2 ? "" : words[1];
        if (!command.equals("/away")) {
            idle(false);
        }
        switch (command) {
            case "/who" -> who();
            case "/status" ->
                say(presence.status(rest), rest.isEmpty() ? "your status is empty" : "your status: " + rest);
            case "/away" -> {
                idle(true);
                note.accept("you are idle until you type something");
            }
            case "/dnd" ->
                say(mode(PresenceMode.PRESENCE_MODE_DO_NOT_DISTURB), "others see that you are not to be disturbed");
            case "/invisible" -> say(mode(PresenceMode.PRESENCE_MODE_INVISIBLE), "others do not see that you are here");
            case "/back" -> say(mode(PresenceMode.PRESENCE_MODE_USUAL), "others see that you are here");
            default -> {
                return false;
            }
        }
        return true;
    }

    /** The user has done nothing for a while. Any thread. */
    public void rest() {
        idle(true);
    }

    private synchronized void idle(boolean is) {
        if (isIdle != is) {
            isIdle = is;
            CompletionStage<Void> unused =
                    presence.idle(is).exceptionally(failure -> null); // said again with the next session
        }
    }

    private CompletionStage<Void> mode(PresenceMode mode) {
        return presence.mode(mode);
    }

    private void say(CompletionStage<Void> said, String confirmation) {
        answers.await(said, (nothing, failure) -> {
            if (failure == null) {
                note.accept(VisibleText.line(confirmation));
            } else {
                tell(failure);
            }
        });
    }

    /** Completes when whatever was asked for so far is answered. */
    public CompletionStage<?> answered() {
        return answers.all();
    }

    private void tell(Throwable failure) {
        note.accept("presence: " + VisibleText.line(sentence.apply(failure)));
    }

    private void who() {
        PresenceView known = view;
        if (known == null) {
            note.accept("the server does not say who is here");
            return;
        }
        int count = count(known);
        note.accept(count == 0 ? "nobody is to be seen here" : count + (count == 1 ? " is here:" : " are here:"));
        known.members().forEach(member -> note.accept("  " + text(member)));
        if (count > known.members().size()) {
            note.accept("  and " + (count - known.members().size()) + " more");
        }
    }

    // ---- the others

    private void show(PresenceView now) {
        PresenceView before = view;
        view = now;
        for (PresenceMember each : now.members()) {
            if (names.isUnknown(each.getUser())) {
                names.know(each.getUser(), each.getName());
            }
        }
        if (!isTelling) {
            return;
        }
        if (now.isEnded()) {
            note.accept("who is here is not told any more");
        } else if (before != null && count(before) <= GREATEST_TOLD && count(now) <= GREATEST_TOLD) {
            changes(byUser(before.members()), byUser(now.members())).forEach(note);
        } else if (before == null) {
            note.accept(summary(now));
        }
    }

    private String summary(PresenceView now) {
        int count = count(now);
        return count == 1 ? "1 is here; /who tells who" : count + " are here; /who tells who";
    }

    private List<String> changes(Map<Long, PresenceMember> before, Map<Long, PresenceMember> now) {
        List<String> lines = new ArrayList<>();
        before.forEach((user, member) -> {
            if (!now.containsKey(user)) {
                lines.add(name(member) + " has gone");
            }
        });
        now.forEach((user, member) -> {
            PresenceMember known = before.get(user);
            if (known == null) {
                lines.add(name(member) + " has come" + remark(member));
            } else if (!known.equals(member)) {
                lines.add(text(member));
            }
        });
        return lines;
    }

    private static Map<Long, PresenceMember> byUser(List<PresenceMember> members) {
        Map<Long, PresenceMember> byUser = new LinkedHashMap<>();
        members.forEach(member -> byUser.put(member.getUser(), member));
        return byUser;
    }

    private static int count(PresenceView view) {
        return view.counts().getActive()
                + view.counts().getIdle()
                + view.counts().getDoNotDisturb();
    }

    private String name(PresenceMember member) {
        return names.of(member.getUser());
    }

    private String text(PresenceMember member) {
        return name(member) + " is " + state(member.getState()) + remark(member);
    }

    private static String remark(PresenceMember member) {
        return member.getStatus().isEmpty() ? "" : ": " + VisibleText.line(member.getStatus());
    }

    private static String state(PresenceState state) {
        return switch (state) {
            case PRESENCE_STATE_ACTIVE -> "here";
            case PRESENCE_STATE_IDLE -> "idle";
            case PRESENCE_STATE_DO_NOT_DISTURB -> "not to be disturbed";
            default -> "not here";
        };
    }
}

package io.freshet.examples.chat;

import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FreshetException;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Why something was refused, in words for whoever asked for it. */
final class Refusal {
    private Refusal() {}

    /**
     * One line.
     *
     * @param others says what to tell people of other failures
     */
    static String line(Throwable failure, Function<Throwable, String> others) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        String known = cause instanceof FreshetException refused ? words(refused.code()) : null;
        return "refused: " + (known == null ? VisibleText.line(others.apply(failure)) : known);
    }

    private static @Nullable String words(ErrorCode code) {
        return switch (code) {
            case NO_SUCH_POST -> "there is no such message";
            case POST_DELETED -> "that message was deleted";
            case FORBIDDEN -> "you may not do that here";
            case ALREADY_SO -> "it is so already";
            case TOO_MANY -> "there are as many of these as there can be";
            case MENTION_REFUSED ->
                "somebody whom you mention may not see this channel, or you may not mention everyone";
            case CHANNEL_ARCHIVED -> "this channel is archived; it can only be read";
            default -> null;
        };
    }
}

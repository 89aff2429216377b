package io.freshet.examples.chat;

import java.util.List;
import java.util.function.LongFunction;
import java.util.stream.Collectors;

/** Who is writing, in words. */
final class TypingLine {
    private static final int NAMED_COUNT = 3;

    private TypingLine() {}

    /**
     * A line such as "ann and bob are writing…"; empty when nobody is.
     *
     * @param users some of those who are writing
     * @param userCount how many they are
     */
    static String of(List<Long> users, int userCount, LongFunction<String> names) {
        if (userCount <= 0) {
            return "";
        }
        int namedCount = Math.min(NAMED_COUNT, users.size());
        if (namedCount == 0) {
            return userCount == 1 ? "somebody is writing…" : userCount + " people are writing…";
        }
        String named = users.stream().limit(namedCount).map(names::apply).collect(Collectors.joining(", "));
        int otherCount = userCount - namedCount;
        if (otherCount > 0) {
            return named + " and " + otherCount + (otherCount == 1 ? " other" : " others") + " are writing…";
        }
        int last = named.lastIndexOf(", ");
        return last < 0
                ? named + " is writing…"
                : named.substring(0, last) + " and " + named.substring(last + 2) + " are writing…";
    }
}

package io.freshet.examples.chat;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Whom a text mentions: each {@code @name} in it, where what follows the name, such as a full stop, may stand next to it.
 *
 * @param users ids of those who are known by such a name
 * @param unknown names that nobody has, as they stand in the text
 */
record Mentions(Set<Long> users, boolean isEveryone, List<String> unknown) {
    private static final Pattern MENTION = Pattern.compile("(?<![\\w@])@([^\\s@,:;!?]+)");
    private static final String EVERYONE = "everyone";

    /** @param names gives the id of whoever is called so */
    static Mentions of(String text, Function<String, @Nullable Long> names) {
        Set<Long> users = new LinkedHashSet<>();
        List<String> unknown = new ArrayList<>();
        boolean isEveryone = false;
        Matcher mentions = MENTION.matcher(text);
        while (mentions.find()) {
            String word = mentions.group(1);
            String name = longestName(word, names);
            Long user = names.apply(name);
            if (name.equals(EVERYONE)) {
                isEveryone = true;
            } else if (user != null) {
                users.add(user);
            } else {
                unknown.add(word);
            }
        }
        return new Mentions(users, isEveryone, unknown);
    }

    /**
     * The text with each mention of somebody who is known as {@code shown} makes it.
     *
     * @param shown given the id and the mention as it stands in the text
     */
    static String mark(String text, Function<String, @Nullable Long> names, BiFunction<Long, String, String> shown) {
        return MENTION.matcher(text).replaceAll(found -> {
            String word = found.group(1);
            String name = longestName(word, names);
            Long user = names.apply(name);
            return Matcher.quoteReplacement(
                    user == null ? found.group() : shown.apply(user, "@" + name) + word.substring(name.length()));
        });
    }

    /** The longest beginning of a word that is a name and does not end within another; the word itself when there is none. */
    private static String longestName(String word, Function<String, @Nullable Long> names) {
        for (int end = word.length(); end > 0; end--) {
            String name = word.substring(0, end);
            boolean isWhole = end == word.length() || !isOfName(word.codePointAt(end));
            if (isWhole && (name.equals(EVERYONE) || names.apply(name) != null)) {
                return name;
            }
        }
        return word;
    }

    private static boolean isOfName(int codePoint) {
        return Character.isLetterOrDigit(codePoint) || codePoint == '_';
    }
}

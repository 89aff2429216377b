package io.freshet.examples.chat;

import io.freshet.client.chat.ChatMessage;
import io.freshet.protocol.v1.Extension;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Who is called what. A record carries its sender's id and no name, so that each message says how its author wants to be called, in an
 * extension. Anybody may say anything: when two want the same name, the one seen later is shown with as much of its id as tells them apart.
 * Nobody can choose a name that ends like that. Any thread.
 */
public final class Nicknames {
    /** Type of the extension that carries a name; its data is the name in UTF-8. */
    public static final String EXTENSION = "freshet.chat/nick";

    private static final int MAX_LENGTH = 32;
    private static final int MAX_COUNT = 10_000;
    private static final String ANYBODY = "?";
    private static final int MARK_DIGITS = 4;
    private static final int ID_DIGITS = 16;
    private static final Pattern MARKED = Pattern.compile(".*~[0-9a-fA-F]{4,16}");

    private final Map<Long, String> names = new HashMap<>();
    private final Map<String, Long> users = new TreeMap<>();
    /** Whose names stay when there are too many. */
    private final Set<Long> known = new HashSet<>();

    /** Somebody whose name is known without being said: the user, and the application with id 0. */
    public synchronized void know(long user, String name) {
        known.add(user);
        take(user, shown(name));
    }

    /** Takes over what a message says about its author. */
    public synchronized void learn(ChatMessage message) {
        Extension extension = message.content().getExtension();
        if (extension.getType().equals(EXTENSION)) {
            String name = shown(extension.getData().toStringUtf8());
            boolean isFree = !name.isEmpty() && !MARKED.matcher(name).matches();
            if (isFree && !names.containsKey(message.sender())) {
                take(message.sender(), name);
            }
        }
    }

    private void take(long user, String name) {
        if (names.size() >= MAX_COUNT) {
            names.keySet().retainAll(known);
            users.values().retainAll(known);
        }
        String free = name;
        for (int digits = MARK_DIGITS; users.getOrDefault(free, user) != user; digits += MARK_DIGITS) {
            free = name + marks(user, digits);
        }
        names.put(user, free);
        users.put(free, user);
    }

    private static String shown(String name) {
        String visible = VisibleText.line(name.strip()).replaceAll("\\s", "_");
        return visible.codePointCount(0, visible.length()) <= MAX_LENGTH
                ? visible
                : visible.substring(0, visible.offsetByCodePoints(0, MAX_LENGTH));
    }

    /** As much of an id as tells a name apart: with more digits than it has, the whole of it again and again. */
    private static String marks(long user, int digits) {
        return digits <= ID_DIGITS
                ? mark(user, digits)
                : mark(user, ID_DIGITS).repeat(1 + (digits - ID_DIGITS) / MARK_DIGITS);
    }

    /** The last digits of an id. */
    private static String mark(long user, int digits) {
        String all = String.format("%016x", user);
        return "~" + all.substring(ID_DIGITS - digits);
    }

    /** What this user is called; never empty. */
    public synchronized String of(long user) {
        String name = names.get(user);
        return name == null ? ANYBODY + mark(user, MARK_DIGITS) : name;
    }

    /** Whether nothing is known of what this user is called. */
    public synchronized boolean isUnknown(long user) {
        return !names.containsKey(user);
    }

    /** Who is called so; null when nobody is. */
    public synchronized @Nullable Long user(String name) {
        return users.get(name);
    }

    /** All names, in their order. */
    public synchronized List<String> all() {
        return new ArrayList<>(users.keySet());
    }
}

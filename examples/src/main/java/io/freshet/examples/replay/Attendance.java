package io.freshet.examples.replay;

import io.freshet.examples.input.IrcLine;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Who is in a channel, as its log tells: whoever has come or has spoken, and has not gone. What a log does not tell, such as that somebody's connection broke, is not known.
 * On the player's thread.
 */
final class Attendance {
    private static final Pattern MOVE = Pattern.compile("^=== (\\S+) (?:\\[[^]]*] )? ?has (joined|left|quit)\\b.*");
    private static final Pattern RENAME = Pattern.compile("^=== (\\S+) is now known as (\\S+)");

    private final Set<String> present = new HashSet<>();

    /** Has whoever comes, goes or speaks in a line do so. */
    void hear(Speakers speakers, String channelName, IrcLine line) {
        if (!line.speaker().equals(IrcLine.SYSTEM)) {
            come(speakers, channelName, line.speaker());
            return;
        }
        Matcher move = MOVE.matcher(line.text());
        Matcher rename = RENAME.matcher(line.text());
        if (rename.find()) {
            go(speakers, channelName, rename.group(1));
            come(speakers, channelName, rename.group(2));
        } else if (move.find() && move.group(2).equals("joined")) {
            come(speakers, channelName, move.group(1));
        } else if (move.matches()) {
            go(speakers, channelName, move.group(1));
        }
    }

    private void come(Speakers speakers, String channelName, String nick) {
        if (present.add(nick)) {
            speakers.come(nick, channelName);
        }
    }

    private void go(Speakers speakers, String channelName, String nick) {
        if (present.remove(nick)) {
            speakers.go(nick, channelName);
        }
    }
}

package io.freshet.examples.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.freshet.client.chat.ChatMessage;
import io.freshet.client.chat.ReactionCount;
import io.freshet.protocol.v1.Content;
import io.freshet.protocol.v1.Extension;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

final class ChatScreenTest {
    private final Nicknames names = new Nicknames();
    private final List<String> lines = new ArrayList<>();
    private final ChatScreen screen = new ChatScreen(names, lines::add, false, ZoneOffset.UTC);

    private static Content content(String nick, String text) {
        return Content.newBuilder()
                .setText(text)
                .setExtension(
                        Extension.newBuilder().setType(Nicknames.EXTENSION).setData(ByteString.copyFromUtf8(nick)))
                .build();
    }

    private static ChatMessage message(long sequence, long sender, Content content) {
        return new ChatMessage(sequence, sender, 50_580_000_000L, content, 0, false, false, false, new TreeMap<>());
    }

    @Test
    void shouldShowWhoSaidWhatWhenAndWhatItAnswers() {
        ChatMessage question = message(1, 7, content("ann", "who is there?"));
        screen.onHistory(List.of(question));
        screen.show(7, sequence -> sequence == 1 ? question : null);
        screen.onMessage(message(
                2, 8, content("bob", "me\nand me").toBuilder().setReplyTo(1).build()));

        assertEquals("14:03 #1 ann: who is there?", lines.get(0));
        assertEquals("      ┌ #1 ann “who is there?”\n14:03 #2 bob: me\n      and me", lines.get(1));
    }

    @Test
    void shouldShowWhatBecameOfAMessage() {
        TreeMap<String, ReactionCount> reactions = new TreeMap<>();
        reactions.put("👍", new ReactionCount(2, true));
        screen.print(new ChatMessage(1, 7, 0, content("ann", "hi"), 5, false, false, true, reactions));
        screen.print(new ChatMessage(2, 7, 0, Content.getDefaultInstance(), 0, true, false, false, new TreeMap<>()));
        names.know(7, "ann");
        screen.onReaction(message(1, 7, content("ann", "hi")), "👍", 7, true);

        assertEquals("00:00 #1 ?~0007: hi (edited) (pinned)\n      👍 2*", lines.get(0));
        assertEquals("00:00 #2 ?~0007: (deleted)", lines.get(1));
        assertEquals("      · ann reacted 👍 to #1 “hi”", lines.get(2));
    }

    @Test
    void shouldExecuteNothingThatOthersWrote() {
        String hostile = "\u001b]0;owned\u0007\u001b[2J\r";
        screen.onHistory(List.of(message(1, 7, content(hostile, hostile))));
        screen.onReaction(message(1, 7, content(hostile, hostile)), hostile, 7, true);
        screen.onPin(message(1, 7, content(hostile, hostile)), 7, true);

        assertEquals(3, lines.size());
        assertTrue(lines.stream().flatMapToInt(String::codePoints).noneMatch(Character::isISOControl), lines::toString);
    }

    @Test
    void shouldTellApartWhoSayTheyAreTheSame() {
        screen.onMessage(message(1, 7, content("ann", "I am ann")));
        screen.onMessage(message(2, 8, content("ann", "so am I")));
        screen.onMessage(message(3, 8, content("bob", "or bob")));

        assertTrue(lines.get(0).contains(" ann: "));
        assertTrue(lines.get(1).contains(" ann~0008: "));
        assertTrue(lines.get(2).contains(" ann~0008: "));
        assertEquals(7L, names.user("ann"));
        assertFalse(lines.get(1).contains(" ann: "));
    }
}

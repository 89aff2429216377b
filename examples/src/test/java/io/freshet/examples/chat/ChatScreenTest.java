package io.freshet.examples.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.freshet.client.ThreadState;
import io.freshet.client.chat.ChatMessage;
import io.freshet.client.chat.ChatThread;
import io.freshet.client.chat.MessageText;
import io.freshet.client.chat.ReactionCount;
import io.freshet.client.chat.Unread;
import io.freshet.protocol.v1.Content;
import io.freshet.protocol.v1.Extension;
import io.freshet.protocol.v1.Mention;
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
    void shouldDivideWhatIsReadFromWhatIsNotAndTellWhatWasShown() {
        List<Long> shown = new ArrayList<>();
        screen.tell(line -> {}, shown::add);
        screen.divideAt(new Unread(2, 2, 1));
        screen.onHistory(List.of(
                message(1, 7, content("ann", "a")),
                message(2, 7, content("ann", "b")),
                message(5, 8, content("bob", "c")),
                message(6, 8, content("bob", "d"))));
        screen.onMessage(message(7, 8, content("bob", "e")));
        screen.onHistory(List.of(message(6, 8, content("bob", "d"))));
        screen.divideAt(new Unread(0, 9, 0));
        screen.onHistory(List.of(message(1, 7, content("ann", "a"))));

        assertEquals("──── 2 unread, 1 mentions you ────", lines.get(2));
        assertEquals(1, lines.stream().filter(line -> line.contains("unread")).count());
        assertEquals(List.of(6L, 7L, 6L, 1L), shown);
    }

    @Test
    void shouldListThreadsAndWhatAMessageHasSaid() {
        names.know(7, "ann");
        names.know(8, "bob");
        long us = 50_580_000_000L;
        screen.onThread(3, 90, "is the river\u001b up?", 8);
        screen.print(List.of(
                new ChatThread(3, new ThreadState(90, "is the river up?", 2, 4, us, List.of(8L, 7L), 4)),
                new ChatThread(5, new ThreadState(91, "", 1, 2, us, List.of(7L), 2)),
                new ChatThread(6, new ThreadState(92, "", 0, 0, 0, List.of(), 1))));
        screen.print(List.of());
        screen.print(
                2,
                List.of(
                        new MessageText(2, 7, us, content("ann", "at six")),
                        new MessageText(9, 7, us, content("ann", "at nine\n\u001b[2J"))));
        screen.print(3, List.of(new MessageText(3, 7, us, content("ann", "as ever"))));

        assertEquals(
                List.of(
                        "      · bob started the thread of #3 “is the river␛ up?”; /thread 3 leads there",
                        "      · #3 “is the river up?”: 2 messages, the last at 1970-01-01 14:03, by bob, ann",
                        "      · #5: 1 message, the last at 1970-01-01 14:03, by ann",
                        "      · #6: nothing was said yet",
                        "      · there is no thread of the last messages; /thread N starts one",
                        "      · #2 has said",
                        "      1970-01-01 14:03 at six",
                        "      1970-01-01 14:03 at nine\n      ␛[2J",
                        "      · #3 said nothing else before",
                        "      1970-01-01 14:03 as ever"),
                lines);
    }

    @Test
    void shouldSayWhoIsWriting() {
        List<String> told = new ArrayList<>();
        screen.tell(told::add, sequence -> {});
        names.know(7, "ann");
        names.know(8, "bob");
        names.know(9, "eve");
        screen.onTyping(List.of(7L), 1);
        screen.onTyping(List.of(7L, 8L), 2);
        screen.onTyping(List.of(7L, 8L, 9L), 3);
        screen.onTyping(List.of(7L, 8L, 9L, 10L), 4);
        screen.onTyping(List.of(7L, 8L, 9L, 10L, 11L), 5);
        screen.onTyping(List.of(), 40);
        screen.onTyping(List.of(), 1);
        screen.onTyping(List.of(), 0);
        assertEquals(
                List.of(
                        "ann is writing…",
                        "ann and bob are writing…",
                        "ann, bob and eve are writing…",
                        "ann, bob, eve and 1 other are writing…",
                        "ann, bob, eve and 2 others are writing…",
                        "40 people are writing…",
                        "somebody is writing…",
                        ""),
                told);
    }

    @Test
    void shouldLetMentionsStandOut() {
        List<String> coloured = new ArrayList<>();
        ChatScreen colours = new ChatScreen(names, coloured::add, true, ZoneOffset.UTC);
        names.know(8, "bob");
        colours.show(7, sequence -> null);
        Content forMe = content("bob", "you there?").toBuilder()
                .addMentions(Mention.newBuilder().setUser(7))
                .build();
        colours.onMessage(message(1, 8, forMe));
        colours.onMessage(message(2, 8, content("bob", "hi @bob and @nobody")));

        assertTrue(coloured.get(0).endsWith("\u001b[1;33myou there?\u001b[0m"), coloured.get(0));
        String bob = Colour.ofUser(8).of("@bob");
        assertTrue(coloured.get(1).endsWith("hi " + bob + " and @nobody"), coloured.get(1));
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

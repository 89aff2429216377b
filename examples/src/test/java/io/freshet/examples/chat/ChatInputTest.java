package io.freshet.examples.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ChatInputTest {
    @Test
    void shouldSayWhatIsNoCommand() {
        assertEquals(new ChatInput.Say("hi there"), ChatInput.parse("hi there  "));
        assertEquals(new ChatInput.Say("/etc"), ChatInput.parse("//etc"));
        assertEquals(new ChatInput.Nothing(), ChatInput.parse("  "));
    }

    @Test
    void shouldReadCommands() {
        assertEquals(new ChatInput.Reply(17, "yes  of course"), ChatInput.parse("/reply #17 yes  of course"));
        assertEquals(new ChatInput.Edit(17, "no"), ChatInput.parse("/edit 17 no"));
        assertEquals(new ChatInput.React(3, "👍", true), ChatInput.parse("/react 3 👍"));
        assertEquals(new ChatInput.React(3, "👍", false), ChatInput.parse("/unreact 3 👍"));
        assertEquals(new ChatInput.On(ChatInput.Action.DELETE, 4), ChatInput.parse("/DELETE 4"));
        assertEquals(new ChatInput.On(ChatInput.Action.UNPIN, 4), ChatInput.parse(" /unpin 4 "));
        assertEquals(new ChatInput.On(ChatInput.Action.THREAD, 4), ChatInput.parse("/thread #4"));
        assertEquals(new ChatInput.On(ChatInput.Action.HISTORY, 4), ChatInput.parse("/history 4"));
        assertEquals(new ChatInput.Direct("ann"), ChatInput.parse("/dm @ann"));
        assertEquals(new ChatInput.Show(ChatInput.What.THREADS), ChatInput.parse("/threads"));
        assertEquals(new ChatInput.Show(ChatInput.What.UP), ChatInput.parse("/up"));
        assertEquals(new ChatInput.Show(ChatInput.What.QUIT), ChatInput.parse("/quit"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/nothing 1",
                "/edit",
                "/edit 1",
                "/edit one two",
                "/reply 0 x",
                "/react 5",
                "/pin -1",
                "/thread",
                "/thread x",
                "/history",
                "/dm",
                "/dm ann bob"
            })
    void shouldSayWhatIsWrong(String line) {
        assertInstanceOf(ChatInput.Wrong.class, ChatInput.parse(line));
    }

    @Test
    void shouldKnowEveryCommandOfItsHelp() {
        for (String command : ChatInput.COMMANDS) {
            assertTrue(ChatInput.HELP.stream().anyMatch(line -> line.contains(command)), "no help for " + command);
        }
    }
}

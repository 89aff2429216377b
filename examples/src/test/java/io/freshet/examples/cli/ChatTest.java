package io.freshet.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code freshet chat} as people use it: in processes of its own, through pipes and in a terminal. */
@Timeout(120)
final class ChatTest {
    @TempDir
    private Path directory;

    private List<String> say(String address, String nick, String input) throws IOException, InterruptedException {
        try (CliProcess chat = CliProcess.start(
                        directory, "chat", "--server", address, "--channel", "lobby", "--as", nick)
                .input(input)) {
            List<String> lines = chat.lines();
            chat.expectExit(0);
            assertEquals("", chat.errors());
            return lines;
        }
    }

    @Test
    void shouldTalkLineByLineWhereThereIsNoTerminal() throws IOException, InterruptedException {
        try (CliProcess server = CliProcess.serve(directory, directory.resolve("data"))) {
            String address = server.awaitAddress();
            say(address, "ann", "hello\nsecond\n");
            say(address, "ann", "/react 1 👍\n/edit 1 hello there\n/delete 2\n/pin 1\n");
            List<String> refused = say(address, "bob", "/edit 2 mine\n/nothing\n/reply 1 hi @ann\n");
            assertTrue(
                    refused.stream().anyMatch(line -> line.contains("refused: that message was deleted")),
                    refused::toString);
            assertTrue(refused.stream().anyMatch(line -> line.contains("there is no /nothing")), refused::toString);

            List<String> seen = say(address, "eve", "");
            assertTrue(
                    seen.get(0).matches("\\d\\d:\\d\\d #1 ann: hello there \\(edited\\) \\(pinned\\)"), seen::toString);
            assertEquals("      👍 1", seen.get(1));
            assertTrue(seen.get(2).endsWith("(deleted)"), seen::toString);
            assertEquals("      ┌ #1 ann “hello there”", seen.get(3));
            assertTrue(seen.get(4).endsWith(" bob: hi @ann"), seen::toString);
            assertTrue(seen.stream().noneMatch(line -> line.indexOf('\u001b') >= 0), "colours in a pipe");
        }
    }

    private static void assertShown(List<String> lines, String part) {
        assertTrue(lines.stream().anyMatch(line -> line.contains(part)), () -> part + " is not in " + lines);
    }

    /** Says this again and again until the answer has it: the server's views are a moment behind. */
    private void awaitShown(String address, String input, String part) throws IOException, InterruptedException {
        List<String> lines = say(address, "eve", input);
        for (int i = 0; i < 10 && lines.stream().noneMatch(line -> line.contains(part)); i++) {
            lines = say(address, "eve", input);
        }
        assertShown(lines, part);
    }

    @Test
    void shouldGoIntoAThreadAndBackAndTellWhatAMessageHasSaid() throws IOException, InterruptedException {
        try (CliProcess server = CliProcess.serve(directory, directory.resolve("data"))) {
            String address = server.awaitAddress();
            say(address, "ann", "is the river up?\nsee you at six\n");
            say(address, "ann", "/edit 2 see you at nine\n");
            List<String> seen = say(
                    address,
                    "bob",
                    "/up\n/thread 9\n/thread 1\nsince noon\n/thread 2\n/up\nback again\n/thread 1\nand rising\n");
            assertShown(seen, "this is the channel itself");
            assertShown(seen, "refused: there is no such message");
            assertShown(seen, "this is the thread of #1; /up leads back");
            assertShown(seen, "this is the thread of #1, where messages have none");
            assertShown(seen, "bob: back again");
            assertShown(seen, "bob: since noon");

            List<String> lobby = say(address, "eve", "");
            assertShown(lobby, "#1 ann: is the river up?");
            assertTrue(lobby.stream().noneMatch(line -> line.contains("since noon")), lobby::toString);
            List<String> thread = say(address, "eve", "/thread 1\n");
            assertShown(thread, "bob: since noon");
            assertShown(thread, "bob: and rising");
            awaitShown(address, "/threads\n", "#1 “is the river up?”: 2 messages, the last at ");
            awaitShown(address, "/history 2\n", " see you at six");
        }
    }

    @Test
    void shouldCallTheAuthorAsBeforeWhenSomebodyElseEdits() throws IOException, InterruptedException {
        try (CliProcess server = CliProcess.serve(directory, directory.resolve("data"))) {
            String address = server.awaitAddress();
            say(address, "ann", "hello\n");
            say(address, "bob", "/edit 1 hello there\nand I am bob\n");
            List<String> seen = say(address, "eve", "");
            assertShown(seen, "#1 ann: hello there (edited)");
            assertTrue(seen.get(1).endsWith(" bob: and I am bob"), seen::toString);
        }
    }

    @Test
    void shouldTalkWithSomebodyAlone() throws IOException, InterruptedException {
        try (CliProcess server = CliProcess.serve(directory, directory.resolve("data"))) {
            String address = server.awaitAddress();
            say(address, "ann", "is anybody there?\n");
            List<String> bobs = say(
                    address,
                    "bob",
                    "/dm\n/dm nobody\n/DM @ann\nfor you alone\n/thread 2\nand below it\n/up\n/up\nfor all\n/up\n");
            assertShown(bobs, "/dm needs one name, such as /dm ann");
            assertShown(bobs, "nobody here is called nobody");
            assertShown(bobs, "here you talk with ann alone; /up leads back");
            assertShown(bobs, "bob: for you alone");
            assertShown(bobs, "this is the thread of #2; /up leads back");
            assertShown(bobs, "this is the channel itself");

            List<String> anns = say(address, "ann", "/dm bob\n/thread 2\nread it\n");
            assertShown(anns, "#2 bob: for you alone");
            assertShown(anns, "bob: and below it");
            List<String> eves = say(address, "eve", "/dm bob\n");
            assertShown(eves, "bob: for all");
            assertTrue(eves.stream().noneMatch(line -> line.contains("for you alone")), eves::toString);
        }
    }

    @Test
    void shouldShowWhatIsPinnedAndWhatWasSaidLongAgo() throws IOException, InterruptedException {
        try (CliProcess server = CliProcess.serve(directory, directory.resolve("data"))) {
            String address = server.awaitAddress();
            assertShown(say(address, "ann", "/pins\n/show 1\nthe first\n"), "nothing is pinned");
            say(address, "ann", "/pin 1\n" + "more\n".repeat(250));
            awaitShown(address, "/pins\n", "#1 ann: the first (pinned)");
            List<String> shown = say(address, "eve", "/show 1\n/show 2\n/show 9223372036854775807\n");
            assertShown(shown, "#1 ann: the first (pinned)");
            assertShown(shown, "there is no message #2");
            assertShown(shown, "there is no message #9223372036854775807");
        }
    }

    @Test
    void shouldSetWhatTheUserHearsOf() throws IOException, InterruptedException {
        try (CliProcess server = CliProcess.serve(directory, directory.resolve("data"))) {
            String address = server.awaitAddress();
            List<String> told = say(
                    address, "ann", "one\n/mute 2h\n/mute 15m\n/notify\n/notify mentions\n/mute\n/unmute\n/mutes\n");
            assertShown(told, "/mute takes 15m, 30m or 1h, or nothing");
            assertShown(told, "you hear of here again in 15m, and when you are mentioned");
            assertShown(told, "/notify takes all, mentions or nothing");
            assertShown(told, "of what is said here you hear of: mentions");
            assertShown(told, "you hear of here again after /unmute");
            assertShown(told, "nothing is muted here");
            assertShown(told, "there is no /mutes");
            say(address, "ann", "more\n".repeat(250));
            assertShown(say(address, "bob", "/react 1 👍\n"), "#1 has your 👍");
            assertShown(say(address, "bob", "/unreact 1 👍\n"), "#1 has your 👍 no more");
        }
    }

    @Test
    void shouldTellALogWithItsRepliesAndMentions() throws IOException, InterruptedException {
        Path log = directory.resolve("river.raw.txt");
        Files.writeString(log, """
                [10:00] <ann> is the river up?
                === eve has joined #river
                [10:01] <bob> since noon
                [10:01] <eve> ann: and rising
                [10:02] * ann fetches the boat
                """);
        Files.writeString(directory.resolve("river.annotation.txt"), "0 0 -\n0 2 -\n2 3 -\n");
        try (CliProcess server = CliProcess.serve(directory, directory.resolve("data"))) {
            String address = server.awaitAddress();
            try (CliProcess replay = CliProcess.start(
                    directory,
                    "replay",
                    "--server",
                    address,
                    "--posts",
                    "--channel",
                    "lobby",
                    "--input",
                    log.toString())) {
                replay.expectExit(0);
            }
            List<String> seen = say(address, "ann", "");
            assertEquals(
                    List.of(
                            "#1 ann: is the river up?",
                            "#2 ===: === eve has joined #river",
                            "      ┌ #1 ann “is the river up?”",
                            "#3 bob: since noon",
                            "      ┌ #3 bob “since noon”",
                            "#4 eve: ann: and rising",
                            "#5 ann: * ann fetches the boat"),
                    seen.stream()
                            .map(line -> line.replaceFirst("^\\d\\d:\\d\\d ", ""))
                            .toList());
            List<String> here = say(address, "ann", "/who\n");
            for (String each : List.of("ann", "bob", "eve")) {
                assertTrue(here.stream().anyMatch(line -> line.endsWith(" " + each + " is here")), here::toString);
            }
        }
    }

    /** Somebody else writes in a terminal, and says it. */
    private void seeWritingAndRead(TmuxScreen screen, String address) throws IOException, InterruptedException {
        Path other = Files.createDirectory(directory.resolve("other"));
        try (TmuxScreen bob =
                TmuxScreen.start(other, "chat", "--server", address, "--channel", "lobby", "--as", "bob")) {
            bob.awaitText("ann: half a line");
            bob.type("/no command is told");
            bob.press("C-u");
            bob.type("wait");
            screen.awaitText("bob is writing…");
            bob.press("Enter");
            screen.awaitText("bob: wait");
            screen.awaitNoText("is writing…");
            bob.press("C-d");
            bob.awaitEnd();
        }
    }

    @Test
    void shouldNameALineOfALogThatWasRefusedAmongOthersOfItsSpeaker() throws IOException, InterruptedException {
        Path log = directory.resolve("long.raw.txt");
        Files.writeString(log, "[10:00] <ann> first\n[10:00] <ann> " + "x".repeat(40_000) + "\n[10:00] <ann> last\n");
        try (CliProcess server = CliProcess.serve(directory, directory.resolve("data"))) {
            String address = server.awaitAddress();
            try (CliProcess replay = CliProcess.start(
                    directory,
                    "replay",
                    "--server",
                    address,
                    "--posts",
                    "--channel",
                    "lobby",
                    "--input",
                    log.toString())) {
                replay.expectExit(1);
                assertTrue(replay.errors().contains("line 2 was not acknowledged"), replay.errors());
            }
        }
    }

    @Test
    void shouldTellWhoComesAndGoesAndHowTheyAre() throws IOException, InterruptedException {
        assumeTrue(hasTmux(), "there is no tmux to make a terminal with");
        try (CliProcess server = CliProcess.serve(directory, directory.resolve("data"))) {
            String address = server.awaitAddress();
            try (TmuxScreen screen =
                    TmuxScreen.start(directory, "chat", "--server", address, "--channel", "lobby", "--as", "ann")) {
                screen.awaitText("1 is here");
                List<String> said = say(address, "bob", "/status by the river\n/dnd\n");
                assertTrue(said.stream().anyMatch(line -> line.endsWith("your status: by the river")), said::toString);
                screen.awaitText("by the river");
                screen.awaitText("bob");
                say(address, "bob", "/invisible\n");
                screen.awaitText("bob has gone");
                enter(screen, "/away");
                screen.awaitText("you are idle");
                screen.awaitText("ann is idle");
                enter(screen, "/status " + "x".repeat(200));
                screen.awaitText("a status is at most 128 bytes");
                screen.awaitText("ann is here");
                enter(screen, "/who");
                screen.awaitText("1 is here:");
                enter(screen, "/quit");
                screen.awaitEnd();
            }
        }
    }

    private static void enter(TmuxScreen screen, String line) throws IOException, InterruptedException {
        screen.type(line);
        screen.press("Enter");
    }

    private static boolean hasTmux() {
        return Stream.of("/usr/bin/tmux", "/bin/tmux", "/usr/local/bin/tmux")
                .anyMatch(each -> Path.of(each).toFile().canExecute());
    }

    @Test
    void shouldShowWhatOthersSayAboveTheLineThatIsTyped() throws IOException, InterruptedException {
        assumeTrue(hasTmux(), "there is no tmux to make a terminal with");
        try (CliProcess server = CliProcess.serve(directory, directory.resolve("data"))) {
            String address = server.awaitAddress();
            say(address, "bob", "I was here first\n");
            try (TmuxScreen screen =
                    TmuxScreen.start(directory, "chat", "--server", address, "--channel", "lobby", "--as", "ann")) {
                screen.awaitText("bob: I was here first");
                screen.type("half a line");
                screen.awaitText("> half a line");
                say(address, "bob", "hello @ann \u001b[2J\u001b]0;owned\u0007\n");
                screen.awaitText("bob: hello @ann ␛[2J␛]0;owned␇");
                screen.awaitText("> half a line");
                screen.press("Enter");
                screen.awaitText("ann: half a line");
                seeWritingAndRead(screen, address);
                screen.type("/re");
                screen.press("Tab");
                screen.awaitText("/reply");
                screen.press("C-u");
                screen.type("@b");
                screen.press("Tab");
                screen.awaitText("> @bob");
                screen.press("C-u");
                screen.type("/quit");
                screen.press("Enter");
                screen.awaitEnd();
            }
            say(address, "bob", "news for @ann\n");
            try (TmuxScreen screen =
                    TmuxScreen.start(directory, "chat", "--server", address, "--channel", "lobby", "--as", "ann")) {
                screen.awaitText("──── 1 unread, 1 mentions you ────");
                screen.type("/quit");
                screen.press("Enter");
                screen.awaitEnd();
            }
            List<String> seen = say(address, "eve", "");
            assertTrue(seen.stream().anyMatch(line -> line.endsWith(" ann: half a line")), seen::toString);
            assertFalse(seen.isEmpty());
        }
    }
}

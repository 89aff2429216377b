package io.freshet.examples.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.freshet.client.chat.ChatMessage;
import io.freshet.protocol.v1.Content;
import io.freshet.protocol.v1.Extension;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

final class NicknamesTest {
    private final Nicknames names = new Nicknames();

    private void says(long sender, String nick) {
        Extension extension = Extension.newBuilder()
                .setType(Nicknames.EXTENSION)
                .setData(ByteString.copyFromUtf8(nick))
                .build();
        names.learn(new ChatMessage(
                1,
                sender,
                0,
                Content.newBuilder().setExtension(extension).build(),
                0,
                false,
                false,
                false,
                new TreeMap<>()));
    }

    @Test
    void shouldGiveEverybodyANameOfTheirOwn() {
        long[] users = {0x1_0007, 0x2_0007, 0x3_0007, 7};
        for (long user : users) {
            says(user, "ann");
        }
        assertEquals("ann", names.of(users[0]));
        assertEquals("ann~0007", names.of(users[1]));
        assertEquals("ann~00030007", names.of(users[2]));
        assertEquals("ann~00000007", names.of(users[3]));
        for (long user : users) {
            assertEquals(user, names.user(names.of(user)));
        }
    }

    @Test
    void shouldLetNobodyChooseANameThatLooksLikeOneOfTwo() {
        says(1, "bob~0002");
        assertEquals("?~0001", names.of(1));
        says(1, "bob~x");
        assertEquals("bob~x", names.of(1));
    }

    @Test
    void shouldKeepTheNamesThatWereKnownWhenThereAreTooMany() {
        names.know(0, "(server)");
        names.know(1, "ann");
        for (int user = 2; user < 20_005; user++) {
            says(user, "user-" + user);
        }
        assertEquals("ann", names.of(1));
        assertEquals(1, names.user("ann"));
        assertEquals("(server)", names.of(0));
        assertNull(names.user("user-2"));
        assertTrue(names.all().size() <= 10_000);
    }

    @Test
    void shouldFindWhoIsMentionedNextToPunctuation() {
        names.know(1, "bob");
        names.know(2, "bob.b");
        names.know(3, "bo");
        Mentions mentions = Mentions.of("@bob. (@bob) and @bob.b.. @everyone. a@bo.org @bobby @bo's", names::user);
        assertEquals(Set.of(1L, 2L, 3L), mentions.users());
        assertTrue(mentions.isEveryone());
        assertEquals(List.of("bobby"), mentions.unknown());
        assertFalse(Mentions.of("@bob", names::user).isEveryone());
    }
}

package io.freshet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.freshet.client.ClientConfig;
import io.freshet.client.FreshetClient;
import io.freshet.client.InboxListener;
import io.freshet.client.chat.ChatChannel;
import io.freshet.client.chat.Draft;
import io.freshet.protocol.v1.Notice;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who hears of a role that is mentioned, over sockets: the application says who has it. */
@Timeout(120)
class RoleMentionTest {
    private static final long ANN = 7;
    private static final long BOB = 8;
    private static final long EVE = 9;
    private static final long PILOTS = 5;
    /** A role about which the application fails. */
    private static final long BROKEN = 6;

    private static final String HARBOUR = "harbour";

    @TempDir
    private Path directory;

    private final BlockingQueue<Notice> bobs = new LinkedBlockingQueue<>();
    private final BlockingQueue<Notice> eves = new LinkedBlockingQueue<>();
    private FreshetEngine engine;
    private FreshetClient ann;
    private FreshetClient bob;
    private FreshetClient eve;

    /** Eve has the role, and may not see the harbour; only Ann may mention it. */
    private static final class Policy implements AccessPolicy {
        @Override
        public Access access(Principal principal, String channel, boolean exists) {
            return accessOf(principal.id(), channel);
        }

        @Override
        public Access accessOf(long principal, String channel) {
            return principal == EVE && channel.equals(HARBOUR) ? Access.NONE : Access.ALL;
        }

        @Override
        public Collection<Long> roleMembers(long role, long author, String channel) {
            if (role == BROKEN) {
                throw new IllegalStateException("the application's store is down");
            }
            return role == PILOTS && author == ANN ? List.of(ANN, BOB, EVE) : List.of();
        }
    }

    @BeforeEach
    void start() {
        engine = FreshetEngine.start(EngineConfig.builder()
                .dataDirectory(directory.resolve("data"))
                .listen(Endpoint.tcp(0))
                .authenticator(Authenticator.staticTokens(Map.of(
                        "ann, who is known here", new Principal(ANN, "ann"),
                        "bob, who is known here", new Principal(BOB, "bob"),
                        "eve, who is known here", new Principal(EVE, "eve"))))
                .accessPolicy(new Policy())
                .build());
        ann = client("ann");
        bob = following("bob", bobs);
        eve = following("eve", eves);
    }

    @AfterEach
    void close() {
        ann.close();
        bob.close();
        eve.close();
        engine.close();
    }

    private FreshetClient client(String name) {
        return FreshetClient.connect(ClientConfig.builder()
                .server("127.0.0.1", engine.addresses().get(0).getPort())
                .token(name + ", who is known here")
                .build());
    }

    private FreshetClient following(String name, BlockingQueue<Notice> heard) {
        FreshetClient client = client(name);
        InboxListener listener = new InboxListener() {
            @Override
            public void onNotice(long sequence, Notice notice) {
                heard.add(notice);
            }
        };
        client.inbox().follow(listener).toCompletableFuture().join();
        return client;
    }

    private static long send(ChatChannel channel, Draft draft) {
        return channel.send(draft).toCompletableFuture().join().sequence();
    }

    private static void assertHeard(BlockingQueue<Notice> heard, Notice.Reason reason, long sequence)
            throws InterruptedException {
        Notice notice = heard.poll(20, TimeUnit.SECONDS);
        assertNotNull(notice);
        assertEquals(reason, notice.getReason());
        assertEquals(sequence, notice.getSequence());
    }

    @Test
    void shouldTellThoseOfARoleWhoMaySeeTheChannel() throws InterruptedException {
        ChatChannel harbour = ann.chat(HARBOUR);
        long atHarbour = send(harbour, Draft.of("the tide is in").mentionRole(PILOTS));
        assertHeard(bobs, Notice.Reason.REASON_ROLE, atHarbour);

        ChatChannel lobby = ann.chat("lobby");
        long first = send(lobby, Draft.of("pilots!").mentionRole(PILOTS));
        assertHeard(bobs, Notice.Reason.REASON_ROLE, first);
        assertHeard(eves, Notice.Reason.REASON_ROLE, first); // and nothing of the harbour before

        ChatChannel thread =
                lobby.startThread(first, "who").toCompletableFuture().join();
        long inThread = send(thread, Draft.of("you").mentionRole(PILOTS));
        assertHeard(bobs, Notice.Reason.REASON_ROLE, inThread);
        assertHeard(eves, Notice.Reason.REASON_ROLE, inThread);
    }

    @Test
    void shouldTellNobodyOfARoleThatIsNoneOrNotToBeMentionedOrUnknown() throws InterruptedException {
        ChatChannel lobby = ann.chat("lobby");
        send(lobby, Draft.of("nobody is that").mentionRole(99));
        send(bob.chat("lobby"), Draft.of("bob may not").mentionRole(PILOTS));
        long broken = send(lobby, Draft.of("eve, or who").mentionRole(BROKEN).mention(EVE));
        assertHeard(eves, Notice.Reason.REASON_MENTION, broken); // nothing holds up the rest of a post
        long after = send(lobby, Draft.of("pilots!").mentionRole(PILOTS));
        assertHeard(eves, Notice.Reason.REASON_ROLE, after);
        assertHeard(bobs, Notice.Reason.REASON_ROLE, after);
        assertNull(bobs.poll());
    }
}

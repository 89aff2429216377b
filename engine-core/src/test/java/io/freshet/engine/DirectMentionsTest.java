package io.freshet.engine;

import static io.freshet.engine.ChatTester.edit;
import static io.freshet.engine.ChatTester.text;
import static io.freshet.engine.ChatTester.user;
import static io.freshet.protocol.EventKind.EDIT;
import static io.freshet.protocol.EventKind.POST;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.freshet.log.StorageConfig;
import io.freshet.log.memory.MemoryDisk;
import io.freshet.log.memory.MemoryStorage;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.v1.ChannelAttributes;
import io.freshet.protocol.v1.ChannelKind;
import io.freshet.protocol.v1.Content;
import io.freshet.protocol.v1.ThreadParent;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whom one may mention in what has members: nobody else, even where the application would let everybody in. */
@Timeout(120)
class DirectMentionsTest {
    private static final long ANN = 1;
    private static final long BOB = 2;
    private static final long OUTSIDER = 3;
    private static final String DIRECT = "~direct/1-2";

    private static Content mention(long user) {
        return text("look").toBuilder().addMentions(user(user)).build();
    }

    private static FreshetEngine start(int reactors) {
        return FreshetEngine.start(EngineConfig.builder()
                .storage(MemoryStorage.open(new MemoryDisk(), StorageConfig.defaults()))
                .listen(Endpoint.tcp(0))
                .reactors(reactors)
                .authenticator(credentials -> {
                    String token = new String(credentials.token(), StandardCharsets.UTF_8);
                    return new Principal(Long.parseLong(token), token);
                })
                .build());
    }

    private static long make(FreshetEngine engine, String name, ChannelAttributes.Builder attributes) {
        byte[] payload = attributes
                .addMembers(ANN)
                .addMembers(BOB)
                .setReplaces(0)
                .build()
                .toByteArray();
        ChatTester.await(engine.channel(name).publish(EventKind.ATTRIBUTES.code(), payload));
        return ChatTester.await(engine.channel(name).open()).id();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void shouldRefuseAMentionOfWhoIsNoMember(int reactors) {
        try (FreshetEngine engine = start(reactors);
                ChatTester ann = new ChatTester(engine, ANN)) {
            long id = make(engine, DIRECT, ChannelAttributes.newBuilder().setKind(ChannelKind.CHANNEL_KIND_DIRECT));
            long post = ann.keeps(DIRECT, POST, mention(BOB));
            ann.isRefused(ErrorCode.MENTION_REFUSED, DIRECT, POST, mention(OUTSIDER));
            ann.isRefused(ErrorCode.MENTION_REFUSED, DIRECT, EDIT, edit(post, mention(OUTSIDER)));
            assertEquals(post + 1, ann.keeps(DIRECT, EDIT, edit(post, mention(BOB))));

            String thread = "~thread/" + id + "/" + post;
            make(
                    engine,
                    thread,
                    ChannelAttributes.newBuilder()
                            .setKind(ChannelKind.CHANNEL_KIND_THREAD)
                            .setParent(ThreadParent.newBuilder().setChannel(id).setPost(post)));
            ann.isRefused(ErrorCode.MENTION_REFUSED, thread, POST, mention(OUTSIDER));
            assertEquals(2, ann.keeps(thread, POST, mention(BOB)));
        }
    }

    @Test
    void shouldLetEverybodyBeMentionedWhereThereAreNoMembers() {
        try (FreshetEngine engine = start(1);
                ChatTester ann = new ChatTester(engine, ANN)) {
            assertEquals(1, ann.keeps("room", POST, mention(OUTSIDER)));
        }
    }
}

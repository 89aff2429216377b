package io.freshet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.MessageLite;
import io.freshet.client.Channel;
import io.freshet.client.ClientConfig;
import io.freshet.client.FreshetClient;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.FreshetException;
import io.freshet.protocol.v1.Content;
import io.freshet.protocol.v1.Deletion;
import io.freshet.protocol.v1.Edit;
import io.freshet.protocol.v1.Mention;
import io.freshet.protocol.v1.Pin;
import io.freshet.protocol.v1.Reaction;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/** Somebody who talks over a real socket and hears what comes of it. The token is the number of the principal. */
final class ChatTester implements AutoCloseable {
    private final FreshetClient client;

    ChatTester(FreshetEngine engine, long principal) {
        client = FreshetClient.connect(ClientConfig.builder()
                .server("127.0.0.1", engine.addresses().get(0).getPort())
                .token(Long.toString(principal))
                .build());
    }

    static <T> T await(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(60, TimeUnit.SECONDS).join();
    }

    static Content text(String text) {
        return Content.newBuilder().setText(text).build();
    }

    static Mention user(long id) {
        return Mention.newBuilder().setUser(id).build();
    }

    static Mention everyone() {
        return Mention.newBuilder()
                .setEveryone(Mention.Everyone.getDefaultInstance())
                .build();
    }

    static Edit edit(long target, Content content) {
        return Edit.newBuilder().setTarget(target).setContent(content).build();
    }

    static Deletion deletion(long target) {
        return Deletion.newBuilder().setTarget(target).build();
    }

    static Reaction reaction(long target, String reaction) {
        return Reaction.newBuilder().setTarget(target).setReaction(reaction).build();
    }

    static Pin pin(long target) {
        return Pin.newBuilder().setTarget(target).build();
    }

    Channel channel(String name) {
        return client.channel(name);
    }

    CompletionStage<Long> say(String channel, EventKind kind, MessageLite payload) {
        return channel(channel).publish(kind.code(), payload.toByteArray()).thenApply(receipt -> receipt.sequence());
    }

    /** The sequence under which it is kept. */
    long keeps(String channel, EventKind kind, MessageLite payload) {
        return await(say(channel, kind, payload));
    }

    void isRefused(ErrorCode code, String channel, EventKind kind, MessageLite payload) {
        isRefused(code, channel, kind.code(), payload.toByteArray());
    }

    void isRefused(ErrorCode code, String channel, int kind, byte[] payload) {
        CompletionException failure = assertThrows(
                CompletionException.class, () -> await(channel(channel).publish(kind, payload)));
        assertEquals(
                code,
                assertInstanceOf(FreshetException.class, failure.getCause()).code());
    }

    @Override
    public void close() {
        client.close();
    }
}

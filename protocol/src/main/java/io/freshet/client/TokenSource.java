package io.freshet.client;

import java.util.concurrent.CompletionStage;

/**
 * Gives a client its tokens: one for each connection, and a newer one before the last one expires. Asked on the client's thread, where it must not
 * block; the stage may complete on any thread.
 */
@FunctionalInterface
public interface TokenSource {
    /** A token that is good from now on. A stage that fails lets the attempt to connect or to renew fail. */
    CompletionStage<byte[]> token();
}

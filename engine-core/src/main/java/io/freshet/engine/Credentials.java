package io.freshet.engine;

import java.net.InetAddress;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** What a client has shown of itself. The token is secret: it appears in no text of this class. */
public final class Credentials {
    private final byte[] token;
    private final String remoteAddress;
    private final @Nullable InetAddress address;

    /**
     * Keeps a copy of the token.
     *
     * @param remoteAddress address and port, for people
     * @param address the same for programs; null when it is not known
     */
    public Credentials(byte[] token, String remoteAddress, @Nullable InetAddress address) {
        this.token = token.clone();
        this.remoteAddress = remoteAddress;
        this.address = address;
    }

    /** A copy of the token's bytes as the client sent them. */
    public byte[] token() {
        return Arrays.copyOf(token, token.length);
    }

    /** Where the client is, with its port, for people; behind a trusted proxy what that has said. */
    public String remoteAddress() {
        return remoteAddress;
    }

    /** Where the client is; null when that is not known. */
    public @Nullable InetAddress address() {
        return address;
    }

    @Override
    public String toString() {
        return "credentials of " + remoteAddress;
    }
}

package io.freshet.engine;

import java.util.Arrays;

/** What a client has shown of itself. The token is secret: it appears in no text of this class. */
public final class Credentials {
    private final byte[] token;
    private final String remoteAddress;

    /** Keeps a copy of the token. */
    public Credentials(byte[] token, String remoteAddress) {
        this.token = token.clone();
        this.remoteAddress = remoteAddress;
    }

    /** A copy of the token's bytes as the client sent them. */
    public byte[] token() {
        return Arrays.copyOf(token, token.length);
    }

    public String remoteAddress() {
        return remoteAddress;
    }

    @Override
    public String toString() {
        return "credentials of " + remoteAddress;
    }
}

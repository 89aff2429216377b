package io.freshet.engine;

import java.nio.charset.StandardCharsets;

/** Takes everybody's word. */
final class AnonymousAuthenticator implements Authenticator {
    @Override
    public Principal authenticate(Credentials credentials) {
        String name = new String(credentials.token(), StandardCharsets.UTF_8);
        return name.isEmpty() ? new Principal(1, "anonymous") : new Principal(idOf(name), name);
    }

    private static long idOf(String name) {
        long hash = 0xCBF29CE484222325L; // FNV-1a, 64 bits
        for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (b & 0xFF)) * 0x100000001B3L;
        }
        return hash == 0 ? 1 : hash;
    }

    @Override
    public boolean isForDevelopment() {
        return true;
    }
}

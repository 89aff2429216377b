package io.freshet.engine.room;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.freshet.engine.IceServers;
import io.freshet.protocol.v1.IceServer;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Makes the names and passwords of TURN servers, by draft-uberti-behave-turn-rest-00, section 2.2: the name is the second of
 * 1970 in which it ends to be good, a colon and the user; the password is the HMAC-SHA1 of the name, in base64. Nothing is kept:
 * the TURN server reckons the same. Immutable.
 */
final class IceCredentials {
    private static final String ALGORITHM = "HmacSHA1";

    private final IceServers servers;
    private final SecretKeySpec key;

    IceCredentials(IceServers servers) {
        this.servers = servers;
        byte[] secret = servers.secret().getBytes(UTF_8);
        key = new SecretKeySpec(secret.length == 0 ? new byte[1] : secret, ALGORITHM);
    }

    /** What this principal is told at this time of the epoch. */
    List<IceServer> give(long principal, long nowMs) {
        List<IceServer> given = new ArrayList<>();
        if (!servers.stun().isEmpty()) {
            given.add(IceServer.newBuilder().addAllUrls(servers.stun()).build());
        }
        if (!servers.turn().isEmpty()) {
            long lifetimeMs = servers.lifetime().toMillis();
            long endSeconds = TimeUnit.MILLISECONDS.toSeconds(nowMs + lifetimeMs);
            String name = endSeconds + ":" + Long.toUnsignedString(principal);
            given.add(IceServer.newBuilder()
                    .addAllUrls(servers.turn())
                    .setUsername(name)
                    .setCredential(password(name))
                    .setExpiresInMs(lifetimeMs)
                    .build());
        }
        return given;
    }

    private String password(String name) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            return Base64.getEncoder().encodeToString(mac.doFinal(name.getBytes(UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has " + ALGORITHM, e);
        }
    }
}

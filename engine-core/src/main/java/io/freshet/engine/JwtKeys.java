package io.freshet.engine;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import io.freshet.protocol.WholeFile;
import java.io.IOException;
import java.nio.file.Path;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys that tokens may be signed with: one secret, or the public keys of a JWK set file, which is read again when it has
 * changed; while it cannot be read, the keys of before stay. A set without a key that can be used has to be there at the start only: later it
 * means that the keys were taken back. Any thread.
 */
final class JwtKeys {
    private static final Logger LOG = LoggerFactory.getLogger(JwtKeys.class);
    private static final int MAX_FILE_LENGTH = 1 << 20;
    private static final long LOOK_INTERVAL_MS = 1000;

    private final JWSAlgorithm algorithm;
    private final @Nullable Path file;
    private final @Nullable FileWatch watch;
    private volatile List<Key> keys;
    private long lookedMs;

    /** A key, ready to verify. */
    private record Key(@Nullable String id, JWSVerifier verifier) {}

    private JwtKeys(JWSAlgorithm algorithm, @Nullable Path file, List<Key> secrets) throws IOException {
        this.algorithm = algorithm;
        this.file = file;
        watch = file == null ? null : new FileWatch(List.of(file));
        keys = file == null ? secrets : read(file, algorithm);
        if (keys.isEmpty()) {
            throw new IOException(file + " has no key for " + algorithm);
        }
    }

    static JwtKeys ofSecret(JWSAlgorithm algorithm, byte[] secret) throws IOException {
        int leastLength = Integer.parseInt(algorithm.getName().substring(2)) / Byte.SIZE; // RFC 7518, 3.2
        if (secret.length < leastLength) {
            throw new IllegalArgumentException(
                    "the secret has " + secret.length + " bytes, " + algorithm + " needs at least " + leastLength);
        }
        try {
            return new JwtKeys(algorithm, null, List.of(new Key(null, new MACVerifier(secret))));
        } catch (JOSEException e) {
            throw new IllegalStateException("a secret that is long enough", e);
        }
    }

    static JwtKeys ofFile(JWSAlgorithm algorithm, Path file) throws IOException {
        return new JwtKeys(algorithm, file, List.of());
    }

    private static List<Key> read(Path file, JWSAlgorithm algorithm) throws IOException {
        String text = WholeFile.text(file, MAX_FILE_LENGTH);
        List<Key> found = new ArrayList<>();
        try {
            for (JWK jwk : JWKSet.parse(text).getKeys()) {
                JWSVerifier verifier = isMeant(jwk, algorithm) ? verifier(jwk, algorithm, file) : null;
                if (verifier != null) {
                    found.add(new Key(jwk.getKeyID(), verifier));
                }
            }
        } catch (ParseException | IllegalArgumentException e) {
            throw new IOException(file + " is not a JWK set that can be used"); // the cause might show a key
        }
        return List.copyOf(found);
    }

    private static boolean isMeant(JWK jwk, JWSAlgorithm algorithm) {
        boolean isForSignatures = jwk.getKeyUse() == null || jwk.getKeyUse().equals(KeyUse.SIGNATURE);
        return isForSignatures
                && (jwk.getAlgorithm() == null || jwk.getAlgorithm().equals(algorithm));
    }

    /** Null for a key that is no use here; one that this JDK cannot use, as of some curves, keeps no other from being used. */
    private static @Nullable JWSVerifier verifier(JWK jwk, JWSAlgorithm algorithm, Path file) {
        try {
            return verifier(jwk, algorithm);
        } catch (JOSEException | IllegalArgumentException e) {
            LOG.warn("the key {} of {} cannot be used here and is left out", jwk.getKeyID(), file);
            return null;
        }
    }

    private static @Nullable JWSVerifier verifier(JWK jwk, JWSAlgorithm algorithm) throws JOSEException {
        if (JWSAlgorithm.Family.RSA.contains(algorithm)
                && jwk.getKeyType().getValue().equals("RSA")) {
            return new RSASSAVerifier(jwk.toRSAKey().toRSAPublicKey());
        }
        if (JWSAlgorithm.Family.EC.contains(algorithm)
                && jwk.getKeyType().getValue().equals("EC")) {
            ECDSAVerifier verifier = new ECDSAVerifier(jwk.toECKey().toECPublicKey());
            return verifier.supportedJWSAlgorithms().contains(algorithm) ? verifier : null;
        }
        return null;
    }

    /**
     * What may verify a token that names this key; when it names none, every key.
     *
     * @param nowMs to look at the file no more than once a second
     */
    List<JWSVerifier> verifiers(@Nullable String keyId, long nowMs) {
        refresh(nowMs);
        List<JWSVerifier> verifiers = new ArrayList<>();
        for (Key key : keys) {
            if (keyId == null || key.id() == null || keyId.equals(key.id())) {
                verifiers.add(key.verifier());
            }
        }
        return verifiers;
    }

    private synchronized void refresh(long nowMs) {
        if (file == null || watch == null || Math.abs(nowMs - lookedMs) < LOOK_INTERVAL_MS) {
            return;
        }
        lookedMs = nowMs;
        if (!watch.hasChanged()) {
            return;
        }
        try {
            keys = read(file, algorithm);
            if (keys.isEmpty()) {
                LOG.warn("{} holds no key for {} any more: no token is accepted", file, algorithm);
            } else {
                LOG.info("tokens are verified with the {} keys that {} holds now", keys.size(), file);
            }
        } catch (IOException e) {
            LOG.warn("the changed key set cannot be used, the old keys stay: {}", e.toString());
        }
    }
}

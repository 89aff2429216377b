package io.freshet.engine.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.engine.Authenticator;
import io.freshet.engine.Credentials;
import io.freshet.engine.Identity;
import io.freshet.engine.JwtAuthenticator;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FreshetException;
import io.freshet.testing.FuzzInput;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Any token, and any file of keys. A token whose signature is not right is refused by a code, and nothing of it is shown; one that is signed gives a principal
 * that the engine can work with, or is refused too. A key set is read, or refused by a sentence; then it lets nobody in who has not its keys.
 */
public final class TokenFuzz {
    private static final byte[] SECRET = "a secret of thirty-two bytes or more".getBytes(StandardCharsets.US_ASCII);
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final String HEADER = "{\"alg\":\"HS256\"}";
    private static final String CLAIMS =
            "{\"sub\":\"42\",\"name\":\"ann\",\"exp\":1767226200,\"nbf\":1767225000,\"addresses\":[\"10.0.0.0/8\"]}";
    private static final int MAX_TOKEN_LENGTH = 4000;
    private static final int MAX_EDITS = 8;
    private static final int MAX_NAME_LENGTH = 255;

    /** The public keys that RFC 7517 has in its appendix A.1. */
    private static final String KEY_SET = "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"use\":\"sig\",\"kid\":\"1\","
            + "\"x\":\"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4\",\"y\":\"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM\"},"
            + "{\"kty\":\"RSA\",\"e\":\"AQAB\",\"alg\":\"RS256\",\"kid\":\"2\",\"n\":\"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx"
            + "4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_F"
            + "DW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xB"
            + "niIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw\"}]}";

    private static final String[] ALGORITHMS = {"RS256", "ES256", "PS256", "ES512"};
    private static final Authenticator HMAC =
            JwtAuthenticator.hmac(SECRET).clock(() -> NOW).build();
    private static final String SOUND = signed(bytes(HEADER), bytes(CLAIMS));
    private static final Identity SOUND_IDENTITY = HMAC.identify(credentials(SOUND));
    private static final Path KEY_FILE = temporary();

    private TokenFuzz() {}

    public static void fuzzerTestOneInput(byte[] data) {
        FuzzInput input = new FuzzInput(data);
        switch (input.below(4)) {
            case 0 -> checkForged(new String(input.rest(), StandardCharsets.ISO_8859_1));
            case 1 -> checkForged(new String(edited(bytes(SOUND), input), StandardCharsets.ISO_8859_1));
            case 2 -> checkSigned(input);
            default -> checkKeySet(input);
        }
    }

    /** Who does not know the secret is refused, unless the bytes still mean what was signed. */
    private static void checkForged(String token) {
        Identity identity = identity(HMAC, token);
        if (identity != null) {
            assertEquals(SOUND_IDENTITY.principal(), identity.principal());
            assertEquals(SOUND_IDENTITY.expiresAt(), identity.expiresAt());
        }
    }

    /** An issuer may sign anything. */
    private static void checkSigned(FuzzInput input) {
        byte[] header = input.next() % 2 == 0 ? bytes(HEADER) : edited(bytes(HEADER), input);
        byte[] claims = input.next() % 2 == 0 ? edited(bytes(CLAIMS), input) : repeated(input);
        Identity identity = identity(HMAC, signed(header, claims));
        if (identity != null) {
            assertNotEquals(0, identity.principal().id(), "0 is the engine itself");
            int length = identity.principal().name().length();
            assertTrue(length > 0 && length <= MAX_NAME_LENGTH, "a name of " + length + " characters");
            Instant end = identity.expiresAt();
            assertTrue(end != null && end.isAfter(NOW), "it lasts until " + end);
        }
    }

    private static void checkKeySet(FuzzInput input) {
        String algorithm = ALGORITHMS[input.below(ALGORITHMS.length)];
        try {
            Files.write(KEY_FILE, input.next() % 2 == 0 ? edited(bytes(KEY_SET), input) : repeated(input));
            Authenticator keys = JwtAuthenticator.keySet(KEY_FILE)
                    .algorithm(algorithm)
                    .clock(() -> NOW)
                    .build();
            byte[] header = bytes("{\"alg\":\"" + algorithm + "\"}");
            assertEquals(null, identity(keys, signed(header, bytes(CLAIMS))), "signed with another key");
            assertEquals(null, identity(keys, unsigned(header, bytes(CLAIMS)) + "."), "not signed");
        } catch (UncheckedIOException e) {
            assertFalse(String.valueOf(e.getMessage()).isBlank());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static @Nullable Identity identity(Authenticator authenticator, String token) {
        try {
            return authenticator.identify(credentials(token));
        } catch (FreshetException e) {
            assertTrue(
                    List.of(ErrorCode.UNAUTHENTICATED, ErrorCode.TOKEN_EXPIRED).contains(e.code()), e::toString);
            assertTrue(token.length() < 8 || !e.toString().contains(token), "the error shows the token");
            return null;
        }
    }

    private static Credentials credentials(String token) {
        return new Credentials(token.getBytes(StandardCharsets.ISO_8859_1), "10.1.2.3:5", null);
    }

    /** The bytes with some replaced, taken out or put in. */
    private static byte[] edited(byte[] bytes, FuzzInput input) {
        byte[] edited = bytes;
        for (int i = 0; i < MAX_EDITS && !input.isEmpty(); i++) {
            int at = Math.min(edited.length, input.nextU16() % (edited.length + 1));
            int removed = Math.min(edited.length - at, input.next() % 32);
            byte[] added = input.take(input.next() % 32);
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            out.write(edited, 0, at);
            out.writeBytes(added);
            out.write(edited, at + removed, edited.length - at - removed);
            edited = out.toByteArray();
        }
        return edited;
    }

    /** A beginning, then one piece again and again, as deep as a token may be long, then an end. */
    private static byte[] repeated(FuzzInput input) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(input.take(input.next() % 64));
        byte[] piece = input.take(1 + input.next() % 8);
        for (int i = input.nextU16(); i > 0 && out.size() < MAX_TOKEN_LENGTH; i--) {
            out.writeBytes(piece);
        }
        out.writeBytes(input.rest());
        return out.toByteArray();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String unsigned(byte[] header, byte[] claims) {
        Base64.Encoder base64 = Base64.getUrlEncoder().withoutPadding();
        return base64.encodeToString(header) + "." + base64.encodeToString(claims);
    }

    private static String signed(byte[] header, byte[] claims) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(SECRET, "HmacSHA256"));
            String text = unsigned(header, claims);
            return text + "."
                    + Base64.getUrlEncoder()
                            .withoutPadding()
                            .encodeToString(mac.doFinal(text.getBytes(StandardCharsets.US_ASCII)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HMAC", e);
        }
    }

    private static Path temporary() {
        try {
            Path file = Files.createTempFile("freshet-fuzz", ".jwks");
            file.toFile().deleteOnExit();
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

package io.freshet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FreshetException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JwtAuthenticatorTest {
    private static final byte[] SECRET = "a secret of thirty-two bytes or more".getBytes(StandardCharsets.US_ASCII);
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    /** The generator of secp256k1 (SEC 2, 2.4.1), a point that is on it. */
    private static final Base64URL GENERATOR_X =
            point("79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798");

    private static final Base64URL GENERATOR_Y =
            point("483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8");

    @TempDir
    private Path directory;

    private Instant now = START;

    private static Base64URL point(String hex) {
        return Base64URL.encode(HexFormat.of().parseHex(hex));
    }

    private JwtAuthenticator hmac() {
        return JwtAuthenticator.hmac(SECRET)
                .issuer("https://issuer")
                .audience("freshet")
                .clock(() -> now)
                .build();
    }

    private static JWTClaimsSet.Builder claims() {
        return new JWTClaimsSet.Builder()
                .subject("42")
                .claim("name", "ann")
                .issuer("https://issuer")
                .audience(List.of("other", "freshet"))
                .expirationTime(Date.from(START.plusSeconds(600)));
    }

    private static String signed(JWSHeader header, JWSSigner signer, JWTClaimsSet claims) throws JOSEException {
        SignedJWT jwt = new SignedJWT(header, claims);
        jwt.sign(signer);
        return jwt.serialize();
    }

    private static String token(UnaryOperator<JWTClaimsSet.Builder> change) throws JOSEException {
        return signed(
                new JWSHeader(JWSAlgorithm.HS256),
                new MACSigner(SECRET),
                change.apply(claims()).build());
    }

    private static Identity identify(Authenticator authenticator, String token) {
        return authenticator.identify(credentials(token));
    }

    private static Credentials credentials(String token) {
        return new Credentials(token.getBytes(StandardCharsets.UTF_8), "10.1.2.3:5", null);
    }

    private static ErrorCode refusal(Authenticator authenticator, String token) {
        FreshetException refusal = assertThrows(FreshetException.class, () -> identify(authenticator, token), token);
        assertFalse(refusal.toString().contains(token), "the token is in the error");
        return refusal.code();
    }

    @Test
    void shouldKnowWhoASignedTokenIsOfAndUntilWhen() throws JOSEException, UnknownHostException {
        Identity identity = identify(hmac(), token(c -> c.claim("addresses", List.of("10.0.0.0/8"))));
        assertEquals(new Principal(42, "ann"), identity.principal());
        assertEquals(START.plusSeconds(630), identity.expiresAt(), "with 30 s for the issuer's clock");
        assertTrue(identity.addresses().contains(InetAddress.getByName("10.1.2.3")));
        assertFalse(identity.addresses().contains(InetAddress.getByName("11.1.2.3")));
        assertTrue(identify(hmac(), token(c -> c)).addresses().isAll());
    }

    @Test
    void shouldMakeAnIdOfASubjectThatIsNoNumber() throws JOSEException {
        Principal ann = identify(hmac(), token(c -> c.subject("auth0|ann").claim("name", null)))
                .principal();
        Principal again = identify(hmac(), token(c -> c.subject("auth0|ann"))).principal();
        Principal other = identify(hmac(), token(c -> c.subject("auth0|bob"))).principal();
        assertEquals("auth0|ann", ann.name());
        assertEquals(ann.id(), again.id());
        assertNotEquals(ann.id(), other.id());
        assertTrue(ann.id() < 0, "no number that a subject can be");
        assertTrue(identify(hmac(), token(c -> c.subject("0"))).principal().id() < 0, "0 is the engine itself");
        assertTrue(identify(hmac(), token(c -> c.subject("9999999999999999999")))
                        .principal()
                        .id()
                < 0);
    }

    @Test
    void shouldGoByTheClockWithItsSkew() throws JOSEException {
        JwtAuthenticator authenticator = hmac();
        String token = token(c -> c.notBeforeTime(Date.from(START)));
        now = START.plusSeconds(629);
        identify(authenticator, token);
        now = START.plusSeconds(630);
        assertEquals(ErrorCode.TOKEN_EXPIRED, refusal(authenticator, token));
        now = START.minusSeconds(30);
        identify(authenticator, token);
        now = START.minusSeconds(31);
        assertEquals(ErrorCode.UNAUTHENTICATED, refusal(authenticator, token));
    }

    @Test
    void shouldRefuseClaimsThatAreNotWanted() throws JOSEException {
        JwtAuthenticator authenticator = hmac();
        List<UnaryOperator<JWTClaimsSet.Builder>> changes = List.of(
                c -> c.issuer("https://other"),
                c -> c.issuer(null),
                c -> c.audience("other"),
                c -> c.audience((String) null),
                c -> c.expirationTime(null),
                c -> c.subject(null),
                c -> c.subject(""),
                c -> c.subject("x".repeat(256)),
                c -> c.claim("name", 7),
                c -> c.claim("name", "x".repeat(256)),
                c -> c.claim("addresses", "10.0.0.0/8"),
                c -> c.claim("addresses", List.of("anywhere")));
        for (UnaryOperator<JWTClaimsSet.Builder> change : changes) {
            assertEquals(ErrorCode.UNAUTHENTICATED, refusal(authenticator, token(change)));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "..", "a.b.c", "eyJhbGciOiJIUzI1NiJ9.e30.", "\u00e9.\u00e9.\u00e9"})
    void shouldRefuseWhatIsNoToken(String text) {
        FreshetException refusal = assertThrows(FreshetException.class, () -> identify(hmac(), text));
        assertEquals(ErrorCode.UNAUTHENTICATED, refusal.code());
    }

    @Test
    void shouldRefuseEveryChangedCharacterOfASignature() throws JOSEException {
        String token = token(c -> c);
        int signature = token.lastIndexOf('.') + 1;
        JwtAuthenticator authenticator = hmac();
        for (int i = 0; i < token.length() - 1; i++) {
            char changed = token.charAt(i) == 'A' ? 'B' : 'A';
            if (i != signature - 1) {
                String forged = token.substring(0, i) + changed + token.substring(i + 1);
                assertEquals(ErrorCode.UNAUTHENTICATED, refusal(authenticator, forged), "changed at " + i);
            }
        }
    }

    @Test
    void shouldNeverTakeTheAlgorithmFromTheToken() throws Exception {
        JWTClaimsSet claims = claims().build();
        assertEquals(ErrorCode.UNAUTHENTICATED, refusal(hmac(), new PlainJWT(claims).serialize()), "none");
        byte[] longer = Arrays.copyOf(SECRET, 64);
        String hs512 = signed(new JWSHeader(JWSAlgorithm.HS512), new MACSigner(longer), claims);
        JwtAuthenticator of256 = JwtAuthenticator.hmac(longer).clock(() -> now).build();
        assertEquals(ErrorCode.UNAUTHENTICATED, refusal(of256, hs512));

        // The classic: the public key of a server that wants RS256, taken for the secret of HS256.
        RSAKey key = new RSAKeyGenerator(2048).keyID("a").generate();
        JwtAuthenticator rsa = keySet("RS256", key);
        byte[] publicKey = key.toRSAPublicKey().getEncoded();
        String confused = signed(new JWSHeader(JWSAlgorithm.HS256), new MACSigner(publicKey), claims);
        assertEquals(ErrorCode.UNAUTHENTICATED, refusal(rsa, confused));
        identify(rsa, signed(new JWSHeader(JWSAlgorithm.RS256), new RSASSASigner(key), claims));
    }

    @Test
    void shouldRefuseACriticalHeaderThatItDoesNotKnow() throws JOSEException {
        JWSHeader header = new JWSHeader.Builder(JWSAlgorithm.HS256)
                .criticalParams(java.util.Set.of("exp"))
                .customParam("exp", 1)
                .build();
        String token = signed(header, new MACSigner(SECRET), claims().build());
        assertEquals(ErrorCode.UNAUTHENTICATED, refusal(hmac(), token));
    }

    private JwtAuthenticator keySet(String algorithm, JWK... keys) throws IOException {
        write(keys);
        return JwtAuthenticator.keySet(directory.resolve("keys.json"))
                .algorithm(algorithm)
                .clock(() -> now)
                .build();
    }

    private void write(JWK... keys) throws IOException {
        Files.writeString(
                directory.resolve("keys.json"),
                new JWKSet(List.of(keys)).toPublicJWKSet().toString());
    }

    private static String ecToken(ECKey key) throws JOSEException {
        JWSHeader header =
                new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(key.getKeyID()).build();
        return signed(header, new ECDSASigner(key), claims().build());
    }

    @Test
    void shouldFollowKeysThatRotateAndKeepThemWhenTheFileIsBroken() throws Exception {
        ECKey first = new ECKeyGenerator(Curve.P_256).keyID("first").generate();
        ECKey second = new ECKeyGenerator(Curve.P_256).keyID("second").generate();
        JwtAuthenticator authenticator = keySet("ES256", first);
        identify(authenticator, ecToken(first));
        assertEquals(ErrorCode.UNAUTHENTICATED, refusal(authenticator, ecToken(second)));

        write(first, second);
        now = now.plusMillis(999);
        assertEquals(ErrorCode.UNAUTHENTICATED, refusal(authenticator, ecToken(second)), "looks once a second");
        now = now.plusMillis(1);
        identify(authenticator, ecToken(second));
        identify(authenticator, ecToken(first));

        Files.writeString(directory.resolve("keys.json"), "{\"keys\": [");
        now = now.plus(Duration.ofSeconds(1));
        identify(authenticator, ecToken(first));
        Files.delete(directory.resolve("keys.json"));
        now = now.plus(Duration.ofSeconds(1));
        identify(authenticator, ecToken(first));

        write(second);
        now = now.plus(Duration.ofSeconds(1));
        assertEquals(ErrorCode.UNAUTHENTICATED, refusal(authenticator, ecToken(first)), "it was taken back");
        identify(authenticator, ecToken(second));
    }

    @Test
    void shouldAcceptNobodyOnceAllKeysWereTakenBack() throws Exception {
        ECKey key = new ECKeyGenerator(Curve.P_256).keyID("only").generate();
        for (String without : List.of("{\"keys\":[]}", "{\"keys\":[{\"kty\":\"oct\",\"k\":\"AAAA\"}]}")) {
            JwtAuthenticator authenticator = keySet("ES256", key);
            identify(authenticator, ecToken(key));
            Files.writeString(directory.resolve("keys.json"), without);
            now = now.plus(Duration.ofSeconds(1));
            assertEquals(ErrorCode.UNAUTHENTICATED, refusal(authenticator, ecToken(key)), without);
            write(key);
            now = now.plus(Duration.ofSeconds(1));
            identify(authenticator, ecToken(key));
        }
    }

    @Test
    void shouldLeaveOutAKeyThatTheJdkCannotUse() throws Exception {
        ECKey key = new ECKeyGenerator(Curve.P_256).keyID("good").generate();
        ECKey of256k1 = new ECKey.Builder(Curve.SECP256K1, GENERATOR_X, GENERATOR_Y).build();
        JwtAuthenticator authenticator = keySet("ES256", of256k1, key);
        identify(authenticator, ecToken(key));
        assertThrows(UncheckedIOException.class, () -> keySet("ES256", of256k1), "it is the only one");
    }

    @Test
    void shouldRefuseAddressesThatAreNone() throws JOSEException {
        for (Object none :
                List.<Object>of(Arrays.asList("10.0.0.0/8", null), List.of("here"), List.of(7), "10.0.0.1")) {
            String token = token(c -> c.claim("addresses", none));
            assertEquals(ErrorCode.UNAUTHENTICATED, refusal(hmac(), token), String.valueOf(none));
        }
    }

    @Test
    void shouldNotTakeAKeyForAnotherThatHasTheSameName() throws Exception {
        ECKey own = new ECKeyGenerator(Curve.P_256).keyID("a").generate();
        ECKey forged = new ECKeyGenerator(Curve.P_256).keyID("a").generate();
        JwtAuthenticator authenticator = keySet("ES256", own);
        assertEquals(ErrorCode.UNAUTHENTICATED, refusal(authenticator, ecToken(forged)));
    }

    @Test
    void shouldRefuseSettingsThatCannotBe() throws Exception {
        assertThrows(
                IllegalArgumentException.class,
                () -> JwtAuthenticator.hmac(new byte[31]).build());
        assertThrows(
                IllegalArgumentException.class,
                () -> JwtAuthenticator.hmac(SECRET).algorithm("HS512").build());
        for (String algorithm : List.of("none", "RS256", "ES256", "HS257", "")) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> JwtAuthenticator.hmac(new byte[64])
                            .algorithm(algorithm)
                            .build(),
                    algorithm);
        }
        ECKey key = new ECKeyGenerator(Curve.P_256).generate();
        assertThrows(IllegalArgumentException.class, () -> keySet("HS256", key));
        assertThrows(UncheckedIOException.class, () -> keySet("RS256", key), "no key for it");
        assertThrows(UncheckedIOException.class, () -> keySet("ES384", key), "no key for it");
        Path missing = directory.resolve("missing.json");
        assertThrows(
                UncheckedIOException.class,
                () -> JwtAuthenticator.keySet(missing).build());
        assertThrows(
                IllegalArgumentException.class,
                () -> JwtAuthenticator.hmac(SECRET).clockSkew(Duration.ofMinutes(6)));
    }

    @Test
    void shouldShowNoSecretInAnyText() {
        String secret = new String(SECRET, StandardCharsets.US_ASCII);
        assertFalse(hmac().toString().contains(secret));
        assertFalse(credentials(secret).toString().contains(secret));
        IllegalArgumentException refusal = assertThrows(
                IllegalArgumentException.class,
                () -> JwtAuthenticator.hmac(SECRET).algorithm("HS512").build());
        assertFalse(Objects.toString(refusal.getMessage()).contains(secret));
    }
}

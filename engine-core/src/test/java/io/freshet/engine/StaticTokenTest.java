package io.freshet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FreshetException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StaticTokenTest {
    private static final String TOKEN = "0123456789abcdef";

    private final Authenticator authenticator =
            Authenticator.staticTokens(Map.of(TOKEN, new Principal(7, "ann"), TOKEN + "g", new Principal(8, "bob")));

    private Principal authenticate(String token) {
        return authenticator.authenticate(new Credentials(token.getBytes(StandardCharsets.UTF_8), "10.0.0.1:5", null));
    }

    @Test
    void shouldKnowPrincipalsByTheirTokens() {
        assertEquals(new Principal(7, "ann"), authenticate(TOKEN));
        assertEquals(new Principal(8, "bob"), authenticate(TOKEN + "g"));
        for (String other :
                new String[] {"", "0123456789abcde", TOKEN + "h", TOKEN.toUpperCase(java.util.Locale.ROOT)}) {
            FreshetException refusal = assertThrows(FreshetException.class, () -> authenticate(other));
            assertEquals(ErrorCode.UNAUTHENTICATED, refusal.code());
        }
    }

    @Test
    void shouldRefuseATokenThatIsEasilyGuessedAndNotShowIt() {
        IllegalArgumentException refusal = assertThrows(
                IllegalArgumentException.class,
                () -> Authenticator.staticTokens(Map.of("short-secret", new Principal(7, "ann"))));
        assertTrue(refusal.toString().contains("'ann'"), refusal.toString());
        assertFalse(refusal.toString().contains("short-secret"), refusal.toString());
        assertFalse(authenticator.toString().contains(TOKEN));
    }

    @Test
    void shouldSayThatItIsForDevelopment() {
        assertTrue(authenticator.isForDevelopment());
        assertTrue(Authenticator.anonymous().isForDevelopment());
    }
}

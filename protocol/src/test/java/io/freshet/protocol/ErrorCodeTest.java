package io.freshet.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ErrorCodeTest {
    @ParameterizedTest
    @EnumSource
    void shouldBeFoundByItsNumber(ErrorCode code) {
        assertSame(code, ErrorCode.of(code.number()));
        assertSame(code, ErrorCode.nearest(code.number()));
    }

    @Test
    void shouldHaveNumbersOfTheirOwnInSixHundreds() {
        Set<Integer> numbers = new HashSet<>();
        for (ErrorCode code : ErrorCode.values()) {
            assertTrue(numbers.add(code.number()), code + " has the number of another");
            assertTrue(code.number() > 100 && code.number() < 700, code + " is in no hundred");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "199, APPEND_FAILED",
        "299, OVERLOADED",
        "399, UNAUTHENTICATED",
        "499, INVALID_ARGUMENT",
        "599, OUTCOME_UNKNOWN",
        "698, INTERNAL",
        "0, INTERNAL",
        "1000, INTERNAL",
        "-1, INTERNAL"
    })
    void shouldTakeANumberItDoesNotKnowForTheMostGeneralOfItsHundred(int number, ErrorCode expected) {
        assertNull(ErrorCode.of(number));
        assertSame(expected, ErrorCode.nearest(number));
        if (number > 0 && number < 700) {
            assertEquals(number / 100, expected.number() / 100);
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldSayByItsHundredWhatACallerCanDo(ErrorCode code) {
        FreshetException e = new FreshetException(code, "why");

        assertEquals(code.number() < 300, e.isRetryable());
        assertEquals(code.number() / 100 == 5, e.isOutcomeUnknown());
        assertEquals(code.number() / 100 == 6, code.endsConnection());
        assertSame(code, e.code());
        assertEquals("why", e.getMessage());
    }
}

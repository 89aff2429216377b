package io.freshet.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.freshet.client.Receipt;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FreshetException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

final class ReceiptsTest {
    private final Receipts receipts = new Receipts();

    @Test
    void shouldCountWhatIsAcknowledgedAndRememberTheLastSequence() throws InterruptedException {
        List<CompletableFuture<Receipt>> answers = new ArrayList<>();
        for (int line = 1; line <= Receipts.WINDOW_COUNT; line++) {
            CompletableFuture<Receipt> answer = new CompletableFuture<>();
            receipts.awaitRoom();
            receipts.expect(line, answer);
            answers.add(answer);
        }
        for (int i = 0; i < answers.size(); i++) {
            answers.get(i).complete(new Receipt(1, i + 10));
        }

        receipts.awaitAll();

        assertNull(receipts.failure());
        assertEquals(Receipts.WINDOW_COUNT, receipts.acknowledgedCount());
        assertEquals(Receipts.WINDOW_COUNT + 9, receipts.lastSequence());
    }

    @Test
    void shouldRememberTheFirstFailureWithItsLine() throws InterruptedException {
        for (int line = 3; line <= 4; line++) {
            receipts.awaitRoom();
            receipts.expect(
                    line,
                    CompletableFuture.failedFuture(
                            new FreshetException(ErrorCode.PAYLOAD_TOO_LONG, "a payload of 9 bytes; the limit is 8")));
        }

        receipts.awaitAll();

        assertEquals("line 3 was not acknowledged: a payload of 9 bytes; the limit is 8", receipts.failure());
        assertEquals(0, receipts.acknowledgedCount());
    }
}

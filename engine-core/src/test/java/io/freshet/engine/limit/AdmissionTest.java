package io.freshet.engine.limit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.engine.ConnectionLimits;
import io.freshet.engine.Principal;
import io.freshet.engine.Rate;
import io.freshet.engine.RateLimits;
import io.freshet.protocol.ErrorCode;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class AdmissionTest {
    private static final long MS_NS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long SECOND_NS = TimeUnit.SECONDS.toNanos(1);
    private static final Rate ANY = Rate.UNLIMITED;

    private static Admission admission(int count, int perAddress, Rate connects, Rate shorts) {
        ConnectionLimits limits = new ConnectionLimits(
                count, perAddress, connects, shorts, Duration.ofSeconds(1), Duration.ofSeconds(60));
        return new Admission(limits, RateLimits.DEFAULTS, 0);
    }

    private static Admission.Entry admit(Admission admission, String address, long nowNs) {
        try {
            return admission.admit(InetAddress.getByName(address), nowNs);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    private static Account hold(AccountTable table, long key, long nowNs) {
        return Objects.requireNonNull(table.hold(key, 10, nowNs));
    }

    @Test
    void shouldTakeNoMoreThanItsCountUntilSomebodyLeaves() {
        Admission admission = admission(2, 10, ANY, ANY);
        Admission.Entry first = admit(admission, "10.0.0.1", 0);
        assertNull(first.refusal());
        assertNull(admit(admission, "10.0.0.2", 0).refusal());
        Admission.Entry third = admit(admission, "10.0.0.3", 0);
        assertEquals(ErrorCode.LIMIT_REACHED, third.refusal());
        assertTrue(third.retryAfterMs() > 0);
        assertEquals(2, admission.connectionCount());
        admission.leave(first, false, 0);
        assertNull(admit(admission, "10.0.0.3", 0).refusal());
    }

    @Test
    void shouldCountAnAddressAndA64NetworkAsOne() {
        Admission admission = admission(10, 1, ANY, ANY);
        Admission.Entry held = admit(admission, "10.0.0.1", 0);
        assertNull(held.refusal());
        assertEquals(ErrorCode.ADDRESS_LIMIT, admit(admission, "10.0.0.1", 0).refusal());
        assertNull(admit(admission, "10.0.0.2", 0).refusal());
        assertNull(admit(admission, "2001:db8:0:1:0:0:0:1", 0).refusal());
        assertEquals(
                ErrorCode.ADDRESS_LIMIT,
                admit(admission, "2001:db8:0:1:9:9:9:9", 0).refusal());
        assertNull(admit(admission, "2001:db8:0:2:0:0:0:1", 0).refusal());
        admission.leave(held, false, 0);
        assertNull(admit(admission, "10.0.0.1", 0).refusal());
    }

    @Test
    void shouldHoldOffAnAddressWhoseConnectionsEndAtOnce() {
        Admission admission = admission(10, 10, ANY, new Rate(1, 3));
        List<Admission.Entry> entries = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            entries.add(admit(admission, "10.0.0.1", 0));
        }
        entries.forEach(entry -> admission.leave(entry, false, SECOND_NS - 1));
        Admission.Entry refused = admit(admission, "10.0.0.1", SECOND_NS - 1);
        assertEquals(ErrorCode.FLAPPING, refused.refusal());
        assertNull(admit(admission, "10.0.0.2", SECOND_NS - 1).refusal());
        long laterNs = SECOND_NS - 1 + refused.retryAfterMs() * MS_NS;
        assertNull(admit(admission, "10.0.0.1", laterNs).refusal());
    }

    @Test
    void shouldHoldOffAnAddressWhoseConnectionsNeverSayWhoTheyAre() {
        Admission admission = admission(10, 10, new Rate(1, 100), new Rate(1, 3));
        List<Admission.Entry> entries = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            entries.add(admit(admission, "10.0.0.1", 0));
        }
        entries.forEach(entry -> admission.leave(entry, true, 2 * SECOND_NS));
        assertEquals(
                ErrorCode.FLAPPING, admit(admission, "10.0.0.1", 2 * SECOND_NS).refusal());
        assertNull(admit(admission, "10.0.0.2", 2 * SECOND_NS).refusal(), "others find the rate as it was");
    }

    @Test
    void shouldLetAnAddressComeWhoseConnectionsLast() {
        Admission admission = admission(10, 10, ANY, new Rate(1, 1));
        for (long nowNs = 0; nowNs < 10 * SECOND_NS; nowNs += SECOND_NS) {
            Admission.Entry entry = admit(admission, "10.0.0.1", nowNs);
            assertNull(entry.refusal());
            admission.leave(entry, false, nowNs + SECOND_NS);
        }
    }

    @Test
    void shouldTellEachOfACrowdASlotOfItsOwnSoThatAllAreInWhenTheRateSaysSo() {
        int clientCount = 10_000;
        int perSecond = 1_000;
        int burst = 100;
        Admission admission = admission(1 << 20, 1 << 20, new Rate(perSecond, burst), ANY);
        PriorityQueue<Long> arrivalsMs = new PriorityQueue<>();
        for (int i = 0; i < clientCount; i++) {
            arrivalsMs.add(0L);
        }
        int refusedCount = 0;
        int inCount = 0;
        long lastMs = 0;
        List<Long> firstSlots = new ArrayList<>();
        while (!arrivalsMs.isEmpty()) {
            lastMs = arrivalsMs.remove();
            Admission.Entry entry = admit(admission, "10.0.0.1", lastMs * MS_NS);
            if (entry.refusal() == null) {
                inCount++;
                long allowed = burst + lastMs * perSecond / 1_000 + 1;
                assertTrue(inCount <= allowed, inCount + " after " + lastMs + " ms");
            } else {
                assertEquals(ErrorCode.CONNECT_SLOT, entry.refusal());
                refusedCount++;
                if (lastMs == 0) {
                    firstSlots.add((long) entry.retryAfterMs());
                }
                arrivalsMs.add(lastMs + entry.retryAfterMs());
            }
        }
        assertEquals(clientCount, inCount);
        assertEquals(clientCount - burst, firstSlots.size());
        assertEquals(firstSlots.size(), new HashSet<>(firstSlots).size(), "a slot was given twice");
        assertEquals(clientCount - burst, refusedCount, "who came in its slot was refused again");
        assertEquals((clientCount - burst) * 1_000L / perSecond, lastMs);
    }

    @Test
    void shouldGiveNoSlotBeyondTheFarthest() {
        Admission admission = admission(1 << 20, 1 << 20, new Rate(1, 1), ANY);
        Set<Integer> slots = new HashSet<>();
        assertNull(admit(admission, "10.0.0.1", 0).refusal());
        for (int i = 0; i < 1_000; i++) {
            int slotMs = admit(admission, "10.0.0.1", 0).retryAfterMs();
            assertTrue(slotMs > 0 && slotMs <= 60_000, "a slot in " + slotMs + " ms");
            slots.add(slotMs);
        }
        assertEquals(60, slots.size());
    }

    @Test
    void shouldRememberAnAccountUntilItsBucketsAreFullAgainAndNoLonger() {
        AccountTable table = new AccountTable(new Rate(1, 10), ANY, 1 << 20, 0);
        Account account = hold(table, 7, 0);
        Objects.requireNonNull(account.publishes()).charge(5, 0);
        table.letGo(7, account);
        for (long key = 100; key < 10_000; key++) {
            table.letGo(key, hold(table, key, 0));
        }
        assertTrue(table.size() < 2_100, table.size() + " accounts");
        Account again = hold(table, 7, SECOND_NS);
        assertSame(account, again);
        table.letGo(7, again);
        for (long key = 100; key < 10_000; key++) {
            table.letGo(key, hold(table, key, 6 * SECOND_NS));
        }
        assertNotSame(account, hold(table, 7, 6 * SECOND_NS));
    }

    @Test
    void shouldShareOneAccountWhereThereIsNoRoomForMore() {
        AccountTable table = new AccountTable(new Rate(1, 10), ANY, 2, 0);
        hold(table, 1, 0);
        hold(table, 2, 0);
        Account third = hold(table, 3, 0);
        assertSame(third, hold(table, 4, 0));
        assertEquals(2, table.overflowCount());
        assertEquals(2, table.size());
    }

    @Test
    void shouldShareAnAccountAmongTheSessionsOfOnePrincipal() {
        Admission admission = admission(10, 10, ANY, ANY);
        Account first = admission.holdUser(new Principal(5, "five"), 0);
        assertSame(first, admission.holdUser(new Principal(5, "five"), 0));
        assertNotSame(first, admission.holdUser(new Principal(6, "six"), 0));
    }
}

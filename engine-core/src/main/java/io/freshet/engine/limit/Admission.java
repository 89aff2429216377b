package io.freshet.engine.limit;

import io.freshet.engine.ConnectionLimits;
import io.freshet.engine.Principal;
import io.freshet.engine.Rate;
import io.freshet.engine.RateLimits;
import io.freshet.protocol.ErrorCode;
import java.net.InetAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Who may connect now, and who when; and the accounts that the sessions of one address and of one principal share. One for all
 * reactors of an engine. Any thread; asked when a connection or a session begins and ends.
 *
 * <p>When more clients come than the rate takes, each is told a slot: the next place in a queue that is nothing but the time of its
 * end. Whoever comes back in its slot finds a token, since slots are as far apart as tokens come. A client that comes in
 * between may take that token; the other one is then told another slot, and the rate holds all the same.
 */
public final class Admission {
    private static final int ACCOUNT_CAPACITY = 1 << 20;
    private static final int FULL_RETRY_MS = 1_000;
    private static final int NO_LIMIT = Integer.MAX_VALUE;
    private static final long SECOND_NS = TimeUnit.SECONDS.toNanos(1);
    private static final long MS_NS = TimeUnit.MILLISECONDS.toNanos(1);

    private final ConnectionLimits limits;
    private final long shortLifeNs;
    private final long longestSlotNs;
    private final AccountTable users;
    private final AccountTable addresses;
    private final AtomicInteger connectionCount = new AtomicInteger();
    private final @Nullable SharedBucket connects;
    private final long slotIntervalNs;
    private final AtomicLong lastSlotNs;

    /**
     * A connection that was taken, or why it was not.
     *
     * @param refusal null for one that was taken
     * @param retryAfterMs when to come again if it was not
     */
    public record Entry(
            long addressKey,
            @Nullable Account address,
            long beginNs,
            @Nullable ErrorCode refusal,
            int retryAfterMs) {}

    public Admission(ConnectionLimits limits, RateLimits rates, long nowNs) {
        this.limits = limits;
        shortLifeNs = limits.shortLife().toNanos();
        longestSlotNs = limits.longestSlot().toNanos();
        users = new AccountTable(rates.user(), rates.history(), ACCOUNT_CAPACITY, nowNs);
        addresses = new AccountTable(rates.address(), limits.shortPerAddress(), ACCOUNT_CAPACITY, nowNs);
        Rate connectRate = limits.connects();
        connects = SharedBucket.of(connectRate, nowNs);
        slotIntervalNs = connectRate.isUnlimited() ? MS_NS : Math.max(1, SECOND_NS / connectRate.perSecond());
        lastSlotNs = new AtomicLong(nowNs);
    }

    /** Takes a connection of this address (null: unknown), or refuses it; what was taken is given back with {@link #leave}. */
    public Entry admit(@Nullable InetAddress remote, long nowNs) {
        long key = AddressKey.of(remote);
        if (connectionCount.incrementAndGet() > limits.count()) {
            connectionCount.decrementAndGet();
            return refused(key, nowNs, ErrorCode.LIMIT_REACHED, FULL_RETRY_MS);
        }
        Account address = addresses.hold(key, limits.perAddress(), nowNs);
        if (address == null) {
            connectionCount.decrementAndGet();
            return refused(key, nowNs, ErrorCode.ADDRESS_LIMIT, FULL_RETRY_MS);
        }
        SharedBucket shorts = address.other();
        long heldOffNs = shorts == null ? 0 : shorts.look(nowNs);
        if (heldOffNs > 0) {
            giveBack(key, address);
            return refused(key, nowNs, ErrorCode.FLAPPING, millis(heldOffNs));
        }
        if (connects != null && connects.take(nowNs) > 0) {
            giveBack(key, address);
            return refused(key, nowNs, ErrorCode.CONNECT_SLOT, millis(slotNs(nowNs)));
        }
        return new Entry(key, address, nowNs, null, 0);
    }

    private static Entry refused(long key, long nowNs, ErrorCode code, int retryAfterMs) {
        return new Entry(key, null, nowNs, code, retryAfterMs);
    }

    /**
     * Gives the next slot that nobody has, by how long it is until then; beyond the farthest they are given again from the first. Slots are as
     * far apart as connections may come, a millisecond where they may come as fast as they like.
     */
    public long slotNs(long nowNs) {
        long slotNs = lastSlotNs.updateAndGet(lastNs -> {
            boolean isUsable = lastNs - nowNs > 0 && lastNs - nowNs < longestSlotNs;
            return (isUsable ? lastNs : nowNs) + slotIntervalNs;
        });
        return slotNs - nowNs;
    }

    private void giveBack(long key, Account address) {
        addresses.letGo(key, address);
        connectionCount.decrementAndGet();
    }

    /**
     * A connection that was taken has ended.
     *
     * @param isIdle whether it has never shown who it is, though it was asked: then it counts as short however long it was. Otherwise
     *     whoever says nothing could use up by itself how fast clients are taken.
     */
    public void leave(Entry entry, boolean isIdle, long nowNs) {
        Account address = entry.address();
        if (address == null) {
            return;
        }
        SharedBucket shorts = address.other();
        if (shorts != null && (isIdle || nowNs - entry.beginNs() < shortLifeNs)) {
            shorts.charge(1, nowNs);
        }
        giveBack(entry.addressKey(), address);
    }

    /** Begins to use the account of a principal. */
    public Account holdUser(Principal principal, long nowNs) {
        Account held = users.hold(principal.id(), NO_LIMIT, nowNs);
        if (held == null) {
            throw new IllegalStateException("more than " + NO_LIMIT + " sessions of " + principal);
        }
        return held;
    }

    /** Ends the use of a principal's account. */
    public void letGoUser(Principal principal, Account account) {
        users.letGo(principal.id(), account);
    }

    /** Connections of clients now, without those within the process. */
    public int connectionCount() {
        return connectionCount.get();
    }

    /** Accounts of addresses and principals that are remembered. */
    public int accountCount() {
        return users.size() + addresses.size();
    }

    /** How often there was no room for another account, so that some share one. */
    public long overflowCount() {
        return users.overflowCount() + addresses.overflowCount();
    }

    private static int millis(long ns) {
        return (int) Math.min(Integer.MAX_VALUE, (ns + MS_NS - 1) / MS_NS);
    }
}

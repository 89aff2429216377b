package io.freshet.engine.limit;

import io.freshet.engine.Rate;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The accounts of addresses, or of principals. Asked when a session begins and ends, never for a message. Any thread.
 *
 * <p>An account outlives its sessions until its buckets are full again: otherwise who connects anew would have a new bucket. Those that
 * nobody would miss are swept out whenever the table has doubled, and once a second while it is full. When it is full even so, those who find no place
 * share one account, and are counted.
 */
final class AccountTable {
    private static final int FIRST_SWEEP_COUNT = 1024;

    /** How often a full table is looked through at most. */
    private static final long FULL_SWEEP_NS = TimeUnit.SECONDS.toNanos(1);

    private final Rate publishes;
    private final Rate other;
    private final int capacity;
    private final ConcurrentHashMap<Long, Account> accounts = new ConcurrentHashMap<>();
    private final Account overflow;
    private final AtomicLong overflowCount = new AtomicLong();
    private volatile int sweepCount = FIRST_SWEEP_COUNT;
    private volatile long sweptNs;

    /** @param capacity accounts at most */
    AccountTable(Rate publishes, Rate other, int capacity, long nowNs) {
        this.publishes = publishes;
        this.other = other;
        this.capacity = capacity;
        sweptNs = nowNs;
        overflow = new Account(SharedBucket.of(publishes, nowNs), SharedBucket.of(other, nowNs));
    }

    /** Begins to use an account; null when so many others do already. */
    @Nullable
    Account hold(long key, int limit, long nowNs) {
        makeRoom(nowNs);
        boolean isFull = accounts.size() >= capacity;
        boolean[] isHeld = new boolean[1];
        Account held = accounts.compute(key, (same, account) -> {
            Account found = account;
            if (found == null && !isFull) {
                found = new Account(SharedBucket.of(publishes, nowNs), SharedBucket.of(other, nowNs));
            }
            if (found != null && found.holderCount < limit) {
                found.holderCount++;
                isHeld[0] = true;
            }
            return found;
        });
        if (held == null) {
            overflowCount.incrementAndGet();
            return overflow;
        }
        return isHeld[0] ? held : null;
    }

    /** Ends the use of an account that {@link #hold} has given for this key. */
    void letGo(long key, Account account) {
        if (account != overflow) {
            accounts.computeIfPresent(key, (same, held) -> {
                held.holderCount--;
                return held;
            });
        }
    }

    private void makeRoom(long nowNs) {
        boolean isFull = accounts.size() >= capacity && nowNs - sweptNs >= FULL_SWEEP_NS;
        if (accounts.size() < sweepCount && !isFull) {
            return;
        }
        sweptNs = nowNs;
        for (Long key : accounts.keySet()) {
            accounts.computeIfPresent(key, (same, account) -> account.isForgettable(nowNs) ? null : account);
        }
        sweepCount = Math.max(FIRST_SWEEP_COUNT, 2 * accounts.size());
    }

    int size() {
        return accounts.size();
    }

    /** How often somebody found no place. */
    long overflowCount() {
        return overflowCount.get();
    }
}

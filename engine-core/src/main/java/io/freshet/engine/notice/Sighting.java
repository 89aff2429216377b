package io.freshet.engine.notice;

/** Whether a user may see a channel, as far as that is known. Belongs to the notifier's thread. */
final class Sighting {
    enum Sight {
        UNKNOWN,
        SEEN,
        UNSEEN,
        /** Nobody has said, for long. */
        GIVEN_UP
    }

    final long user;
    final String channel;
    final long sinceNs;
    final long order;
    final Backoff backoff = new Backoff();
    private Sight sight = Sight.UNKNOWN;

    /** @param order tells apart those of one time */
    Sighting(long user, String channel, long sinceNs, long order) {
        this.user = user;
        this.channel = channel;
        this.sinceNs = sinceNs;
        this.order = order;
        backoff.dueNs = sinceNs;
    }

    Sight sight() {
        return sight;
    }

    void answer(Sight said) {
        sight = said;
    }
}

package io.freshet.client;

/** Where a subscription starts. */
public final class Cursor {
    private static final Cursor LIVE = new Cursor(
            io.freshet.protocol.v1.Cursor.newBuilder()
                    .setLive(io.freshet.protocol.v1.Cursor.Live.getDefaultInstance())
                    .build(),
            "live");

    private final io.freshet.protocol.v1.Cursor message;
    private final String text;

    private Cursor(io.freshet.protocol.v1.Cursor message, String text) {
        this.message = message;
        this.text = text;
    }

    /** Only what is committed after the subscription was opened. */
    public static Cursor live() {
        return LIVE;
    }

    /** Everything that is kept, then live. */
    public static Cursor first() {
        return after(0);
    }

    /** {@link #after(long, int)} where the epoch is not known: a rewind before the subscription is not noticed. */
    public static Cursor after(long sequence) {
        return after(sequence, 0);
    }

    /**
     * What follows a record that the caller has, then live.
     *
     * @param sequence of that record; 0 for everything
     * @param epoch in which the caller saw it, so that the server can tell what has become void; 0 when unknown
     */
    public static Cursor after(long sequence, int epoch) {
        if (sequence < 0) {
            throw new IllegalArgumentException("sequence is " + sequence + ", it must not be negative");
        }
        return new Cursor(
                io.freshet.protocol.v1.Cursor.newBuilder()
                        .setAfter(io.freshet.protocol.v1.Cursor.After.newBuilder()
                                .setSequence(sequence)
                                .setEpoch(epoch))
                        .build(),
                "after(" + sequence + ", epoch " + epoch + ")");
    }

    /** The last {@code count} records, then live. */
    public static Cursor last(int count) {
        if (count < 0) {
            throw new IllegalArgumentException("count is " + count + ", it must not be negative");
        }
        return new Cursor(
                io.freshet.protocol.v1.Cursor.newBuilder().setLast(count).build(), "last(" + count + ")");
    }

    io.freshet.protocol.v1.Cursor message() {
        return message;
    }

    /** The sequence that must come next, or 0 when the server decides where this cursor stands. */
    long expectedSequence() {
        return message.hasAfter() ? message.getAfter().getSequence() + 1 : 0;
    }

    @Override
    public String toString() {
        return text;
    }
}

package io.freshet.engine.routing;

/** Where committed batches go: to the subscribers of this reactor and of every other that has some. */
@FunctionalInterface
public interface CommitListener {
    /**
     * A batch is committed. On the shard's owner thread. <em>Borrows</em> the batch: retain its frames to keep it.
     *
     * @param interest one bit for each reactor that has subscribers of the channel
     */
    void onCommitted(Batch batch, long interest);
}

package io.freshet.engine.erasure;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.freshet.client.Channel;
import io.freshet.client.Receipt;
import io.freshet.log.Storage;
import java.lang.reflect.Proxy;
import java.util.concurrent.CompletableFuture;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/**
 * {@link Eraser} that ends while somebody asks for an erasure. Proved: whoever waits is told, on whichever side of the end its question falls, and also who has waited since
 * before.
 */
@JCStressTest
@Outcome(id = "true, true", expect = ACCEPTABLE, desc = "Both are told.")
@Outcome(expect = FORBIDDEN, desc = "One waits for ever.")
@State
public class EraserStress {
    private static final Channel PUBLISHED = fake(Channel.class, CompletableFuture.completedFuture(new Receipt(4, 1)));

    private final Eraser eraser =
            new Eraser(fake(Storage.class, 0), (channel, last, erasure, done, failed) -> {}, () -> 0);
    private final CompletableFuture<Receipt> early = eraser.erase(PUBLISHED, 1).toCompletableFuture();
    private CompletableFuture<Receipt> late;

    private static <T> T fake(Class<T> type, Object answer) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (fake, method, arguments) -> answer));
    }

    @Actor
    public void asking() {
        late = eraser.erase(PUBLISHED, 2).toCompletableFuture();
    }

    @Actor
    public void ending() {
        eraser.onClose();
    }

    @Arbiter
    public void told(ZZ_Result r) {
        r.r1 = early.isCompletedExceptionally();
        r.r2 = late.isCompletedExceptionally();
    }
}

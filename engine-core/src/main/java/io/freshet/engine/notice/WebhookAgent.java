package io.freshet.engine.notice;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.ManyToOneConcurrentArrayQueue;
import org.agrona.concurrent.NanoClock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Posts notifications, one request at a time, in order. A request that may be in vain only for now is tried again, after a time that
 * doubles and is cut at random; one that the other side refuses for good, or that was tried often enough, is dropped. Of an answer
 * only the head is read. An agent; {@link #offer} is for any thread.
 */
final class WebhookAgent implements Agent {
    private static final Logger LOG = LoggerFactory.getLogger(WebhookAgent.class);

    private static final int PER_REQUEST = 100;
    private static final int STATUS_OK = 200;
    private static final int STATUS_REDIRECT = 300;
    private static final int STATUS_TIMEOUT = 408;
    private static final int STATUS_TOO_EARLY = 425;
    private static final int STATUS_TOO_MANY = 429;
    private static final int STATUS_SERVER = 500;
    private static final int GREATEST_DOUBLINGS = 30;
    private static final long UNKNOWN_NS = -1;

    /** How an attempt ended. */
    private record Answer(int status, long retryAfterNs) {}

    private final WebhookConfig config;
    private final byte[] secret;
    private final HttpClient http;
    private final NanoClock clock;
    private final LongSupplier epochSClock;
    private final RandomGenerator random;
    private final ManyToOneConcurrentArrayQueue<Notification> waiting;
    private final LongAdder overflowCount = new LongAdder();
    private final List<Notification> batch = new ArrayList<>();
    private byte[] body = {};
    private @Nullable CompletableFuture<HttpResponse<InputStream>> underWay;
    private long deadlineNs;
    private long nextTryNs;
    private int attempt;
    private boolean isFailing;
    private volatile long sentCount;
    private volatile long attemptCount;
    private volatile long refusedCount;

    WebhookAgent(
            WebhookConfig config, HttpClient http, NanoClock clock, LongSupplier epochSClock, RandomGenerator random) {
        this.config = config;
        this.http = http;
        this.clock = clock;
        this.epochSClock = epochSClock;
        this.random = random;
        secret = config.secret();
        waiting = new ManyToOneConcurrentArrayQueue<>(config.capacity());
    }

    /** Takes a notification on, or counts that there was no room. Any thread. */
    void offer(Notification notification) {
        if (!waiting.offer(notification)) {
            overflowCount.increment();
        }
    }

    /** Notifications that the other side has taken. Any thread. */
    long sentCount() {
        return sentCount;
    }

    /** Requests that were tried. Any thread. */
    long attemptCount() {
        return attemptCount;
    }

    /** Notifications that were dropped: there was no room, they were refused, or had been tried often enough. Any thread. */
    long droppedCount() {
        return refusedCount + overflowCount.sum();
    }

    @Override
    public int doWork() {
        long nowNs = clock.nanoTime();
        if (underWay != null) {
            return onUnderWay(underWay, nowNs);
        }
        if (batch.isEmpty()) {
            waiting.drain(batch::add, PER_REQUEST);
            if (batch.isEmpty()) {
                return 0;
            }
            body = WebhookBody.json(batch);
            attempt = 0;
            nextTryNs = nowNs;
        }
        if (nowNs - nextTryNs < 0) {
            return 0;
        }
        send(nowNs);
        return 1;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
    private void send(long nowNs) {
        attempt++;
        attemptCount++;
        HttpRequest request = HttpRequest.newBuilder(config.target())
                .timeout(config.timeout())
                .header("Content-Type", "application/json")
                .header("User-Agent", "freshet")
                .header("Freshet-Signature", WebhookBody.signature(secret, epochSClock.getAsLong(), body))
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .build();
        deadlineNs = nowNs + config.timeout().toNanos();
        underWay = http.sendAsync(request, HttpResponse.BodyHandlers.ofInputStream());
    }

    private int onUnderWay(CompletableFuture<HttpResponse<InputStream>> sent, long nowNs) {
        if (sent.isDone()) {
            underWay = null;
            onAnswer(answer(sent), nowNs);
            return 1;
        }
        if (nowNs - deadlineNs >= 0) {
            underWay = null;
            sent.cancel(true);
            onAnswer(null, nowNs);
            return 1;
        }
        return 0;
    }

    /** Null when there is none. */
    private static @Nullable Answer answer(CompletableFuture<HttpResponse<InputStream>> sent) {
        if (sent.isCompletedExceptionally()) {
            return null;
        }
        HttpResponse<InputStream> response = sent.join();
        try {
            response.body().close(); // whatever it says, and however much
        } catch (IOException | UncheckedIOException e) {
            LOG.debug("the body of a webhook's answer could not be closed", e);
        }
        return new Answer(response.statusCode(), retryAfterNs(response.headers()));
    }

    private static long retryAfterNs(HttpHeaders headers) {
        try {
            return headers.firstValue("Retry-After")
                    .map(value -> TimeUnit.SECONDS.toNanos(Long.parseLong(value.strip())))
                    .orElse(UNKNOWN_NS);
        } catch (NumberFormatException e) {
            return UNKNOWN_NS; // a date
        }
    }

    private void onAnswer(@Nullable Answer answer, long nowNs) {
        if (answer != null && answer.status >= STATUS_OK && answer.status < STATUS_REDIRECT) {
            onSent();
        } else if ((answer == null || isForNow(answer.status)) && attempt < config.attempts()) {
            nextTryNs = nowNs + pauseNs(answer == null ? UNKNOWN_NS : answer.retryAfterNs);
            tellOnce(answer);
        } else {
            drop(answer);
        }
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
    private void onSent() {
        sentCount += batch.size();
        batch.clear();
        if (isFailing) {
            isFailing = false;
            LOG.info("the webhook takes notifications again");
        }
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
    private void drop(@Nullable Answer answer) {
        refusedCount += batch.size();
        batch.clear();
        tellOnce(answer);
    }

    /** Of many failures in a row the first is logged; neither the secret nor the address's path is. */
    private void tellOnce(@Nullable Answer answer) {
        if (!isFailing) {
            isFailing = true;
            LOG.warn("{}: {}", config, answer == null ? "no answer in time" : "answered with status " + answer.status);
        }
    }

    private static boolean isForNow(int status) {
        return status >= STATUS_SERVER
                || status == STATUS_TIMEOUT
                || status == STATUS_TOO_EARLY
                || status == STATUS_TOO_MANY;
    }

    /** Between half of the back-off and all of it, or what the other side asks for. */
    private long pauseNs(long askedNs) {
        long longestNs = config.longestBackOff().toNanos();
        int doublings = Math.min(attempt - 1, GREATEST_DOUBLINGS);
        long wholeNs = (long) Math.min(
                (double) longestNs, Math.scalb((double) config.backOff().toNanos(), doublings));
        long pauseNs = wholeNs - random.nextLong(wholeNs / 2 + 1);
        return Math.max(pauseNs, Math.min(askedNs, longestNs));
    }

    @Override
    public void onClose() {
        if (underWay != null) {
            underWay.cancel(true);
        }
    }

    @Override
    public String roleName() {
        return "freshet-webhook";
    }
}

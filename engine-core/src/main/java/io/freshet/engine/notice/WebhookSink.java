package io.freshet.engine.notice;

import java.net.http.HttpClient;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.AgentRunner;
import org.agrona.concurrent.SleepingIdleStrategy;
import org.agrona.concurrent.SystemNanoClock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Posts notifications as JSON to an address, up to a hundred in a request:
 *
 * <pre>
 * {"notifications":[{"id":"3-1001-8","user":"8","reason":"mention","channel":"lobby","sequence":"1001","author":"7","posted_us":"…"}]}
 * </pre>
 *
 * <p>The header {@code Freshet-Signature: t=…,v1=…} has the time in seconds since 1970 and, in hexadecimal, the HMAC-SHA256 with the secret over that
 * number, a full stop and the body: check it, and that the time is of the last minutes. A request may come twice, with the same ids.
 *
 * <p>An answer of 2xx takes it. One of 5xx, 408, 425 or 429, or none, has it sent again; any other, redirects too, drops it.
 */
public final class WebhookSink implements NotificationSink {
    private static final Logger LOG = LoggerFactory.getLogger(WebhookSink.class);
    private static final long IDLE_NS = TimeUnit.MILLISECONDS.toNanos(10);

    private final WebhookAgent agent;
    private final AgentRunner runner;
    private final ExecutorService executor;

    /** Begins to post what comes, on threads of its own. */
    public WebhookSink(WebhookConfig config) {
        executor = Executors.newSingleThreadExecutor(task -> daemon("freshet-webhook-http", task));
        HttpClient http = HttpClient.newBuilder()
                .connectTimeout(config.timeout())
                .followRedirects(HttpClient.Redirect.NEVER)
                .version(HttpClient.Version.HTTP_1_1)
                .executor(executor)
                .build();
        Clock clock = Clock.systemUTC();
        agent = new WebhookAgent(
                config,
                http,
                SystemNanoClock.INSTANCE,
                () -> clock.instant().getEpochSecond(),
                new SplittableRandom(new SecureRandom().nextLong()));
        runner = new AgentRunner(
                new SleepingIdleStrategy(IDLE_NS), failure -> LOG.error("the webhook failed", failure), null, agent);
        AgentRunner.startOnThread(runner, task -> daemon(agent.roleName(), task));
    }

    private static Thread daemon(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    @Override
    public void deliver(Notification notification) {
        agent.offer(notification);
    }

    /** Notifications that the other side has taken. Any thread. */
    public long sentCount() {
        return agent.sentCount();
    }

    /** Requests that were tried. Any thread. */
    public long attemptCount() {
        return agent.attemptCount();
    }

    @Override
    public long droppedCount() {
        return agent.droppedCount();
    }

    @Override
    public void close() {
        runner.close();
        executor.shutdownNow();
    }
}

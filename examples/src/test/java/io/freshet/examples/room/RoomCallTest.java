package io.freshet.examples.room;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import io.freshet.engine.Endpoint;
import io.freshet.engine.EngineConfig;
import io.freshet.engine.FreshetEngine;
import io.freshet.engine.IceServers;
import io.freshet.engine.RoomConfig;
import io.freshet.engine.room.CoturnServer;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.v1.ChannelAttributes;
import io.freshet.protocol.v1.ChannelKind;
import io.freshet.protocol.v1.RoomSettings;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Browsers call each other through a room of a real engine: pages of {@code src/test/resources/room} in Chromium, with its fake camera, microphone
 * and screen. Skipped where there is no Chromium or no Node; Debian's packages {@code chromium} and {@code nodejs} serve.
 */
class RoomCallTest {
    private static final Duration GRACE = Duration.ofSeconds(2);
    private static final int CAPACITY = 3;
    private static final double PATIENCE_MS = 60_000;
    private static final double POLL_MS = 250;

    /** Sound of everybody whom this page calls has come, and as many pictures of each, and more of it than the last time. */
    private static final String FLOWS = """
            async ([peers, pictures]) => {
              const figures = Object.values(await window.page.figures());
              if (figures.length !== peers) return false;
              const before = window.before ?? (window.before = figures);
              return figures.every((figure, i) =>
                figure.state === 'connected' && figure.audioEnergy > before[i].audioEnergy
                && Object.keys(figure.frames).length >= pictures
                && Object.entries(figure.frames).every(([track, count]) => count > (before[i].frames[track] ?? 0) + 5));
            }""";

    private static final List<String> FLAGS = List.of(
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--use-fake-device-for-media-stream",
            "--use-fake-ui-for-media-stream",
            "--autoplay-policy=no-user-gesture-required",
            "--allow-loopback-in-peer-connection");

    @TempDir
    private Path directory;

    private final List<AutoCloseable> opened = new ArrayList<>();
    private @Nullable FreshetEngine engine;
    private Browser browser;
    private int pagePort;

    @BeforeEach
    void start() throws IOException {
        List<Path> chromium = programs("chromium", "chromium-browser", "google-chrome");
        List<Path> node = programs("node", "nodejs");
        assumeFalse(chromium.isEmpty(), "no Chromium is installed");
        assumeFalse(node.isEmpty(), "no Node is installed, which Playwright needs");
        pagePort = opened(PageServer.start("/room/")).port();
        Map<String, String> environment =
                Map.of("PLAYWRIGHT_NODEJS_PATH", node.get(0).toString(), "PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
        Playwright playwright = opened(Playwright.create(new Playwright.CreateOptions().setEnv(environment)));
        browser = opened(playwright
                .chromium()
                .launch(new BrowserType.LaunchOptions()
                        .setExecutablePath(chromium.get(0))
                        .setArgs(FLAGS)));
    }

    private void serve(IceServers iceServers) {
        engine = opened(FreshetEngine.start(EngineConfig.builder()
                .dataDirectory(directory.resolve("data"))
                .listen(Endpoint.webSocket(0, "/freshet"))
                .rooms(RoomConfig.DEFAULTS.grace(GRACE).iceServers(iceServers))
                .build()));
        ChannelAttributes voice = ChannelAttributes.newBuilder()
                .setKind(ChannelKind.CHANNEL_KIND_VOICE)
                .setRoom(RoomSettings.newBuilder()
                        .setCapacity(CAPACITY)
                        .setVideo(true)
                        .setScreen(true))
                .build();
        engine.channel("voice")
                .publish(EventKind.ATTRIBUTES.code(), voice.toByteArray())
                .toCompletableFuture()
                .join();
    }

    @AfterEach
    void stop() throws Exception {
        for (int i = opened.size() - 1; i >= 0; i--) {
            opened.get(i).close();
        }
    }

    private <T extends AutoCloseable> T opened(T resource) {
        opened.add(resource);
        return resource;
    }

    private static List<Path> programs(String... names) {
        return Stream.of(names)
                .map(name -> Path.of("/usr/bin", name))
                .filter(Files::isExecutable)
                .toList();
    }

    /** A tab of its own, as another person has it. */
    private Page open(String name, String options) {
        BrowserContext context = browser.newContext();
        Page page = context.newPage();
        page.setDefaultTimeout(PATIENCE_MS);
        String server = "ws://127.0.0.1:"
                + Objects.requireNonNull(engine).addresses().get(0).getPort() + "/freshet";
        page.navigate("http://127.0.0.1:" + pagePort + "/room.html?channel=voice&name=" + name + "&server="
                + URLEncoder.encode(server, StandardCharsets.UTF_8) + options);
        return page;
    }

    /** A tab that has joined, and sees so many. */
    private Page join(String name, String options, int members) {
        Page page = open(name, options);
        awaitMembers(page, members);
        return page;
    }

    private static void awaitMembers(Page page, int count) {
        page.waitForFunction("count => window.page.members().length === count", count);
    }

    private static void assertFlows(Page page, int peers, int pictures) {
        page.evaluate("() => { window.before = undefined; }");
        awaitAnswer(page, FLOWS, List.of(peers, pictures));
    }

    /** What an asynchronous function says once that is neither false nor empty; {@code waitForFunction} takes its promise for an answer. */
    private static Object awaitAnswer(Page page, String function, @Nullable Object argument) {
        long deadlineNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos((long) PATIENCE_MS);
        Object answer = page.evaluate(function, argument);
        while (answer.equals(false) || answer.equals("")) {
            Object figures = page.evaluate("() => window.page.figures()");
            assertTrue(System.nanoTime() < deadlineNs, () -> "what has come: " + figures);
            page.waitForTimeout(POLL_MS);
            answer = page.evaluate(function, argument);
        }
        return answer;
    }

    @Test
    void shouldCarrySoundBetweenTwo() {
        serve(IceServers.NONE);
        Page ann = join("ann", "", 1);
        Page bob = join("bob", "", 2);
        assertFlows(ann, 1, 0);
        assertFlows(bob, 1, 0);
        assertEquals(ann.evaluate("() => window.page.version()"), bob.evaluate("() => window.page.version()"));
        bob.click("#mute");
        ann.waitForFunction("() => window.page.members().some(each => each.name === 'bob' && each.state.muted)");
        bob.click("#leave");
        awaitMembers(ann, 1);
    }

    @Test
    void shouldCarryPicturesAndAScreenAmongThreeAndTellAFourthThatItIsFull() {
        serve(IceServers.NONE);
        Page ann = join("ann", "&video", 1);
        Page bob = join("bob", "&video", 2);
        Page cat = join("cat", "&video", 3);
        for (Page page : List.of(ann, bob, cat)) {
            assertFlows(page, 2, 1);
        }
        cat.click("#screen");
        ann.waitForFunction("() => window.page.members().some(each => each.name === 'cat' && each.state.screen)");
        String fromCat = (String) cat.evaluate("() => window.page.peer()");
        for (Page page : List.of(ann, bob)) {
            awaitAnswer(
                    page,
                    "async peer => Object.values((await window.page.figures())[peer].frames).filter(count => count > 5).length === 2",
                    fromCat);
        }
        Page dan = open("dan", "&video");
        dan.waitForFunction("() => document.querySelector('#status').textContent.includes('425')");
        ann.screenshot(new Page.ScreenshotOptions().setPath(Path.of("target", "room.png")));
        awaitMembers(ann, 3);
    }

    @Test
    void shouldLetAKilledTabOutOnceItsGraceIsOver() {
        serve(IceServers.NONE);
        Page ann = join("ann", "", 1);
        Page bob = join("bob", "", 2);
        assertFlows(ann, 1, 0);
        bob.context().close();
        ann.waitForFunction("() => window.page.members().some(each => each.name === 'bob' && each.away)");
        awaitMembers(ann, 1);
    }

    @Test
    void shouldGoOnWithTheCallWhenAConnectionIsLostAndComesBack() {
        serve(IceServers.NONE);
        Page ann = join("ann", "", 1);
        Page bob = join("bob", "", 2);
        assertFlows(ann, 1, 0);
        Object peer = bob.evaluate("() => window.page.peer()");
        Object version = bob.evaluate("() => window.page.version()");
        bob.evaluate("() => window.page.loseConnection()");
        bob.waitForFunction("version => window.page.version() !== version", version);
        assertEquals(peer, bob.evaluate("() => window.page.peer()"));
        assertNotEquals(version, bob.evaluate("() => window.page.version()"));
        ann.waitForFunction("() => window.page.members().every(each => !each.away)");
        assertFlows(ann, 1, 0);
    }

    @Test
    void shouldCarryTheCallThroughATurnServerThatKnowsTheEngineByASecretAlone() throws Exception {
        CoturnServer coturn = opened(CoturnServer.start(directory, "north-wind"));
        serve(IceServers.NONE.turn("north-wind", Duration.ofHours(1), coturn.url()));
        Page ann = join("ann", "&relay", 1);
        Page bob = join("bob", "&relay", 2);
        assertFlows(ann, 1, 0);
        assertFlows(bob, 1, 0);
        for (Page page : List.of(ann, bob)) {
            assertEquals(
                    "relay", awaitAnswer(page, "async () => Object.values(await window.page.figures())[0].way", null));
        }
    }
}

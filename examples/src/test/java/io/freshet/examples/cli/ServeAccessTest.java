package io.freshet.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who gets in to a server of its own process, and what it says when that is nearly everybody. */
@Timeout(value = 5, unit = TimeUnit.MINUTES) // processes, several at a time: slow where the processors are busy
final class ServeAccessTest {
    private static final String SECRET = "thirty-two bytes that nobody sees";

    @TempDir
    private Path directory;

    private Path write(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text);
    }

    private CliProcess start(String... args) throws IOException {
        return CliProcess.start(directory, args);
    }

    private CliProcess serve(String... more) throws IOException {
        return CliProcess.serve(directory, directory.resolve("data"), more);
    }

    private void publish(int exitCode, String error, String... options) throws IOException, InterruptedException {
        String[] args = new String[options.length + 3];
        System.arraycopy(new String[] {"publish", "--channel", "lobby"}, 0, args, 0, 3);
        System.arraycopy(options, 0, args, 3, options.length);
        try (CliProcess publish = start(args)) {
            publish.input("hi\n").expectExit(exitCode);
            assertTrue(publish.errors().contains(error), publish.errors());
            assertFalse(publish.errors().contains(SECRET), publish.errors());
        }
    }

    private static String jwt(String claims) throws Exception {
        Base64.Encoder base64 = Base64.getUrlEncoder().withoutPadding();
        String text = base64.encodeToString("{\"alg\":\"HS256\"}".getBytes(StandardCharsets.US_ASCII)) + "."
                + base64.encodeToString(claims.getBytes(StandardCharsets.UTF_8));
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(SECRET.getBytes(StandardCharsets.US_ASCII), "HmacSHA256"));
        return text + "." + base64.encodeToString(mac.doFinal(text.getBytes(StandardCharsets.US_ASCII)));
    }

    @Test
    void shouldLetClientsWithAJsonWebTokenInOverTls() throws Exception {
        X509Bundle certificate = new CertificateBuilder()
                .algorithm(CertificateBuilder.Algorithm.ecp256)
                .subject("CN=localhost")
                .addSanIpAddress("127.0.0.1")
                .setIsCertificateAuthority(true)
                .buildSelfSigned();
        Path chain = write("chain.pem", certificate.getCertificatePEM());
        Path key = write("key.pem", certificate.getPrivateKeyPEM());
        Path config = write(
                "server.conf",
                "auth = jwt\njwt-secret = " + write("secret", SECRET + "\n") + "\njwt-issuer = here\ntls-cert = "
                        + chain + "\ntls-key = " + key + "\nws-port = 0\n");
        try (CliProcess server = serve("--config", config.toString())) {
            String line = server.nextLine();
            assertTrue(line.matches("freshet: listening on tls://127\\.0\\.0\\.1:\\d+"), line + server.errors());
            String webSocket = server.nextLine();
            assertTrue(webSocket.matches("freshet: listening on wss://127\\.0\\.0\\.1:\\d+/freshet"), webSocket);
            String address = line.substring(line.lastIndexOf(' ') + 1);
            long expires = Instant.now().plus(Duration.ofHours(1)).getEpochSecond();
            String claims = "{\"sub\":\"7\",\"iss\":\"here\",\"exp\":" + expires + "}";
            Path token = write("token", jwt(claims) + "\n");
            Path forged = write("forged", jwt(claims).replace(".", ".A"));

            publish(
                    0,
                    "1 messages acknowledged in lobby, last sequence 1",
                    "--server",
                    address,
                    "--trust",
                    chain.toString(),
                    "--token-file",
                    token.toString());
            publish(
                    1,
                    "the token was refused",
                    "--server",
                    address,
                    "--trust",
                    chain.toString(),
                    "--token-file",
                    forged.toString());
            publish(1, "cannot reach", "--server", address, "--token-file", token.toString());
            server.terminate();
            server.expectExit(0);
            assertEquals(
                    "freshet: delivery holds at most 260 MiB in memory\nfreshet: stopping\nfreshet: stopped\n",
                    server.errors());
        }
    }

    @Test
    void shouldNotOpenItselfToTheNetworkUnlessTold() throws Exception {
        try (CliProcess server = serve("--host", "0.0.0.0")) {
            server.expectExit(2);
            assertTrue(server.errors().contains("say who clients are: --auth jwt"), server.errors());
        }
        try (CliProcess server = serve("--host", "0.0.0.0", "--auth", "anonymous")) {
            assertTrue(server.nextLine().startsWith("freshet: listening on 0.0.0.0:"), server.errors());
            assertTrue(server.errors().contains("freshet: OPEN TO THE NETWORK: tcp://0.0.0.0:0\n"), server.errors());
            assertTrue(server.errors().contains("freshet: NOT ENCRYPTED"), server.errors());
            assertTrue(server.errors().contains("freshet: FOR DEVELOPMENT ONLY"), server.errors());
            server.terminate();
            server.expectExit(0);
        }
    }

    @Test
    void shouldKnowTokensOfAFileAndShowNoneOfThem() throws Exception {
        Path tokens = write("tokens", "# id name token\n7 ann " + SECRET.replace(' ', '-') + "\n");
        try (CliProcess server = serve("--auth", "tokens", "--tokens", tokens.toString())) {
            String address = server.awaitAddress();
            publish(0, "1 messages acknowledged", "--server", address, "--token", SECRET.replace(' ', '-'));
            publish(1, "the token was refused", "--server", address, "--token", "ann");
            server.terminate();
            server.expectExit(0);
            assertFalse(server.errors().contains(SECRET.replace(' ', '-')), server.errors());
        }
        Path wrong = write("wrong", "7 " + SECRET + " too many words\n");
        try (CliProcess server = serve("--auth", "tokens", "--tokens", wrong.toString())) {
            server.expectExit(2);
            assertTrue(server.errors().contains("wrong:1: not a line of"), server.errors());
            assertFalse(server.errors().contains(SECRET), server.errors());
        }
    }

    @Test
    void shouldRefuseOptionsThatNeedOthers() throws Exception {
        String[][] wrong = {
            {"--tls-cert", "a.pem", "--tls-cert and --tls-key need each other"},
            {"--tls-client-ca", "a.pem", "--tls-client-ca needs"},
            {"--ws-origin", "https://a", "--ws-origin needs --ws-port"},
            {"--auth", "tokens", "--auth tokens and --tokens need each other"},
            {"--auth", "jwt", "--auth jwt needs one of"},
            {"--allow", "10.0.0.1/8", "'10.0.0.1/8' has bits set behind its prefix"},
            {"--trust-proxy", "proxy", "'proxy' is not an address or a range"},
        };
        for (String[] each : wrong) {
            try (CliProcess server = serve(each[0], each[1])) {
                server.expectExit(2);
                assertTrue(server.errors().contains(each[2]), server.errors());
            }
        }
    }
}

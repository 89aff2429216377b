package io.freshet.engine.transport;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a client asks for before it speaks WebSocket (RFC 6455, 4.2.1), read strictly: an HTTP/1.1 GET, lines that end in CR LF, no
 * folded lines, no body, each header that counts once. A class of its own because it sees what anybody may send.
 */
final class UpgradeRequest {
    private static final String VERSION = "13";
    private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; // RFC 6455, 1.3
    private static final int KEY_LENGTH = 16;
    private static final int MAX_HEADER_COUNT = 100;
    private static final int LEAST_TEXT = 0x20;
    private static final int DELETE = 0x7F;

    private final String path;
    private final Map<String, String> headers;

    /** Why a request is not followed. */
    enum Refusal {
        BAD_REQUEST("400 Bad Request"),
        FORBIDDEN_ORIGIN("403 Forbidden"),
        UNKNOWN_PATH("404 Not Found"),
        WRONG_METHOD("405 Method Not Allowed"),
        TIMEOUT("408 Request Timeout"),
        NO_UPGRADE("426 Upgrade Required"),
        TOO_LONG("431 Request Header Fields Too Large");

        private final String status;

        Refusal(String status) {
            this.status = status;
        }

        /** The answer as bytes. The connection ends with it. */
        byte[] response() {
            String more = switch (this) {
                case NO_UPGRADE -> "Upgrade: websocket\r\nSec-WebSocket-Version: " + VERSION + "\r\n";
                case WRONG_METHOD -> "Allow: GET\r\n";
                default -> "";
            };
            String connection = this == NO_UPGRADE ? "Upgrade, close" : "close";
            return ("HTTP/1.1 " + status + "\r\n" + more + "Connection: " + connection
                            + "\r\nContent-Length: 0\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII);
        }
    }

    /** A request that is refused; without a stack, it is the client's doing. */
    static final class RefusedException extends Exception {
        private static final long serialVersionUID = 1;

        private final Refusal refusal;

        RefusedException(Refusal refusal) {
            super(refusal.status, null, false, false);
            this.refusal = refusal;
        }

        Refusal refusal() {
            return refusal;
        }
    }

    private UpgradeRequest(String path, Map<String, String> headers) {
        this.path = path;
        this.headers = headers;
    }

    /** Parses a request whose last bytes are its empty line. */
    static UpgradeRequest parse(byte[] bytes) throws RefusedException {
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        String[] lines = text.split("\r\n", -1);
        if (lines.length < 3 || lines.length > MAX_HEADER_COUNT + 3) {
            throw new RefusedException(lines.length < 3 ? Refusal.BAD_REQUEST : Refusal.TOO_LONG);
        }
        for (String line : lines) {
            if (line.chars().anyMatch(c -> (c < LEAST_TEXT && c != '\t') || c == DELETE)) {
                throw new RefusedException(Refusal.BAD_REQUEST);
            }
        }
        String[] request = lines[0].split(" ", -1);
        if (request.length != 3 || !request[2].equals("HTTP/1.1") || !request[1].startsWith("/")) {
            throw new RefusedException(Refusal.BAD_REQUEST);
        }
        if (!request[0].equals("GET")) {
            throw new RefusedException(Refusal.WRONG_METHOD);
        }
        Map<String, String> headers = new HashMap<>();
        for (String line : Arrays.asList(lines).subList(1, lines.length - 2)) {
            addHeader(headers, line);
        }
        return new UpgradeRequest(pathOf(request[1]), headers);
    }

    private static void addHeader(Map<String, String> headers, String line) throws RefusedException {
        int colon = line.indexOf(':');
        String name = colon < 0 ? "" : line.substring(0, colon).toLowerCase(Locale.ROOT);
        if (!name.matches("[!#$%&'*+.^_`|~0-9a-z-]+")) {
            throw new RefusedException(Refusal.BAD_REQUEST);
        }
        String value = line.substring(colon + 1).strip();
        String before = headers.put(name, value);
        if (before != null) {
            boolean isList = name.equals("connection") || name.equals("upgrade") || !isCounted(name);
            if (!isList) {
                throw new RefusedException(Refusal.BAD_REQUEST);
            }
            headers.put(name, before + ", " + value);
        }
    }

    /** Headers that would mean two things if they were there twice. */
    private static boolean isCounted(String name) {
        return List.of("host", "origin", "content-length", "transfer-encoding").contains(name)
                || name.startsWith("sec-websocket-key")
                || name.startsWith("sec-websocket-version");
    }

    private static String pathOf(String target) {
        int query = target.indexOf('?');
        return query < 0 ? target : target.substring(0, query);
    }

    /**
     * The answer that opens the WebSocket.
     *
     * @param expectedPath where this endpoint is
     * @param origins whose pages may connect; empty: those of the same host; {@code *}: all
     */
    byte[] accept(String expectedPath, List<String> origins) throws RefusedException {
        if (!header("content-length").matches("0?")
                || !header("transfer-encoding").isEmpty()) {
            throw new RefusedException(Refusal.BAD_REQUEST);
        }
        if (!path.equals(expectedPath)) {
            throw new RefusedException(Refusal.UNKNOWN_PATH);
        }
        if (!hasToken("upgrade", "websocket")
                || !hasToken("connection", "upgrade")
                || !header("sec-websocket-version").equals(VERSION)) {
            throw new RefusedException(Refusal.NO_UPGRADE);
        }
        String key = header("sec-websocket-key");
        if (header("host").isEmpty() || !isKey(key)) {
            throw new RefusedException(Refusal.BAD_REQUEST);
        }
        if (!isAllowed(headers.get("origin"), origins)) {
            throw new RefusedException(Refusal.FORBIDDEN_ORIGIN);
        }
        return ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        + "Sec-WebSocket-Accept: " + acceptKey(key) + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    private String header(String name) {
        return headers.getOrDefault(name, "");
    }

    private boolean hasToken(String header, String token) {
        return Arrays.stream(header(header).split(","))
                .anyMatch(each -> each.strip().equalsIgnoreCase(token));
    }

    private static boolean isKey(String key) {
        try {
            return Base64.getDecoder().decode(key).length == KEY_LENGTH;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private boolean isAllowed(@Nullable String origin, List<String> origins) {
        if (origin == null || origins.contains("*") || origins.contains(origin)) {
            return true;
        }
        if (!origins.isEmpty()) {
            return false;
        }
        String originHost = hostOf(origin);
        return originHost != null && originHost.equalsIgnoreCase(hostOf("http://" + header("host")));
    }

    private static @Nullable String hostOf(String uri) {
        try {
            return new URI(uri).getHost();
        } catch (URISyntaxException e) {
            return null;
        }
    }

    private static String acceptKey(String key) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-1").digest((key + GUID).getBytes(StandardCharsets.US_ASCII));
            return Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-1", e);
        }
    }
}

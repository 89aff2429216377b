package io.freshet.engine.transport;

import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.util.AsciiString;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a client asks for before it speaks WebSocket (RFC 6455, 4.2.1): an HTTP/1.1 GET without a body, each header that counts there
 * once. Netty's decoder has read it; whether it is followed is decided here.
 */
final class UpgradeRequest {
    private static final String VERSION = "13";
    private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; // RFC 6455, 1.3
    private static final int KEY_LENGTH = 16;

    /** Headers that would mean two things if they were there twice. */
    private static final List<AsciiString> SINGLE = List.of(
            HttpHeaderNames.HOST,
            HttpHeaderNames.ORIGIN,
            HttpHeaderNames.CONTENT_LENGTH,
            HttpHeaderNames.SEC_WEBSOCKET_KEY,
            HttpHeaderNames.SEC_WEBSOCKET_VERSION);

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

    private final HttpHeaders headers;
    private final String path;

    private UpgradeRequest(String path, HttpHeaders headers) {
        this.path = path;
        this.headers = headers;
    }

    /** Looks at a request as Netty's decoder gives it, one that it could not read included. */
    static UpgradeRequest of(HttpRequest request) throws RefusedException {
        Throwable failure = request.decoderResult().cause();
        if (failure instanceof TooLongFrameException) {
            throw new RefusedException(Refusal.TOO_LONG);
        }
        boolean isRead = failure == null
                && request.protocolVersion().equals(HttpVersion.HTTP_1_1)
                && request.uri().startsWith("/");
        if (!isRead) {
            throw new RefusedException(Refusal.BAD_REQUEST);
        }
        if (!request.method().equals(HttpMethod.GET)) {
            throw new RefusedException(Refusal.WRONG_METHOD);
        }
        for (AsciiString name : SINGLE) {
            if (request.headers().getAll(name).size() > 1) {
                throw new RefusedException(Refusal.BAD_REQUEST);
            }
        }
        return new UpgradeRequest(new QueryStringDecoder(request.uri()).rawPath(), request.headers());
    }

    /** Whether there is more to come than headers, which nobody waits for: it is refused. */
    static boolean hasBody(HttpRequest request) {
        return hasBody(request.headers());
    }

    private static boolean hasBody(HttpHeaders headers) {
        return headers.contains(HttpHeaderNames.TRANSFER_ENCODING)
                || !headers.get(HttpHeaderNames.CONTENT_LENGTH, "").matches("0?");
    }

    /**
     * The answer that opens the WebSocket.
     *
     * @param expectedPath where this endpoint is
     * @param origins whose pages may connect; empty: those of the same host; {@code *}: all
     * @param isLocal whether the client is on this machine. A page from anywhere can have the name of its own host resolved to this machine, and
     *     is then of the same host: here only this machine's own names are.
     */
    byte[] accept(String expectedPath, List<String> origins, boolean isLocal) throws RefusedException {
        if (hasBody(headers)) {
            throw new RefusedException(Refusal.BAD_REQUEST);
        }
        if (!path.equals(expectedPath)) {
            throw new RefusedException(Refusal.UNKNOWN_PATH);
        }
        if (!headers.containsValue(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET, true)
                || !headers.containsValue(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE, true)
                || !header(HttpHeaderNames.SEC_WEBSOCKET_VERSION).equals(VERSION)) {
            throw new RefusedException(Refusal.NO_UPGRADE);
        }
        String key = header(HttpHeaderNames.SEC_WEBSOCKET_KEY);
        if (header(HttpHeaderNames.HOST).isEmpty() || !isKey(key)) {
            throw new RefusedException(Refusal.BAD_REQUEST);
        }
        if (!isAllowed(headers.get(HttpHeaderNames.ORIGIN), origins, isLocal)) {
            throw new RefusedException(Refusal.FORBIDDEN_ORIGIN);
        }
        return ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        + "Sec-WebSocket-Accept: " + acceptKey(key) + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    private String header(AsciiString name) {
        return headers.get(name, "");
    }

    private static boolean isKey(String key) {
        try {
            return Base64.getDecoder().decode(key).length == KEY_LENGTH;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private boolean isAllowed(@Nullable String origin, List<String> origins, boolean isLocal) {
        if (origin == null || origins.contains("*") || origins.contains(origin)) {
            return true;
        }
        if (!origins.isEmpty()) {
            return false;
        }
        String originHost = hostOf(origin);
        return originHost != null
                && originHost.equalsIgnoreCase(hostOf("http://" + header(HttpHeaderNames.HOST)))
                && (!isLocal || isOfThisMachine(originHost));
    }

    private static boolean isOfThisMachine(String host) {
        if (host.equalsIgnoreCase("localhost")) {
            return true;
        }
        byte[] address = NetUtil.createByteArrayFromIpAddressString(host);
        try {
            return address != null && InetAddress.getByAddress(address).isLoopbackAddress();
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e); // of four or sixteen bytes
        }
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

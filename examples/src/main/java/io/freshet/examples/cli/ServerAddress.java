package io.freshet.examples.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * {@code HOST:PORT}, or {@code tls://HOST:PORT} when it is encrypted; {@code ws://HOST:PORT/PATH} and {@code wss://HOST:PORT/PATH} over WebSocket. An
 * IPv6 address stands in brackets.
 *
 * @param path of the WebSocket; null when there is none
 */
record ServerAddress(
        String host, int port, boolean isTls, @Nullable String path) {
    static final int MAX_PORT = 65_535;

    private static final String TLS_SCHEME = "tls://";
    private static final String WS_SCHEME = "ws://";
    private static final String WSS_SCHEME = "wss://";
    private static final String DEFAULT_PATH = "/freshet";

    ServerAddress(String host, int port) {
        this(host, port, false, null);
    }

    @Override
    public String toString() {
        String place = (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
        return path == null ? (isTls ? TLS_SCHEME : "") + place : (isTls ? WSS_SCHEME : WS_SCHEME) + place + path;
    }

    static final class Converter implements ITypeConverter<ServerAddress> {
        @Override
        public ServerAddress convert(String given) {
            boolean isWebSocket = given.startsWith(WS_SCHEME) || given.startsWith(WSS_SCHEME);
            boolean isTls = given.startsWith(TLS_SCHEME) || given.startsWith(WSS_SCHEME);
            String text = isWebSocket || isTls ? given.substring(given.indexOf("://") + 3) : given;
            int slash = isWebSocket ? text.indexOf('/') : -1;
            String place = slash < 0 ? text : text.substring(0, slash);
            int colon = place.lastIndexOf(':');
            String host = colon < 0 ? "" : place.substring(0, colon);
            if (host.startsWith("[") && host.endsWith("]")) {
                host = host.substring(1, host.length() - 1);
            } else if (host.contains(":")) {
                host = "";
            }
            int port = colon < 0 ? -1 : port(place.substring(colon + 1));
            if (host.isEmpty() || port < 0) {
                throw new TypeConversionException(
                        "'" + given + "' is not of the form HOST:PORT, tls://HOST:PORT or ws://HOST:PORT/PATH");
            }
            String path = slash < 0 ? DEFAULT_PATH : text.substring(slash);
            return new ServerAddress(host, port, isTls, isWebSocket ? path : null);
        }

        private static int port(String text) {
            try {
                int port = Integer.parseInt(text);
                return port > 0 && port <= MAX_PORT ? port : -1;
            } catch (NumberFormatException e) {
                return -1;
            }
        }
    }
}

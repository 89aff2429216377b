package io.freshet.examples.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** {@code HOST:PORT}, or {@code tls://HOST:PORT} when it is encrypted; an IPv6 address stands in brackets. */
record ServerAddress(String host, int port, boolean isTls) {
    static final int MAX_PORT = 65_535;
    static final String TLS_SCHEME = "tls://";

    ServerAddress(String host, int port) {
        this(host, port, false);
    }

    @Override
    public String toString() {
        return (isTls ? TLS_SCHEME : "") + (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }

    static final class Converter implements ITypeConverter<ServerAddress> {
        @Override
        public ServerAddress convert(String given) {
            boolean isTls = given.startsWith(TLS_SCHEME);
            String text = isTls ? given.substring(TLS_SCHEME.length()) : given;
            int colon = text.lastIndexOf(':');
            String host = colon < 0 ? "" : text.substring(0, colon);
            if (host.startsWith("[") && host.endsWith("]")) {
                host = host.substring(1, host.length() - 1);
            } else if (host.contains(":")) {
                host = "";
            }
            int port = colon < 0 ? -1 : port(text.substring(colon + 1));
            if (host.isEmpty() || port < 0) {
                throw new TypeConversionException("'" + given + "' is not of the form HOST:PORT or tls://HOST:PORT");
            }
            return new ServerAddress(host, port, isTls);
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

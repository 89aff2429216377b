package io.freshet.examples.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** {@code HOST:PORT}; an IPv6 address stands in brackets. */
record ServerAddress(String host, int port) {
    static final int MAX_PORT = 65_535;

    @Override
    public String toString() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }

    static final class Converter implements ITypeConverter<ServerAddress> {
        @Override
        public ServerAddress convert(String text) {
            int colon = text.lastIndexOf(':');
            String host = colon < 0 ? "" : text.substring(0, colon);
            if (host.startsWith("[") && host.endsWith("]")) {
                host = host.substring(1, host.length() - 1);
            } else if (host.contains(":")) {
                host = "";
            }
            int port = colon < 0 ? -1 : port(text.substring(colon + 1));
            if (host.isEmpty() || port < 0) {
                throw new TypeConversionException("'" + text + "' is not of the form HOST:PORT");
            }
            return new ServerAddress(host, port);
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

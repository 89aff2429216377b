package io.freshet.engine;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Where the engine listens, how it is spoken to there, and who may connect. Immutable; each method gives another one. */
public final class Endpoint {
    private static final String LOOPBACK = "127.0.0.1";

    private final InetSocketAddress address;
    private final @Nullable String path;
    private final List<String> origins;
    private final @Nullable TlsConfig tls;
    private final AddressRanges allowed;
    private final AddressRanges trustedProxies;

    private Endpoint(
            InetSocketAddress address,
            @Nullable String path,
            List<String> origins,
            @Nullable TlsConfig tls,
            AddressRanges allowed,
            AddressRanges trustedProxies) {
        this.address = address;
        this.path = path;
        this.origins = List.copyOf(origins);
        this.tls = tls;
        this.allowed = allowed;
        this.trustedProxies = trustedProxies;
    }

    /** TCP on the loopback address. Port 0: any that is free. */
    public static Endpoint tcp(int port) {
        return tcp(LOOPBACK, port);
    }

    /** TCP on this address. Port 0: any that is free. */
    public static Endpoint tcp(String host, int port) {
        return of(host, port, null);
    }

    /** WebSocket on the loopback address. */
    public static Endpoint webSocket(int port, String path) {
        return webSocket(LOOPBACK, port, path);
    }

    /**
     * WebSocket (RFC 6455) on this address: the same frames, one or more in each binary message.
     *
     * @param path what clients must ask for, such as {@code /freshet}
     * @throws IllegalArgumentException when the path does not begin with a slash or has more than printable ASCII
     */
    public static Endpoint webSocket(String host, int port, String path) {
        if (!path.matches("/[!-~&&[^?#]]*")) {
            throw new IllegalArgumentException("the path '" + path + "' must begin with / and be printable ASCII");
        }
        return of(host, port, path);
    }

    private static Endpoint of(String host, int port, @Nullable String path) {
        return new Endpoint(
                new InetSocketAddress(host, port), path, List.of(), null, AddressRanges.ALL, AddressRanges.NONE);
    }

    /** The same, encrypted. */
    public Endpoint tls(TlsConfig config) {
        return new Endpoint(address, path, origins, Objects.requireNonNull(config, "config"), allowed, trustedProxies);
    }

    /**
     * The same for pages of these origins, such as {@code https://chat.example.org}, or of any with {@code *}. Without it a page must
     * come from the host that it connects to; for clients on this machine that is localhost or a loopback address, and no other name, since anybody
     * can have a name of theirs resolved to it. A client that names no origin is no page and may always connect.
     *
     * @throws IllegalStateException when this is no WebSocket endpoint
     */
    public Endpoint origins(String... allowedOrigins) {
        if (path == null) {
            throw new IllegalStateException("only a WebSocket endpoint has origins, not " + this);
        }
        return new Endpoint(address, path, List.of(allowedOrigins), tls, allowed, trustedProxies);
    }

    /** The same for connections from these addresses only; others are closed at once. */
    public Endpoint allow(AddressRanges addresses) {
        return new Endpoint(
                address, path, origins, tls, Objects.requireNonNull(addresses, "addresses"), trustedProxies);
    }

    /**
     * The same behind proxies at these addresses, which must begin each connection with a header of the PROXY protocol, version 1 or 2. The
     * client's address, also for {@link #allow}, is then the one in the header. From everywhere else such a header is garbage.
     */
    public Endpoint trustProxies(AddressRanges proxies) {
        return new Endpoint(address, path, origins, tls, allowed, Objects.requireNonNull(proxies, "proxies"));
    }

    /** Where it listens. */
    public InetSocketAddress address() {
        return address;
    }

    /** What a WebSocket client asks for; null for TCP. */
    public @Nullable String path() {
        return path;
    }

    /** Where pages may come from; empty for the same host only. */
    public List<String> origins() {
        return origins;
    }

    /** How it is encrypted; null when it is not. */
    public @Nullable TlsConfig tls() {
        return tls;
    }

    /** Who may connect. */
    public AddressRanges allowed() {
        return allowed;
    }

    /** Whose word for a client's address is taken. */
    public AddressRanges trustedProxies() {
        return trustedProxies;
    }

    /** Whether only this machine can reach it. */
    public boolean isLoopback() {
        return address.getAddress() != null && address.getAddress().isLoopbackAddress();
    }

    @Override
    public String toString() {
        String scheme = path == null ? (tls == null ? "tcp" : "tls") : (tls == null ? "ws" : "wss");
        String host = address.getHostString();
        return scheme + "://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort()
                + (path == null ? "" : path);
    }
}

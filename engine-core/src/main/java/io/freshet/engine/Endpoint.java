package io.freshet.engine;

import java.net.InetSocketAddress;

/** Where the engine listens. */
public final class Endpoint {
    private final InetSocketAddress address;

    private Endpoint(InetSocketAddress address) {
        this.address = address;
    }

    /** Plain TCP on the loopback address. Port 0: any that is free. */
    public static Endpoint tcp(int port) {
        return tcp("127.0.0.1", port);
    }

    /** Plain TCP on this address. Port 0: any that is free. */
    public static Endpoint tcp(String host, int port) {
        return new Endpoint(new InetSocketAddress(host, port));
    }

    InetSocketAddress address() {
        return address;
    }

    @Override
    public String toString() {
        return "tcp://" + address.getHostString() + ":" + address.getPort();
    }
}

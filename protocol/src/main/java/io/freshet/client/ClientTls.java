package io.freshet.client;

import io.freshet.protocol.WholeFile;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * How a client's connection is encrypted: TLS 1.2 or 1.3; the server must show a certificate for the name or address that the client connects to. Immutable; the files are
 * read when it is made, and have 1 MiB each at most.
 */
public final class ClientTls {
    private static final int MAX_FILE_LENGTH = 1 << 20;

    private final @Nullable Path authorities;
    private final SslContext context;

    private ClientTls(@Nullable Path authorities, @Nullable Path certificateChain, @Nullable Path privateKey) {
        this.authorities = authorities;
        SslContextBuilder builder = SslContextBuilder.forClient().protocols("TLSv1.3", "TLSv1.2");
        try {
            if (authorities != null) {
                builder.trustManager(read(authorities));
            }
            if (certificateChain != null && privateKey != null) {
                builder.keyManager(read(certificateChain), read(privateKey));
            }
            context = builder.build();
        } catch (SSLException | IllegalArgumentException e) {
            throw new UncheckedIOException(new IOException("TLS cannot be used: " + e.getMessage(), e));
        } catch (IOException e) {
            throw new UncheckedIOException("TLS cannot be used: " + e.getMessage(), e);
        }
    }

    private static InputStream read(Path file) throws IOException {
        return new ByteArrayInputStream(WholeFile.bytes(file, MAX_FILE_LENGTH));
    }

    /** Trusts the authorities that the JDK trusts. */
    public static ClientTls trustingTheSystem() {
        return new ClientTls(null, null, null);
    }

    /**
     * Trusts the authorities, or the very certificates, in this file, in PEM.
     *
     * @throws UncheckedIOException when it cannot be read or used
     */
    public static ClientTls trusting(Path authorities) {
        return new ClientTls(authorities, null, null);
    }

    /**
     * The same, and shows a certificate of its own to servers that ask for one.
     *
     * @param certificateChain in PEM
     * @param privateKey in PEM, as PKCS#8, not encrypted
     * @throws UncheckedIOException when one cannot be read or used
     */
    public ClientTls showing(Path certificateChain, Path privateKey) {
        return new ClientTls(authorities, certificateChain, privateKey);
    }

    /** What encrypts one connection. */
    SslHandler newHandler(ByteBufAllocator allocator, String host, int port, long timeoutNs) {
        SslHandler handler = context.newHandler(allocator, host, port);
        handler.setHandshakeTimeoutMillis(Math.max(1, TimeUnit.NANOSECONDS.toMillis(timeoutNs)));
        return handler;
    }
}

package io.freshet.engine.transport;

import io.freshet.engine.FileWatch;
import io.freshet.engine.TlsConfig;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The TLS of one endpoint, made again when its files change. {@link #newHandler} is called by the loops, {@link #refresh} by
 * one other thread.
 */
public final class TlsContext {
    private static final Logger LOG = LoggerFactory.getLogger(TlsContext.class);

    /** Forward secrecy and authenticated encryption; the first three are of TLS 1.3. */
    private static final List<String> CIPHERS = List.of(
            "TLS_AES_128_GCM_SHA256",
            "TLS_AES_256_GCM_SHA384",
            "TLS_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

    private final TlsConfig config;
    private final FileWatch files;
    private volatile SslContext current;

    /**
     * Reads the files.
     *
     * @throws UncheckedIOException when one cannot be read or used
     */
    public TlsContext(TlsConfig config) {
        this.config = config;
        files = new FileWatch(filesOf(config));
        try {
            current = read(config);
        } catch (IOException e) {
            throw new UncheckedIOException("TLS cannot be used: " + e.getMessage(), e);
        } catch (GeneralSecurityException e) {
            throw new UncheckedIOException(new IOException("TLS cannot be used: " + e.getMessage(), e));
        }
    }

    private static List<Path> filesOf(TlsConfig config) {
        List<Path> files = new ArrayList<>(List.of(config.certificateChain(), config.privateKey()));
        if (config.clientAuthorities() != null) {
            files.add(config.clientAuthorities());
        }
        return files;
    }

    private static SslContext read(TlsConfig config) throws IOException, GeneralSecurityException {
        X509Certificate[] chain = KeyFiles.certificates(config.certificateChain());
        SslContextBuilder builder = SslContextBuilder.forServer(
                        KeyFiles.privateKey(config.privateKey(), chain[0]), chain)
                .sslProvider(provider(config.library()))
                .protocols("TLSv1.3", "TLSv1.2")
                .ciphers(CIPHERS, SupportedCipherSuiteFilter.INSTANCE);
        if (config.clientAuthorities() != null) {
            builder.clientAuth(ClientAuth.REQUIRE).trustManager(KeyFiles.certificates(config.clientAuthorities()));
        }
        return builder.build();
    }

    private static SslProvider provider(TlsConfig.Library library) {
        return switch (library) {
            case AUTO -> OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK;
            case BORINGSSL -> SslProvider.OPENSSL;
            case JDK -> SslProvider.JDK;
        };
    }

    /** What encrypts one connection, with the certificate of now. The session's deadline covers its handshake. */
    SslHandler newHandler(ByteBufAllocator allocator) {
        SslHandler handler = current.newHandler(allocator);
        handler.setHandshakeTimeoutMillis(0);
        return handler;
    }

    /** Takes over files that have changed, if they can be used, and says which it was. Blocks on the disk. */
    public void refresh() {
        if (!files.hasChanged()) {
            return;
        }
        try {
            current = read(config);
            LOG.info("new connections get the certificate that {} holds now", config.certificateChain());
        } catch (IOException | GeneralSecurityException e) {
            LOG.warn("the changed TLS files cannot be used, the old certificate stays: {}", e.toString());
        }
    }
}

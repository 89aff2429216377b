package io.freshet.engine;

import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * TLS of an endpoint: versions 1.2 and 1.3 with forward secrecy and authenticated ciphers, nothing else. The files are in PEM and are looked at
 * once a second: when they change, new connections get the new certificate; when what they hold cannot be used, the old one
 * stays and the log says so. Immutable.
 *
 * @param certificateChain the certificate of the server, and those that it was signed with
 * @param privateKey its key, as PKCS#8 ({@code BEGIN PRIVATE KEY}), not encrypted
 * @param clientAuthorities whose certificates clients must show one of; null when they need not show any
 * @param library who does the work
 */
public record TlsConfig(
        Path certificateChain, Path privateKey, @Nullable Path clientAuthorities, Library library) {
    /** Who does the work. */
    public enum Library {
        /** BoringSSL where it is there, the JDK elsewhere. */
        AUTO,
        /** BoringSSL, through Netty's {@code netty-tcnative-boringssl-static}. */
        BORINGSSL,
        /** What the JDK has. */
        JDK
    }

    public TlsConfig {
        Objects.requireNonNull(certificateChain, "certificateChain");
        Objects.requireNonNull(privateKey, "privateKey");
        Objects.requireNonNull(library, "library");
    }

    /** A certificate that clients check. */
    public static TlsConfig of(Path certificateChain, Path privateKey) {
        return new TlsConfig(certificateChain, privateKey, null, Library.AUTO);
    }

    /** The same, and clients must show a certificate that one of these authorities has signed. */
    public TlsConfig requireClientsOf(Path authorities) {
        return new TlsConfig(certificateChain, privateKey, authorities, library);
    }

    /** The same with another library. */
    public TlsConfig library(Library other) {
        return new TlsConfig(certificateChain, privateKey, clientAuthorities, other);
    }
}

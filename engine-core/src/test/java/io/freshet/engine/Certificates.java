package io.freshet.engine;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** An authority, and certificates that it signs, in files of a test. */
final class Certificates {
    private static final char[] NO_PASSWORD = new char[0];

    private final X509Bundle authority;
    private final Path directory;

    Certificates(Path directory) throws Exception {
        this.directory = directory;
        authority = new CertificateBuilder()
                .algorithm(CertificateBuilder.Algorithm.ecp256)
                .subject("CN=Freshet test authority")
                .setIsCertificateAuthority(true)
                .buildSelfSigned();
    }

    /** A certificate for this machine, of which {@code name} says which it is. */
    X509Bundle issue(String name) throws Exception {
        return new CertificateBuilder()
                .algorithm(CertificateBuilder.Algorithm.ecp256)
                .subject("CN=" + name)
                .addSanDnsName("localhost")
                .addSanIpAddress("127.0.0.1")
                .buildIssuedBy(authority);
    }

    Path authorityFile() throws IOException {
        return Files.writeString(directory.resolve("authority.pem"), authority.getCertificatePEM());
    }

    /** Writes a server's certificate and key where {@link #config} looks for them. */
    void write(X509Bundle bundle) throws IOException {
        Files.writeString(directory.resolve("chain.pem"), bundle.getCertificatePathPEM());
        Files.writeString(directory.resolve("key.pem"), bundle.getPrivateKeyPEM());
    }

    TlsConfig config() {
        return TlsConfig.of(directory.resolve("chain.pem"), directory.resolve("key.pem"));
    }

    /** What a client needs that trusts the authority and shows a certificate of its own, or none. */
    SSLContext client(X509Bundle... own) throws GeneralSecurityException, IOException {
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, NO_PASSWORD);
        trusted.setCertificateEntry("authority", authority.getCertificate());
        trust.init(trusted);
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        KeyStore mine = KeyStore.getInstance("PKCS12");
        mine.load(null, NO_PASSWORD);
        for (X509Bundle bundle : own) {
            mine.setKeyEntry("own", bundle.getKeyPair().getPrivate(), NO_PASSWORD, bundle.getCertificatePath());
        }
        keys.init(mine, NO_PASSWORD);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }
}

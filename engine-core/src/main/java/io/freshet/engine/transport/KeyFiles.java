package io.freshet.engine.transport;

import io.freshet.protocol.WholeFile;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads certificates and keys in PEM, and checks that they belong together before anybody meets them. */
final class KeyFiles {
    private static final int MAX_LENGTH = 1 << 20;
    private static final Pattern PRIVATE_KEY =
            Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");

    private KeyFiles() {}

    /**
     * The certificates of a file, in its order.
     *
     * @throws GeneralSecurityException when there is none or one cannot be read
     */
    static X509Certificate[] certificates(Path file) throws IOException, GeneralSecurityException {
        InputStream in = new ByteArrayInputStream(WholeFile.bytes(file, MAX_LENGTH));
        X509Certificate[] found = CertificateFactory.getInstance("X.509").generateCertificates(in).stream()
                .map(X509Certificate.class::cast)
                .toArray(X509Certificate[]::new);
        if (found.length == 0) {
            throw new GeneralSecurityException(file + " holds no certificate");
        }
        return found;
    }

    /**
     * The private key of a file that belongs to this certificate. No message of a failure shows any of it.
     *
     * @throws GeneralSecurityException when there is none, or it is another certificate's
     */
    static PrivateKey privateKey(Path file, X509Certificate certificate) throws IOException, GeneralSecurityException {
        byte[] text = WholeFile.bytes(file, MAX_LENGTH);
        Matcher pem = PRIVATE_KEY.matcher(new String(text, StandardCharsets.ISO_8859_1));
        if (!pem.find()) {
            throw new GeneralSecurityException(file + " holds no PKCS#8 key (BEGIN PRIVATE KEY)");
        }
        String algorithm = certificate.getPublicKey().getAlgorithm();
        PrivateKey key;
        try {
            PKCS8EncodedKeySpec encoded =
                    new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(pem.group(1)));
            key = KeyFactory.getInstance(algorithm).generatePrivate(encoded);
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new GeneralSecurityException(file + " holds no readable key of kind " + algorithm);
        }
        if (!belongTogether(key, certificate)) {
            throw new GeneralSecurityException(file + " is not the key of the certificate");
        }
        return key;
    }

    private static boolean belongTogether(PrivateKey key, X509Certificate certificate) throws GeneralSecurityException {
        String algorithm = switch (key.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> key.getAlgorithm();
        };
        byte[] text = "freshet".getBytes(StandardCharsets.US_ASCII);
        Signature signer = Signature.getInstance(algorithm);
        signer.initSign(key);
        signer.update(text);
        Signature verifier = Signature.getInstance(algorithm);
        verifier.initVerify(certificate.getPublicKey());
        verifier.update(text);
        return verifier.verify(signer.sign());
    }
}

package dev.tutti.transport.tls;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.HexFormat;

/// The certificate that TLS wants and nobody believes: it names nobody, never expires, and is
/// signed with its own key. Java can read certificates, but not make them.
///
/// Laid out after RFC 5280, section 4.1, in DER.
final class SelfSignedCertificate {
  private static final int INTEGER = 0x02;
  private static final int BIT_STRING = 0x03;
  private static final int UTF8_STRING = 0x0c;
  private static final int GENERALIZED_TIME = 0x18;
  private static final int SEQUENCE = 0x30;
  private static final int SET = 0x31;
  private static final int EXPLICIT_VERSION = 0xa0;
  private static final int SHORT_LENGTH = 0x80;
  private static final int BYTE_LENGTH = 0x100;

  private static final HexFormat HEX = HexFormat.of();
  private static final byte[] ECDSA_WITH_SHA256 = HEX.parseHex("06082a8648ce3d040302"); // an OID
  private static final byte[] COMMON_NAME = HEX.parseHex("0603550403"); // an OID
  private static final byte[] VERSION_3 = {INTEGER, 1, 2};
  private static final byte[] SERIAL_1 = {INTEGER, 1, 1};
  private static final byte[] NO_UNUSED_BITS = {0};

  private SelfSignedCertificate() {}

  /// Makes the certificate of a key.
  ///
  /// @param keys on a NIST curve
  static X509Certificate of(KeyPair keys) throws GeneralSecurityException {
    byte[] algorithm = der(SEQUENCE, ECDSA_WITH_SHA256);
    byte[] name =
        der(SEQUENCE, der(SET, der(SEQUENCE, COMMON_NAME, der(UTF8_STRING, ascii("tutti")))));
    byte[] validity =
        der(
            SEQUENCE,
            der(GENERALIZED_TIME, ascii("20000101000000Z")),
            der(GENERALIZED_TIME, ascii("99991231235959Z")));
    byte[] content =
        der(
            SEQUENCE,
            der(EXPLICIT_VERSION, VERSION_3),
            SERIAL_1,
            algorithm,
            name,
            validity,
            name,
            keys.getPublic().getEncoded());
    byte[] signature = der(BIT_STRING, NO_UNUSED_BITS, sign(keys.getPrivate(), content));
    byte[] certificate = der(SEQUENCE, content, algorithm, signature);
    return (X509Certificate)
        CertificateFactory.getInstance("X.509")
            .generateCertificate(new ByteArrayInputStream(certificate));
  }

  private static byte[] sign(PrivateKey key, byte[] content) throws GeneralSecurityException {
    Signature signature = Signature.getInstance("SHA256withECDSA");
    signature.initSign(key);
    signature.update(content);
    return signature.sign();
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] der(int tag, byte[]... parts) {
    int length = 0;
    for (byte[] part : parts) {
      length += part.length;
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(tag);
    if (length >= BYTE_LENGTH) {
      out.write(SHORT_LENGTH | 2);
      out.write(length >>> Byte.SIZE);
    } else if (length >= SHORT_LENGTH) {
      out.write(SHORT_LENGTH | 1);
    }
    out.write(length);
    for (byte[] part : parts) {
      out.write(part, 0, part.length);
    }
    return out.toByteArray();
  }
}

package dev.tutti.transport.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SelfSignedCertificateTest {
  @ParameterizedTest
  @ValueSource(strings = {"secp256r1", "secp521r1"})
  void shouldBeACertificateOfTheKey(String curve) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec(curve));
    KeyPair keys = generator.generateKeyPair();

    X509Certificate certificate = SelfSignedCertificate.of(keys);

    certificate.verify(keys.getPublic());
    certificate.checkValidity();
    assertThat(certificate.getPublicKey()).isEqualTo(keys.getPublic());
    assertThat(certificate.getVersion()).isEqualTo(3);
    assertThat(certificate.getSubjectX500Principal().getName()).isEqualTo("CN=tutti");
    assertThat(certificate.getIssuerX500Principal().getName()).isEqualTo("CN=tutti");
  }
}

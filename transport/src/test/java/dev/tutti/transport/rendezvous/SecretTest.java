package dev.tutti.transport.rendezvous;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class SecretTest {
  private static final byte[] NONCE = {1, 2, 3};

  @Test
  void shouldRoundTripAsHexAndNotRevealItself() {
    Secret secret = Secret.random();

    assertThat(Secret.fromHex(secret.toHex())).isEqualTo(secret).hasSameHashCodeAs(secret);
    assertThat(secret.toString()).isEqualTo("Secret[32 bytes]");
    assertThat(Secret.none().toString()).isEqualTo("Secret[none]");
    assertThat(secret).isNotEqualTo(Secret.random()).isNotEqualTo(Secret.none());
  }

  @Test
  void shouldProveOnlyForTheSameLabelPartsAndSecret() {
    Secret secret = Secret.random();
    byte[] proof = secret.proof("client", NONCE, new byte[] {4});

    assertThat(secret.verify(proof, "client", NONCE, new byte[] {4})).isTrue();
    assertThat(secret.verify(proof, "server", NONCE, new byte[] {4})).isFalse();
    assertThat(secret.verify(proof, "client", new byte[] {1, 2}, new byte[] {3, 4})).isFalse();
    assertThat(Secret.random().verify(proof, "client", NONCE, new byte[] {4})).isFalse();
    assertThat(Secret.none().verify(proof, "client", NONCE, new byte[] {4})).isFalse();
  }

  @Test
  void shouldNotRepeatMalformedSecrets() {
    assertThatThrownBy(() -> Secret.fromHex("hunter2hunter2"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageNotContaining("hunter2");
    assertThatThrownBy(() -> Secret.of(new byte[15]))
        .hasMessage("a secret needs at least 16 bytes, this one has 15");
  }
}

package dev.tutti.transport.rendezvous;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/// The secret of a job: whoever knows it may talk to the job's ranks.
///
/// It is made by the launcher and passed by environment or file, never on a command line, and never
/// printed: [#toString()] tells only its length. Immutable and safe for use by several threads.
public final class Secret {
  /// The fewest bytes a secret may have.
  public static final int MIN_BYTES = 16;

  private static final int RANDOM_BYTES = 32;
  private static final String ALGORITHM = "HmacSHA256";
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final Secret NONE = new Secret(new byte[0]);

  private final byte[] bytes;

  private Secret(byte[] bytes) {
    this.bytes = bytes;
  }

  /// Makes a fresh secret of 32 random bytes.
  public static Secret random() {
    return new Secret(randomBytes(RANDOM_BYTES));
  }

  /// Returns the absent secret: every process that can reach the address may talk to the ranks.
  public static Secret none() {
    return NONE;
  }

  /// Wraps a copy of `bytes`.
  ///
  /// @throws IllegalArgumentException if there are fewer than [#MIN_BYTES]
  public static Secret of(byte[] bytes) {
    if (bytes.length < MIN_BYTES) {
      throw new IllegalArgumentException(
          "a secret needs at least " + MIN_BYTES + " bytes, this one has " + bytes.length);
    }
    return new Secret(bytes.clone());
  }

  /// Reads a secret from hexadecimal digits.
  ///
  /// @throws IllegalArgumentException if `hex` is malformed or too short; the text does not repeat
  ///   it
  public static Secret fromHex(String hex) {
    byte[] parsed;
    try {
      parsed = HexFormat.of().parseHex(hex);
    } catch (IllegalArgumentException _) {
      throw new IllegalArgumentException(
          "a secret is an even number of hexadecimal digits, this text of "
              + hex.length()
              + " characters is not");
    }
    return of(parsed);
  }

  /// Returns the secret as hexadecimal digits, for the environment of a child process only.
  public String toHex() {
    return HexFormat.of().formatHex(bytes);
  }

  /// Tells whether this is [#none()].
  public boolean isNone() {
    return bytes.length == 0;
  }

  /// Computes the HMAC-SHA256 that proves knowledge of this secret.
  ///
  /// Every role and purpose has its own `label`, so that a proof made for one is worthless for
  /// another. Without a secret the result is a plain checksum that proves nothing.
  ///
  /// @param label names protocol, version and role of the side that proves
  /// @param parts the nonces of both sides, in an order fixed by the protocol
  /// @return 32 bytes
  public byte[] proof(String label, byte[]... parts) {
    try {
      // HMAC keys may not be empty; the first byte tells "no secret" from every secret.
      byte[] key = new byte[bytes.length + 1];
      key[0] = (byte) (isNone() ? 0 : 1);
      System.arraycopy(bytes, 0, key, 1, bytes.length);
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(key, ALGORITHM));
      update(mac, label.getBytes(StandardCharsets.UTF_8));
      for (byte[] part : parts) {
        update(mac, part);
      }
      return mac.doFinal();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java lacks " + ALGORITHM, e);
    }
  }

  /// Compares `candidate` with [#proof] in constant time.
  public boolean verify(byte[] candidate, String label, byte[]... parts) {
    return MessageDigest.isEqual(proof(label, parts), candidate);
  }

  /// Returns `count` bytes of a cryptographic random generator.
  public static byte[] randomBytes(int count) {
    byte[] result = new byte[count];
    RANDOM.nextBytes(result);
    return result;
  }

  // The length in front keeps ("ab", "c") and ("a", "bc") apart.
  private static void update(Mac mac, byte[] part) {
    mac.update((byte) (part.length >>> 24));
    mac.update((byte) (part.length >>> 16));
    mac.update((byte) (part.length >>> 8));
    mac.update((byte) part.length);
    mac.update(part);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Secret secret && MessageDigest.isEqual(bytes, secret.bytes);
  }

  @Override
  public int hashCode() {
    return bytes.length;
  }

  @Override
  public String toString() {
    return isNone() ? "Secret[none]" : "Secret[" + bytes.length + " bytes]";
  }
}

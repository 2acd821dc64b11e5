package dev.tutti.transport.rendezvous;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class LaunchEnvironmentTest {
  private static final Map<String, String> BASE =
      Map.of("TUTTI_RANK", "1", "TUTTI_SIZE", "4", "TUTTI_RENDEZVOUS", "tcp://127.0.0.1:9");

  @TempDir private Path directory;

  private static Map<String, String> with(String name, String value) {
    Map<String, String> result = new HashMap<>(BASE);
    result.put(name, value);
    return result;
  }

  @Test
  void shouldBeNullWithoutVariables() {
    assertThat(LaunchEnvironment.fromEnvironment(Map.of("PATH", "/bin"))).isNull();
    assertThat(LaunchEnvironment.fromEnvironment(Map.of("TUTTI_SECRET", "00"))).isNull();
  }

  @Test
  void shouldUseDefaults() {
    assertThat(LaunchEnvironment.fromEnvironment(BASE))
        .isEqualTo(
            new LaunchEnvironment(
                1,
                4,
                -1,
                -1,
                URI.create("tcp://127.0.0.1:9"),
                Secret.none(),
                LaunchEnvironment.Server.RANK_ZERO));
  }

  @Test
  void shouldRoundTripWithoutPrintingTheSecret() {
    Secret secret = Secret.random();
    LaunchEnvironment environment =
        new LaunchEnvironment(
            1, 4, 0, 2, URI.create("tcp://[::1]:9"), secret, LaunchEnvironment.Server.LAUNCHER);

    assertThat(LaunchEnvironment.fromEnvironment(environment.toEnvironment()))
        .isEqualTo(environment);
    assertThat(environment.toString()).doesNotContain(secret.toHex()).contains("Secret[32 bytes]");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          TUTTI_RANK       | x          | Tutti: TUTTI_RANK=x, expected the rank of this process, a whole number from 0 to 3
          TUTTI_RANK       | 4          | Tutti: TUTTI_RANK=4, expected the rank of this process, a whole number from 0 to 3
          TUTTI_SIZE       | 0          | Tutti: TUTTI_SIZE=0, expected the number of ranks, a whole number of at least 1
          TUTTI_LOCAL_RANK | 0          | Tutti: TUTTI_LOCAL_SIZE is missing, expected the ranks on this host
          TUTTI_LOCAL_SIZE | 5          | Tutti: TUTTI_LOCAL_SIZE=5, expected the ranks on this host, a whole number from 1 to 4
          TUTTI_SERVED     | maybe      | TUTTI_SERVED=maybe is neither launcher nor rank0
          TUTTI_RENDEZVOUS | localhost  | Tutti: TUTTI_RENDEZVOUS=localhost: a rendezvous is tcp://host:port or file:///directory?job=name, not localhost
          TUTTI_RENDEZVOUS | tcp://a    | Tutti: TUTTI_RENDEZVOUS=tcp://a: a rendezvous is tcp://host:port or file:///directory?job=name, not tcp://a
          TUTTI_SECRET     | geheim     | TUTTI_SECRET: a secret is an even number of hexadecimal digits, this text of 6 characters is not
          TUTTI_SECRET     | 0123       | TUTTI_SECRET: a secret needs at least 16 bytes, this one has 2
          """)
  void shouldExplainMalformedVariables(String name, String value, String message) {
    assertThatThrownBy(() -> LaunchEnvironment.fromEnvironment(with(name, value)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void shouldNameMissingVariables() {
    assertThatThrownBy(() -> LaunchEnvironment.fromEnvironment(Map.of("TUTTI_RANK", "0")))
        .hasMessage("Tutti: TUTTI_SIZE is missing, expected the number of ranks");
    assertThatThrownBy(
            () -> LaunchEnvironment.fromEnvironment(Map.of("TUTTI_RANK", "0", "TUTTI_SIZE", "2")))
        .hasMessage(
            "Tutti: TUTTI_RENDEZVOUS is missing, expected tcp://host:port or"
                + " file:///directory?job=name, as on every rank");
    assertThatThrownBy(() -> LaunchEnvironment.fromEnvironment(Map.of("TUTTI_SIZE", "2")))
        .hasMessage(
            "Tutti: TUTTI_RANK is missing, expected the rank of this process, because TUTTI_SIZE is"
                + " set and no other launcher's variables are");
  }

  @Test
  void shouldReadSecretFileOfOwnerOnly() throws IOException {
    Secret secret = Secret.random();
    Path file = directory.resolve("secret");
    Files.writeString(file, secret.toHex() + "\n");

    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
    assertThatThrownBy(
            () -> LaunchEnvironment.fromEnvironment(with("TUTTI_SECRET_FILE", file.toString())))
        .hasMessageEndingWith("can be read by others than its owner; chmod 600 it");

    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    assertThat(LaunchEnvironment.fromEnvironment(with("TUTTI_SECRET_FILE", file.toString())))
        .extracting(LaunchEnvironment::secret)
        .isEqualTo(secret);
  }

  @Test
  void shouldExplainMissingSecretFile() {
    assertThatThrownBy(
            () -> LaunchEnvironment.fromEnvironment(with("TUTTI_SECRET_FILE", "/no/such/file")))
        .hasMessageContaining("TUTTI_SECRET_FILE: cannot read /no/such/file");
  }
}

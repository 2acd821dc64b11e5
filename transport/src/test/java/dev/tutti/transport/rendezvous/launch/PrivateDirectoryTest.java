package dev.tutti.transport.rendezvous.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PrivateDirectoryTest {
  @TempDir private Path directory;

  @Test
  void shouldMakeADirectoryForItsOwnerOnly() throws IOException {
    Path made = directory.resolve("tutti");

    PrivateDirectory.prepare(made);
    PrivateDirectory.prepare(made);

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(made)))
        .isEqualTo("rwx------");
  }

  @Test
  void shouldRefuseWhatOthersMayEnterOrHavePutThere() throws IOException {
    Path open = Files.createDirectory(directory.resolve("open"));
    Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxr-x---"));
    Path real = directory.resolve("real");
    PrivateDirectory.prepare(real);
    Path link = Files.createSymbolicLink(directory.resolve("link"), real);
    Path file = Files.createFile(directory.resolve("file"));

    for (Path bad : new Path[] {open, link, file}) {
      assertThatThrownBy(() -> PrivateDirectory.prepare(bad))
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith(
              bad + " must be a directory that belongs to this user and has mode");
    }
  }

  @Test
  void shouldUseTheRuntimeDirectoryOnlyIfItIsPrivate() throws IOException {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
    Map<String, String> environment = Map.of("XDG_RUNTIME_DIR", directory.toString());

    assertThat(PrivateDirectory.of(environment)).isEqualTo(directory.resolve("tutti"));

    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    assertThat(PrivateDirectory.of(environment).getFileName().toString()).matches("tutti-\\d+");
  }

  @Test
  void shouldNameJobsReadablyAndUniquely() {
    String job = PrivateDirectory.job("openmpi", "host/a@1", "");

    assertThat(job).matches("openmpi-host-a-1--[0-9a-f]{16}");
    assertThat(job).isNotEqualTo(PrivateDirectory.job("openmpi", "host-a@1", ""));
    assertThat(PrivateDirectory.job("openmpi", "x".repeat(500))).hasSizeLessThan(100);
  }

  @Test
  void shouldFindAncestorsByName() throws IOException {
    String own = Files.readString(Path.of("/proc/self/comm")).strip();

    assertThat(Ancestors.find(own)).matches("\\d+-\\d+");
    assertThat(Ancestors.find("no such process")).isNull();
  }
}

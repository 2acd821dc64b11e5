package dev.tutti.topology.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class WholeFileTest {
  @TempDir private Path folder;

  @Test
  void shouldReplaceWhatWasThere() throws IOException {
    Path file = Files.writeString(folder.resolve("a.json"), "old");

    WholeFile.write(file, out -> out.write("new".getBytes(StandardCharsets.UTF_8)));

    assertThat(file).hasContent("new");
    assertThat(folder).isDirectoryContaining(file::equals);
    assertThat(folder.toFile().list()).containsExactly("a.json");
  }

  @Test
  void shouldKeepWhatWasThereWhenWritingFails() throws IOException {
    Path file = Files.writeString(folder.resolve("a.json"), "old");

    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() ->
            WholeFile.write(
                file,
                out -> {
                  out.write(1);
                  throw new IOException("full");
                }))
        .withMessage("full");

    assertThat(file).hasContent("old");
    assertThat(folder.toFile().list()).containsExactly("a.json");
  }

  @Test
  void shouldNotBePrivateWhereOtherNewFilesAreNot() throws IOException {
    Path usual = Files.writeString(folder.resolve("usual"), "");
    Path file = folder.resolve("a.json");

    WholeFile.write(file, out -> out.write(1));

    assertThat(Files.getPosixFilePermissions(file)).isEqualTo(Files.getPosixFilePermissions(usual));
  }

  @Test
  void shouldNameAFolderThatIsNotThere() {
    Path file = folder.resolve("none").resolve("a.json");

    assertThatExceptionOfType(NotDirectoryException.class)
        .isThrownBy(() -> WholeFile.write(file, out -> out.write(1)))
        .withMessageContaining("none");
  }
}

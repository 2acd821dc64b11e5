package dev.tutti.topology.format;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/// Files that are there whole or not at all: written beside their place and then moved there, so
/// that whoever sees a file sees all of it, and what was there stays if writing fails.
public final class WholeFile {
  private static final int BUFFER_BYTES = 1 << 16;

  private WholeFile() {}

  /// Writes what is to be in a file.
  @FunctionalInterface
  public interface Content {
    /// Writes it.
    ///
    /// @throws IOException if the stream fails
    void write(OutputStream out) throws IOException;
  }

  /// Writes a file in place of what may be there. It may be read by whom the process lets read its
  /// new files.
  ///
  /// @throws NotDirectoryException if its folder is not there; names it
  /// @throws IOException if writing fails
  public static void write(Path file, Content content) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      throw new NotDirectoryException(String.valueOf(folder));
    }
    Path part = folder.resolve(".tutti-" + UUID.randomUUID() + ".part");
    try {
      try (OutputStream out =
          new BufferedOutputStream(
              Files.newOutputStream(part, StandardOpenOption.CREATE_NEW), BUFFER_BYTES)) {
        content.write(out);
      }
      move(part, file);
    } finally {
      Files.deleteIfExists(part);
    }
  }

  /// Writes a text in UTF-8, likewise.
  ///
  /// @throws NotDirectoryException if its folder is not there; names it
  /// @throws IOException if writing fails
  public static void writeText(Path file, String text) throws IOException {
    write(file, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
  }

  private static void move(Path part, Path file) throws IOException {
    try {
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (AtomicMoveNotSupportedException _) {
      Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
    }
  }
}

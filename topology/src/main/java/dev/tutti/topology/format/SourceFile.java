package dev.tutti.topology.format;

import dev.tutti.topology.TopologyFormatException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// A file to be read: its name for messages, and its text.
///
/// @param name what messages call it
/// @param text its content
public record SourceFile(String name, String text) {
  /// Files above this are refused: a rank table of 65,536 ranks has about 40 MB.
  public static final int MAX_BYTES = 128 << 20;

  private static final int HEAD = 4096;

  /// Reads a file as UTF-8, with or without a byte order mark.
  ///
  /// @throws IOException if it cannot be read
  /// @throws TopologyFormatException if it is longer than [#MAX_BYTES] or not UTF-8
  public static SourceFile read(Path path) throws IOException {
    try (InputStream in = Files.newInputStream(path)) {
      return read(path.toString(), in);
    }
  }

  /// Reads a stream to its end, as [#read(Path)]. The stream stays open.
  ///
  /// @throws IOException if it cannot be read
  /// @throws TopologyFormatException if it is longer than [#MAX_BYTES] or not UTF-8
  public static SourceFile read(String name, InputStream in) throws IOException {
    byte[] bytes = in.readNBytes(MAX_BYTES + 1);
    if (bytes.length > MAX_BYTES) {
      throw new TopologyFormatException(
          name, 0, 0, "is longer than " + (MAX_BYTES >> 20) + " MiB, expected a topology");
    }
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      return new SourceFile(name, text.startsWith("\uFEFF") ? text.substring(1) : text);
    } catch (CharacterCodingException e) {
      throw new TopologyFormatException(name, 0, 0, "is not text in UTF-8");
    }
  }

  /// Returns the beginning of the text, enough to recognise a format by.
  public String head() {
    return text.length() <= HEAD ? text : text.substring(0, HEAD);
  }
}

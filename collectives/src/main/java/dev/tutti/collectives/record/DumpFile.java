package dev.tutti.collectives.record;

import dev.tutti.topology.format.WholeFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// Dumps as files: one per communicator and rank.
public final class DumpFile {
  private static final long MOST_BYTES = 1L << 28;

  private DumpFile() {}

  /// Returns the usual name of a dump's file: `tutti-world-rank0of4-4711.json`.
  public static String name(Identity identity) {
    return "tutti-"
        + identity.communicator()
        + "-rank"
        + identity.rank()
        + "of"
        + identity.size()
        + "-"
        + identity.processId()
        + ".json";
  }

  /// Writes a dump; whoever sees the file sees all of it.
  ///
  /// @param target the file, or a directory, in which the file gets its usual name
  /// @return the file
  public static Path write(Dump dump, Path target) throws IOException {
    Path file = Files.isDirectory(target) ? target.resolve(name(dump.identity())) : target;
    byte[] text = DumpJson.write(dump).getBytes(StandardCharsets.UTF_8);
    WholeFile.write(file, out -> out.write(text));
    return file;
  }

  /// Reads a dump.
  ///
  /// @throws IOException if the file cannot be read
  /// @throws RecordFormatException if it is no dump; the message continues the file's name
  public static Dump read(Path file) throws IOException {
    long bytes = Files.size(file);
    if (bytes > MOST_BYTES) {
      throw new RecordFormatException("has " + bytes + " bytes, expected at most " + MOST_BYTES);
    }
    try {
      return DumpJson.read(Files.readString(file));
    } catch (java.nio.charset.MalformedInputException e) {
      throw new RecordFormatException("is not text in UTF-8, expected JSON");
    }
  }
}

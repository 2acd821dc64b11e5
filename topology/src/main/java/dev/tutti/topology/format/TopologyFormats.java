package dev.tutti.topology.format;

import dev.tutti.topology.TopologyFormatException;
import java.util.List;
import java.util.stream.Collectors;

/// All formats that are read.
public final class TopologyFormats {
  private static final int SHOWN = 60;

  // What recognises by a mark of its own stands before what recognises by looks.
  private static final List<TopologyReader> READERS =
      List.of(
          new TopologyJson(),
          new NcclTopologyXml(),
          new NcclGraphXml(),
          new HwlocXml(),
          new NcclTestsOutput(),
          new OsuOutput(),
          new RankTable(),
          new NvidiaSmiTopology(),
          new SlurmTopologyConf());

  private TopologyFormats() {}

  /// Returns the readers, in the order in which they are asked whether they recognise a file.
  public static List<TopologyReader> readers() {
    return READERS;
  }

  /// Returns the reader of a format.
  ///
  /// @throws IllegalArgumentException if there is none; the message lists all
  public static TopologyReader reader(String format) {
    return READERS.stream()
        .filter(reader -> reader.format().equals(format))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "no format '"
                    + format
                    + "' to read; there are "
                    + READERS.stream()
                        .map(TopologyReader::format)
                        .collect(Collectors.joining(", "))));
  }

  /// Reads a file of any format; which one is seen from its content.
  ///
  /// @throws TopologyFormatException if no reader recognises it, or the one that does cannot read
  ///   it
  public static Reading read(SourceFile file) {
    return READERS.stream()
        .filter(reader -> reader.recognises(file))
        .findFirst()
        .orElseThrow(() -> unknown(file))
        .read(file);
  }

  /// Reads a file as a format.
  ///
  /// @throws IllegalArgumentException if there is no such format
  /// @throws TopologyFormatException if the file cannot be read as this format
  public static Reading read(SourceFile file, String format) {
    return reader(format).read(file);
  }

  private static TopologyFormatException unknown(SourceFile file) {
    if (file.text().isBlank()) {
      return new TopologyFormatException(file.name(), 0, 0, "is empty");
    }
    String start = file.head().strip().lines().findFirst().orElse("").replaceAll("\\p{Cntrl}", " ");
    String shown = start.length() > SHOWN ? start.substring(0, SHOWN) + "…" : start;
    return new TopologyFormatException(
        file.name(),
        0,
        0,
        "begins with '"
            + shown
            + "', which is none of the formats that are read: "
            + READERS.stream()
                .map(reader -> reader.format() + " (" + reader.description() + ")")
                .collect(Collectors.joining(", ")));
  }
}

package dev.tutti.topology.draw;

import dev.tutti.topology.format.Dot;
import dev.tutti.topology.format.GraphMl;
import dev.tutti.topology.format.Mermaid;
import dev.tutti.topology.format.NcclTopologyXml;
import dev.tutti.topology.format.TopologyJson;
import dev.tutti.topology.format.TopologyWriter;
import java.util.List;

/// All formats that are written: texts and pictures.
public final class TopologyWriters {
  private static final List<TopologyWriter> ALL =
      List.of(
          new TopologyJson(),
          new Dot(),
          new GraphMl(),
          new Mermaid(),
          new Svg(),
          new Png(),
          new Html(),
          new NcclTopologyXml());

  private TopologyWriters() {}

  /// Returns the writers.
  public static List<TopologyWriter> all() {
    return ALL;
  }

  /// Returns the writer of a format.
  ///
  /// @throws IllegalArgumentException if there is none; the message lists all
  public static TopologyWriter of(String format) {
    return ALL.stream()
        .filter(writer -> writer.format().equals(format))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "no format '"
                    + format
                    + "' to write; there are "
                    + ALL.stream().map(TopologyWriter::format).toList()));
  }
}

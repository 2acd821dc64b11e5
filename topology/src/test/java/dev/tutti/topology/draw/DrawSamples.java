package dev.tutti.topology.draw;

import dev.tutti.topology.SampleTopologies;
import dev.tutti.topology.Topology;
import dev.tutti.topology.format.TopologyWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/// Writes pictures of all samples into a directory, to be looked at.
public final class DrawSamples {
  private DrawSamples() {}

  /// Writes them.
  ///
  /// @param arguments the directory
  public static void main(String[] arguments) throws IOException {
    Path directory = Files.createDirectories(Path.of(arguments[0]));
    for (Topology topology : SampleTopologies.all()) {
      String name =
          topology
              .name()
              .toLowerCase(Locale.ROOT)
              .replaceAll("[^a-z0-9]+", "-")
              .replaceAll("^-", "");
      for (TopologyWriter writer : List.of(new Svg(), new Png(DrawingOptions.standard(), 1))) {
        Path file = directory.resolve(name + "." + writer.format());
        try (OutputStream out = Files.newOutputStream(file)) {
          writer.write(topology, out);
        }
        System.out.println(file + " " + Files.size(file));
      }
    }
  }
}

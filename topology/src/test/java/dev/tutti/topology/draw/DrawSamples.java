package dev.tutti.topology.draw;

import dev.tutti.topology.Link;
import dev.tutti.topology.LinkHealth;
import dev.tutti.topology.SampleTopologies;
import dev.tutti.topology.Topology;
import dev.tutti.topology.draw.Overlay.Cut;
import dev.tutti.topology.draw.Overlay.Frame;
import dev.tutti.topology.draw.Overlay.Hop;
import dev.tutti.topology.draw.Overlay.LinkLoad;
import dev.tutti.topology.draw.Overlay.Path;
import dev.tutti.topology.draw.Overlay.Transfer;
import dev.tutti.topology.format.SourceFile;
import dev.tutti.topology.format.TopologyFormats;
import dev.tutti.topology.format.TopologyWriter;
import dev.tutti.topology.preset.Preset;
import dev.tutti.topology.preset.PresetOptions;
import dev.tutti.topology.preset.Presets;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Writes pictures into a directory, to be looked at and for the documents.
public final class DrawSamples {
  private DrawSamples() {}

  /// Writes them.
  ///
  /// @param arguments the directory; then files to draw, or `presets`, or nothing for the samples
  public static void main(String[] arguments) throws IOException {
    java.nio.file.Path directory = Files.createDirectories(java.nio.file.Path.of(arguments[0]));
    if (arguments.length == 1) {
      for (Topology topology : SampleTopologies.all()) {
        draw(topology, topology.name(), directory);
      }
    }
    for (String argument : List.of(arguments).subList(1, arguments.length)) {
      if (argument.equals("presets")) {
        for (Preset preset : Presets.all()) {
          Topology topology = preset.make(PresetOptions.ofHosts(preset.defaultHosts()));
          draw(topology, "preset " + preset.name(), directory);
        }
      } else {
        java.nio.file.Path file = java.nio.file.Path.of(argument);
        Topology topology = TopologyFormats.read(SourceFile.read(file)).topology();
        draw(topology, String.valueOf(file.getFileName()), directory);
      }
    }
  }

  private static void draw(Topology topology, String title, java.nio.file.Path directory)
      throws IOException {
    String name = title.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-", "");
    for (TopologyWriter writer :
        List.of(
            new Svg(), new Png(DrawingOptions.standard(), 1), new Html(ringOverlay(topology)))) {
      java.nio.file.Path file = directory.resolve(name + "." + writer.format());
      try (OutputStream out = Files.newOutputStream(file)) {
        writer.write(topology, out);
      }
      System.out.println(file + " " + Files.size(file));
    }
  }

  /// A ring through all ranks, its steps of an all-reduce, and a made-up cut.
  static Overlay ringOverlay(Topology topology) {
    List<String> ring = List.copyOf(topology.ranks().values());
    int count = ring.size();
    List<Frame> frames = new ArrayList<>();
    for (int step = 0; step < Math.min(2 * (count - 1), 62); step++) {
      List<Transfer> transfers = new ArrayList<>();
      for (int rank = 0; rank < count; rank++) {
        String label = "chunk " + Math.floorMod(rank - step, count);
        transfers.add(new Transfer(ring.get(rank), ring.get((rank + 1) % count), 8 << 20, label));
      }
      frames.add(new Frame(step * 12e-6, (step + 1) * 12e-6, transfers));
    }
    List<Hop> across = new ArrayList<>();
    List<LinkLoad> loads = new ArrayList<>();
    for (Link link : topology.links()) {
      if (LinkHealth.of(link).isIll() && across.size() < 4) {
        across.add(new Hop(link.from(), link.to()));
      }
      if (link.kind().isNetwork() || link.kind() == dev.tutti.topology.LinkKind.NVLINK) {
        loads.add(new LinkLoad(link.from(), link.to(), 16 << 20, 0.6));
      }
    }
    Cut cut =
        across.isEmpty()
            ? null
            : new Cut(
                List.of(across.getFirst().from()),
                across,
                118e6,
                "Bound 9.1 ms; this plan 9.9 ms: 92 % of optimum.");
    return new Overlay(
        "ring all-reduce, 64 MiB", List.of(Path.ring("ring 0", ring)), loads, cut, frames);
  }
}

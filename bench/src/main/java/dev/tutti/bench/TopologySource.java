package dev.tutti.bench;

import dev.tutti.topology.Degradation;
import dev.tutti.topology.Finding;
import dev.tutti.topology.Topology;
import dev.tutti.topology.TopologyFormatException;
import dev.tutti.topology.format.ProfileJson;
import dev.tutti.topology.format.Reading;
import dev.tutti.topology.format.SourceFile;
import dev.tutti.topology.format.TopologyFormats;
import dev.tutti.topology.preset.Preset;
import dev.tutti.topology.preset.PresetOptions;
import dev.tutti.topology.preset.Presets;
import dev.tutti.topology.probe.MeasuredTopology;
import dev.tutti.topology.probe.Profile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// Options that say which topology a command is about: a file, a preset, or this machine.
final class TopologySource {
  /// Where nothing else was asked for: what this machine is.
  @FunctionalInterface
  interface Live {
    Reading discover();
  }

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--from",
      paramLabel = "FILE",
      description =
          "Read a file, - for standard input; its format is seen from its content. Default: this"
              + " machine.")
  private @Nullable String file;

  @Option(
      names = "--from-format",
      paramLabel = "NAME",
      description = "The format of that file, where it is not recognised.")
  private @Nullable String fileFormat;

  @Option(
      names = "--preset",
      paramLabel = "NAME",
      description = "A known machine; 'tutti topo presets' lists them.")
  private @Nullable String preset;

  @Option(names = "--hosts", paramLabel = "N", description = "Number of hosts of the preset.")
  private @Nullable Integer hosts;

  @Option(
      names = "--hosts-per-leaf",
      paramLabel = "N",
      description = "Hosts below one leaf switch, or in one rack, of the preset.")
  private @Nullable Integer hostsPerLeaf;

  @Option(
      names = "--oversubscription",
      paramLabel = "X",
      description =
          "Capacity of a leaf's hosts over that of its uplinks, in the preset. Default: 1.")
  private @Nullable Double oversubscription;

  @Option(
      names = "--nic-gbit",
      paramLabel = "X",
      description = "Gbit/s of each NIC that leads to other hosts, in the preset.")
  private @Nullable Double nicGigabits;

  @Option(
      names = "--degrade",
      paramLabel = "WHAT=WHERE:FACTOR",
      split = ",",
      converter = Converters.DegradationConverter.class,
      description =
          "What is left of a link or NIC: link=0-1:0 takes away the links between ranks 0 and 1,"
              + " nic=3:0.5 leaves half of NIC 3; nodes may be named, too. May be repeated.")
  private List<Degradation> degraded = new ArrayList<>();

  private @Nullable Profile profile;

  /// For picocli.
  TopologySource() {}

  /// Returns whether a topology other than this machine is named.
  boolean isNamed() {
    return file != null || preset != null;
  }

  /// Returns the topology with what was odd about it.
  Reading read(Live live) throws IOException {
    Reading reading = readWhole(live);
    Topology topology = reading.topology();
    try {
      for (Degradation each : degraded) {
        topology = each.applyTo(topology);
      }
    } catch (IllegalArgumentException e) {
      throw wrong("--degrade: " + e.getMessage());
    }
    return new Reading(reading.format(), topology, reading.findings());
  }

  private Reading readWhole(Live live) throws IOException {
    if (file != null && preset != null) {
      throw wrong("--from and --preset exclude each other");
    }
    if (preset == null
        && (hosts != null
            || hostsPerLeaf != null
            || oversubscription != null
            || nicGigabits != null)) {
      throw wrong("--hosts, --hosts-per-leaf, --oversubscription and --nic-gbit need --preset");
    }
    if (fileFormat != null && file == null) {
      throw wrong("--from-format needs --from");
    }
    if (preset != null) {
      return new Reading("preset", preset(preset), List.<Finding>of());
    }
    return file == null ? live.discover() : read(spec, file, fileFormat, found -> profile = found);
  }

  private Topology preset(String name) {
    try {
      Preset found = Presets.byName(name);
      return found.make(
          new PresetOptions(
              hosts == null ? found.defaultHosts() : hosts,
              hostsPerLeaf == null ? 0 : hostsPerLeaf,
              oversubscription == null ? 1 : oversubscription,
              nicGigabits == null ? 0 : nicGigabits * 1e9 / 8));
    } catch (IllegalArgumentException e) {
      throw wrong("--preset: " + e.getMessage());
    }
  }

  /// Returns the profile that was read as a topology, null if it was something else; after [#read].
  @Nullable Profile profile() {
    return profile;
  }

  /// Reads a file; a profile counts as the topology that it shows.
  static Reading read(CommandSpec spec, String file, @Nullable String format) throws IOException {
    return read(spec, file, format, _ -> {});
  }

  private static Reading read(
      CommandSpec spec, String file, @Nullable String format, Consumer<Profile> profiles)
      throws IOException {
    try {
      SourceFile source =
          file.equals("-")
              ? SourceFile.read("standard input", System.in)
              : SourceFile.read(Path.of(file));
      if (format == null && ProfileJson.recognises(source)) {
        Profile profile = ProfileJson.read(source);
        profiles.accept(profile);
        Topology shown = MeasuredTopology.of(profile);
        return new Reading("profile", shown, List.<Finding>of());
      }
      return format == null ? TopologyFormats.read(source) : TopologyFormats.read(source, format);
    } catch (TopologyFormatException | IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    } catch (IOException e) {
      throw new ParameterException(spec.commandLine(), "cannot read " + file + ": " + e, e);
    }
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}

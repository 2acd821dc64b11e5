package dev.tutti.collectives;

import dev.tutti.topology.TopologyFormatException;
import dev.tutti.topology.format.ProfileJson;
import dev.tutti.topology.format.SourceFile;
import dev.tutti.topology.format.WholeFile;
import dev.tutti.topology.probe.ProbeDepth;
import dev.tutti.topology.probe.Profile;
import dev.tutti.topology.probe.ProfileCheck;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// Takes a thorough profile from a folder where an earlier world of the same hosts has left it, if
/// a quick measurement shows that it still holds; measures and leaves one there otherwise.
///
/// Rank 0 reads and writes; the others hear from it.
final class CachedProbe {
  private static final System.Logger LOGGER = System.getLogger(CachedProbe.class.getName());

  private CachedProbe() {}

  /// Returns a thorough profile. Collective.
  static Profile run(Communicator communicator, CommunicatorCore core, Path folder) {
    Profile quick = WorldProbe.run(communicator, core, ProbeEffort.of(ProbeDepth.QUICK));
    Path file = folder.resolve(quick.fingerprint() + ".json");
    String mine = core.index == 0 ? read(file) : "";
    Profile known = parse(ProbeGather.texts(communicator, mine).getFirst());
    if (known != null && ProfileCheck.holds(known, quick)) {
      return known;
    }
    Profile deep = WorldProbe.run(communicator, core, ProbeEffort.of(ProbeDepth.DEEP));
    if (core.index == 0) {
      write(file, deep);
    }
    return deep;
  }

  private static String read(Path file) {
    try {
      return Files.exists(file) ? SourceFile.read(file).text() : "";
    } catch (IOException | TopologyFormatException e) {
      LOGGER.log(Level.WARNING, "the profile in the cache is not used: {0}", e.getMessage());
      return "";
    }
  }

  private static @Nullable Profile parse(String text) {
    try {
      return text.isBlank() ? null : ProfileJson.read(new SourceFile("cached profile", text));
    } catch (TopologyFormatException e) {
      LOGGER.log(Level.WARNING, "the profile in the cache is not used: {0}", e.getMessage());
      return null;
    }
  }

  private static void write(Path file, Profile profile) {
    try {
      Path folder = file.toAbsolutePath().getParent();
      if (folder == null) {
        throw new IOException("no folder");
      }
      Files.createDirectories(folder);
      byte[] text = (ProfileJson.text(profile) + "\n").getBytes(StandardCharsets.UTF_8);
      WholeFile.write(file, out -> out.write(text));
    } catch (IOException e) {
      LOGGER.log(Level.WARNING, "the profile is not kept in {0}: {1}", file, e.toString());
    }
  }
}

package dev.tutti.bench.doctor;

import dev.tutti.topology.discover.LocalTopology;
import dev.tutti.topology.format.Reading;
import java.util.List;
import java.util.Map;

/// Looks at everything.
public final class Examination {
  private Examination() {}

  /// Looks at this process and its host.
  ///
  /// Makes a shared region and a child process, connects to itself, loads the libraries that are
  /// installed and asks their devices; leaves nothing behind.
  ///
  /// @param environment variables of this process, where launchers put what they tell
  public static List<Section> run(Map<String, String> environment) {
    Reading reading = LocalTopology.discover();
    return List.of(
        new Section("java", JavaChecks.all()),
        new Section("memory", MemoryChecks.all()),
        new Section("host", HostChecks.all(reading.topology())),
        new Section("network", NetworkChecks.all(reading.topology())),
        new Section("library", LibraryChecks.all()),
        new Section("device", DeviceChecks.all(reading.topology())),
        new Section("job", JobChecks.all(environment)));
  }
}

package dev.tutti.collectives.device;

import dev.tutti.bindings.acl.Acl;
import dev.tutti.bindings.cuda.Cuda;
import dev.tutti.bindings.hccl.Hccl;
import dev.tutti.bindings.nccl.Nccl;
import dev.tutti.bindings.sim.TuttiSim;
import dev.tutti.collectives.Communicator;
import dev.tutti.collectives.World;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;

/// Simulated devices of one vendor for the ranks of a test, which are threads of this JVM.
final class SimulatedDevices implements AutoCloseable {
  /// The switches that tests set.
  private static final List<String> SWITCHES =
      List.of("TUTTI_SIM_FAIL", "TUTTI_SIM_HANG", "TUTTI_SIM_ASYNC_ERROR", "TUTTI_SIM_DEVICES");

  private static final List<String> PROPERTIES =
      List.of(Nccl.PROPERTY, Cuda.PROPERTY, Hccl.PROPERTY, Acl.PROPERTY);

  /// What is simulated.
  enum Form {
    /// The newest NCCL.
    NCCL(DeviceBackend.NCCL),
    /// NCCL 2.19, of which much has to be composed.
    OLD_NCCL(DeviceBackend.NCCL),
    HCCL(DeviceBackend.HCCL);

    final DeviceBackend backend;

    Form(DeviceBackend backend) {
      this.backend = backend;
    }
  }

  private final Path library;
  private final DeviceBackend backend;

  private SimulatedDevices(Path library, DeviceBackend backend) {
    this.library = library;
    this.backend = backend;
  }

  /// Skips the test where there is no C compiler.
  static SimulatedDevices of(Form form) {
    Path library = TuttiSim.library();
    if (form == Form.OLD_NCCL) {
      library = copy(library); // a library of its own, with switches of its own
      TuttiSim.set(library, "TUTTI_SIM_NCCL_VERSION", "21903");
    }
    TuttiSim.set(library, "TUTTI_SIM_DEVICES", "4");
    for (String property : PROPERTIES) {
      System.setProperty(property, library.toString());
    }
    return new SimulatedDevices(library, form.backend);
  }

  private static synchronized Path copy(Path library) {
    Path copy = library.resolveSibling("libtutti_sim_old.so");
    try {
      if (!Files.exists(copy)) {
        Path partial = Files.createTempFile(library.resolveSibling(""), "old", ".so");
        Files.copy(library, partial, StandardCopyOption.REPLACE_EXISTING);
        Files.move(partial, copy, StandardCopyOption.ATOMIC_MOVE);
      }
      return copy;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Sets a switch of the simulator until this is closed.
  void set(String key, String value) {
    if (!SWITCHES.contains(key)) {
      throw new IllegalArgumentException(key);
    }
    TuttiSim.set(library, key, value);
  }

  /// What a rank does.
  interface Task {
    void run(Communicator world, DeviceCommunicator devices) throws Exception;
  }

  DeviceOptions options() {
    return DeviceOptions.fromEnvironment()
        .withBackend(backend)
        .withTimeout(Duration.ofSeconds(20))
        .withJoinTimeout(Duration.ofSeconds(20));
  }

  /// Runs ranks that join a device communicator and close it.
  void run(int size, Task task) {
    run(size, options(), task);
  }

  void run(int size, DeviceOptions options, Task task) {
    try (World world = World.threads(size)) {
      world.run(rank -> {
        try (DeviceCommunicator devices = DeviceCommunicator.join(rank, options)) {
          task.run(rank, devices);
        }
      });
    }
  }

  @Override
  public void close() {
    SWITCHES.forEach(key -> TuttiSim.set(library, key, null));
    PROPERTIES.forEach(System::clearProperty);
  }
}

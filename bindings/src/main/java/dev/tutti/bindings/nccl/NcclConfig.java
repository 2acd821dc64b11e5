package dev.tutti.bindings.nccl;

import dev.tutti.bindings.nccl.generated.LibNccl;
import dev.tutti.bindings.nccl.generated.ncclConfig_v23000;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// How a communicator is to be; immutable.
public final class NcclConfig {
  /// Everything left to NCCL.
  public static final NcclConfig DEFAULT =
      new NcclConfig(new EnumMap<>(NcclSetting.class), null, null);

  private static final int NAME_SINCE = 2_2700;

  private final Map<NcclSetting, Integer> settings;
  private final @Nullable String name;
  private final @Nullable String network;

  private NcclConfig(
      Map<NcclSetting, Integer> settings, @Nullable String name, @Nullable String network) {
    this.settings = settings;
    this.name = name;
    this.network = network;
  }

  /// Returns this with one setting changed.
  public NcclConfig with(NcclSetting setting, int value) {
    Map<NcclSetting, Integer> changed = new EnumMap<>(NcclSetting.class);
    changed.putAll(settings);
    changed.put(setting, value);
    return new NcclConfig(changed, name, network);
  }

  /// Returns this with a name for NCCL's own messages; since 2.27.
  public NcclConfig withName(String communicatorName) {
    return new NcclConfig(settings, communicatorName, network);
  }

  /// Returns this with the network plug-in to be used.
  public NcclConfig withNetwork(String networkName) {
    return new NcclConfig(settings, name, networkName);
  }

  /// Returns whether calls return before they are done.
  public boolean isNonBlocking() {
    return settings.getOrDefault(NcclSetting.BLOCKING, 1) == 0;
  }

  /// Writes the structure, with the older of this binding's version and the library's, so that an
  /// older library takes it.
  ///
  /// @param arena must live as long as the communicator: NCCL may keep the texts' addresses
  /// @throws UnsupportedOperationException if the library does not know something that is set
  MemorySegment write(Arena arena, int libraryVersion) {
    MemorySegment config = ncclConfig_v23000.allocate(arena);
    ncclConfig_v23000.size(config, ncclConfig_v23000.sizeof());
    ncclConfig_v23000.magic(config, LibNccl.NCCL_API_MAGIC());
    ncclConfig_v23000.version(config, Math.min(LibNccl.TUTTI_NCCL_VERSION(), libraryVersion));
    for (NcclSetting setting : NcclSetting.values()) {
      Integer value = settings.get(setting);
      if (value != null) {
        require(setting.name(), setting.since(), libraryVersion);
      }
      config.set(
          ValueLayout.JAVA_INT,
          setting.offset(),
          value == null ? LibNccl.NCCL_CONFIG_UNDEF_INT() : value);
    }
    if (name != null) {
      require("the name", NAME_SINCE, libraryVersion);
      ncclConfig_v23000.commName(config, arena.allocateFrom(name));
    }
    if (network != null) {
      ncclConfig_v23000.netName(config, arena.allocateFrom(network));
    }
    return config;
  }

  private static void require(String what, int since, int libraryVersion) {
    if (libraryVersion < since) {
      throw new UnsupportedOperationException(
          "NCCL "
              + NcclLibrary.versionText(libraryVersion)
              + " does not know "
              + what
              + " in a configuration (since "
              + NcclLibrary.versionText(since)
              + ")");
    }
  }
}

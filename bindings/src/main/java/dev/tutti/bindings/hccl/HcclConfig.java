package dev.tutti.bindings.hccl;

import dev.tutti.bindings.hccl.generated.HcclCommConfigDef;
import dev.tutti.bindings.hccl.generated.LibHccl;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.Map;

/// How a communicator is to be; immutable.
///
/// HCCL's structure has a version and a length, and some versions of it exist in several forms. So
/// it is sent in one of two forms of which there is only one: version 5, 300 bytes, which
/// everything from CANN 8.0 on takes, or, if something is set that needs it, version 9, 2232 bytes,
/// of CANN 9.0.
public final class HcclConfig {
  /// Everything left to HCCL.
  public static final HcclConfig DEFAULT =
      new HcclConfig(new EnumMap<>(HcclSetting.class), new EnumMap<>(HcclText.class));

  static final long SHORT_BYTES = 300;
  private static final int SHORT_VERSION = 5;
  private static final long LONG_BYTES = 2232;
  private static final int LONG_VERSION = 9;

  private final Map<HcclSetting, Long> settings;
  private final Map<HcclText, String> texts;

  private HcclConfig(Map<HcclSetting, Long> settings, Map<HcclText, String> texts) {
    this.settings = settings;
    this.texts = texts;
  }

  /// Returns this with one setting changed.
  public HcclConfig with(HcclSetting setting, long value) {
    Map<HcclSetting, Long> changed = new EnumMap<>(HcclSetting.class);
    changed.putAll(settings);
    changed.put(setting, value);
    return new HcclConfig(changed, texts);
  }

  /// Returns this with one text changed.
  ///
  /// @throws IllegalArgumentException if it is too long
  public HcclConfig with(HcclText text, String value) {
    int bytes = value.getBytes(StandardCharsets.UTF_8).length;
    if (bytes >= text.room()) {
      throw new IllegalArgumentException(
          text + " of HCCL has room for " + (text.room() - 1) + " bytes, this has " + bytes);
    }
    Map<HcclText, String> changed = new EnumMap<>(HcclText.class);
    changed.putAll(texts);
    changed.put(text, value);
    return new HcclConfig(settings, changed);
  }

  /// Returns whether it can be sent in the form that all versions take.
  boolean isShort() {
    return settings.keySet().stream().allMatch(HcclSetting::isOfAllVersions)
        && texts.keySet().stream().allMatch(HcclText::isOfAllVersions);
  }

  /// Writes the structure.
  MemorySegment write(Arena arena) {
    MemorySegment config = HcclCommConfigDef.allocate(arena);
    HcclCommConfigDef.size(config, isShort() ? SHORT_BYTES : LONG_BYTES);
    HcclCommConfigDef.magic(config, LibHccl.TUTTI_HCCL_CONFIG_MAGIC());
    HcclCommConfigDef.version(config, isShort() ? SHORT_VERSION : LONG_VERSION);
    for (HcclSetting setting : HcclSetting.values()) {
      long value = settings.getOrDefault(setting, setting.unset());
      switch (setting.bytes()) {
        case Byte.BYTES -> config.set(ValueLayout.JAVA_BYTE, setting.offset(), (byte) value);
        case Integer.BYTES -> config.set(ValueLayout.JAVA_INT, setting.offset(), (int) value);
        default -> config.set(ValueLayout.JAVA_LONG, setting.offset(), value);
      }
    }
    texts.forEach((text, value) -> config.setString(text.offset(), value));
    return config;
  }
}

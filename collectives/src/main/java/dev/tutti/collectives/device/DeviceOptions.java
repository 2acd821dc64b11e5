package dev.tutti.collectives.device;

import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// How a device communicator is to be.
///
/// | system property | environment variable | default | meaning |
/// |---|---|---|---|
/// | `tutti.deviceBackend` | `TUTTI_DEVICE_BACKEND` | `auto` | `auto`, `nccl` or `hccl` |
/// | `tutti.deviceOrdinal` | `TUTTI_DEVICE_ORDINAL` | rank within the host, modulo devices | number of this rank's device |
/// | `tutti.deviceTimeoutMillis` | `TUTTI_DEVICE_TIMEOUT_MILLIS` | 600 000 | how long an operation may take; 0: for ever |
/// | `tutti.deviceJoinTimeoutMillis` | `TUTTI_DEVICE_JOIN_TIMEOUT_MILLIS` | 120 000 | how long the library may take to connect the ranks |
///
/// @param backend which library
/// @param ordinal number of this rank's device, [#BY_LOCAL_RANK] for the rank within its host
///   modulo the number of devices
/// @param timeout how long an operation may take from the moment at which it is waited for; zero:
///   for ever
/// @param joinTimeout how long the library may take to connect the ranks
public record DeviceOptions(
    DeviceBackend backend, int ordinal, Duration timeout, Duration joinTimeout) {
  /// Ordinal: the rank within its host modulo the number of devices.
  public static final int BY_LOCAL_RANK = -1;

  /// Checks the values.
  ///
  /// @throws IllegalArgumentException if one cannot be
  public DeviceOptions {
    if (ordinal < BY_LOCAL_RANK) {
      throw new IllegalArgumentException("ordinal is " + ordinal + ", expected at least 0");
    }
    if (timeout.isNegative()) {
      throw new IllegalArgumentException("timeout is " + timeout + ", expected at least zero");
    }
    if (!joinTimeout.isPositive()) {
      throw new IllegalArgumentException("joinTimeout is " + joinTimeout + ", expected above zero");
    }
  }

  /// Returns the options that system properties and the environment say.
  ///
  /// @throws IllegalArgumentException if a value cannot be read; names it
  public static DeviceOptions fromEnvironment() {
    return new DeviceOptions(
        backend(text("deviceBackend", "auto")),
        (int) number("deviceOrdinal", BY_LOCAL_RANK),
        Duration.ofMillis(number("deviceTimeoutMillis", 600_000)),
        Duration.ofMillis(number("deviceJoinTimeoutMillis", 120_000)));
  }

  private static DeviceBackend backend(String name) {
    return Arrays.stream(DeviceBackend.values())
        .filter(backend -> backend.name().equalsIgnoreCase(name))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "tutti.deviceBackend is \"" + name + "\", expected auto, nccl or hccl"));
  }

  private static String text(String option, String otherwise) {
    String property = System.getProperty("tutti." + option);
    if (property != null) {
      return property;
    }
    String variable = "TUTTI_" + option.replaceAll("([A-Z])", "_$1").toUpperCase(Locale.ROOT);
    @Nullable String value = System.getenv(variable);
    return value == null ? otherwise : value;
  }

  private static long number(String option, long otherwise) {
    String text = text(option, Long.toString(otherwise));
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "tutti." + option + " is \"" + text + "\", expected a whole number", e);
    }
  }

  /// Returns this with another library.
  public DeviceOptions withBackend(DeviceBackend other) {
    return new DeviceOptions(other, ordinal, timeout, joinTimeout);
  }

  /// Returns this with another device.
  public DeviceOptions withOrdinal(int other) {
    return new DeviceOptions(backend, other, timeout, joinTimeout);
  }

  /// Returns this with another time limit of operations.
  public DeviceOptions withTimeout(Duration other) {
    return new DeviceOptions(backend, ordinal, other, joinTimeout);
  }

  /// Returns this with another time limit of joining.
  public DeviceOptions withJoinTimeout(Duration other) {
    return new DeviceOptions(backend, ordinal, timeout, other);
  }
}

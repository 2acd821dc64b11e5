package dev.tutti.collectives;

import java.util.Arrays;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// How ranks shall reach each other: the values of the option `transport`.
enum TransportChoice {
  /// Shared memory within a host, TCP between hosts.
  AUTO("auto"),

  /// Shared memory only; ranks that cannot share it do not start.
  SHM("shm"),

  /// TCP everywhere.
  TCP("tcp"),

  /// UCX everywhere.
  UCX("ucx"),

  /// Shared memory within a host, UCX between hosts.
  SHM_UCX("shm+ucx"),

  /// For ranks that are threads; processes do as with [#AUTO].
  INPROC("inproc");

  private final String text;

  TransportChoice(String text) {
    this.text = text;
  }

  /// Returns the choice for a value of the option, null for none.
  static TransportChoice of(@Nullable String value) {
    if (value == null) {
      return AUTO;
    }
    for (TransportChoice choice : values()) {
      if (choice.text.equals(value)) {
        return choice;
      }
    }
    String known = Arrays.stream(values()).map(c -> c.text).collect(Collectors.joining(", "));
    throw new IllegalArgumentException(
        "tutti.transport is \"" + value + "\", expected one of " + known);
  }

  /// Returns whether ranks of one host share memory.
  boolean sharesMemory() {
    return this != TCP && this != UCX;
  }

  /// Returns whether nothing but shared memory may be used.
  boolean isSharedOnly() {
    return this == SHM;
  }

  /// Returns whether others are reached over UCX, where that is possible.
  boolean usesUcx() {
    return this == UCX || this == SHM_UCX;
  }

  @Override
  public String toString() {
    return text;
  }
}

package dev.tutti.transport.rendezvous.launch;

import java.util.Map;

/// The environment of this process, read on behalf of one launcher.
///
/// Every complaint names the launcher, the variable, its value and what was expected.
///
/// @param launcher the launcher's name, for messages
/// @param values the environment
record Variables(String launcher, Map<String, String> values) {
  static final int MAX_PORT = 65_535;

  boolean has(String name) {
    return values.containsKey(name);
  }

  boolean hasAny(String... names) {
    for (String name : names) {
      if (has(name)) {
        return true;
      }
    }
    return false;
  }

  /// Returns the value, or `absent` where the variable is not set.
  String textOr(String name, String absent) {
    return values.getOrDefault(name, absent).strip();
  }

  /// Returns the value.
  ///
  /// @param what what the variable holds, for the message if it is missing or blank
  String text(String name, String what) {
    String value = textOr(name, "");
    if (value.isEmpty()) {
      throw has(name) ? wrong(name, what) : missing(name, what);
    }
    return value;
  }

  /// Returns the number of ranks: at least 1.
  int size(String name) {
    return (int) number(name, 1, Integer.MAX_VALUE, "the number of ranks");
  }

  /// Returns a rank of a world of `size`.
  int rank(String name, int size) {
    return (int) number(name, 0, size - 1L, "the rank of this process");
  }

  /// Returns where a rank stands, of which the variables tell both rank and ranks on its host.
  Placement placement(int rank, int size, String localRank, String localSize) {
    int near = (int) number(localSize, 1, size, "the ranks on this host");
    return new Placement(rank, size, rank(localRank, near), near);
  }

  /// Checks that all ranks are on one host, where they can meet without being told where.
  ///
  /// @param localSize the variable that tells the ranks on this host
  void requireOneHost(Placement placement, String localSize, String example) {
    if (!placement.isOneHost()) {
      throw nowhere(
          placement.isSeveralHosts()
              ? "the ranks are on several hosts (" + localSize + "=" + placement.localSize() + ")"
              : localSize + " does not say whether all ranks are on one host",
          example);
    }
  }

  /// Returns a port.
  int port(String name) {
    return (int) number(name, 1, MAX_PORT, "a port");
  }

  /// Returns a whole number between `least` and `most`.
  long number(String name, long least, long most, String what) {
    String value = text(name, what);
    try {
      long number = Long.parseLong(value);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException _) {
      // said below
    }
    throw wrong(name, what + ", a whole number " + range(least, most));
  }

  private static String range(long least, long most) {
    return most >= Integer.MAX_VALUE ? "of at least " + least : "from " + least + " to " + most;
  }

  /// Returns the complaint about a value.
  IllegalArgumentException wrong(String name, String expected) {
    return new IllegalArgumentException(
        launcher + ": " + name + "=" + textOr(name, "") + ", expected " + expected);
  }

  /// Returns the complaint about a variable that is not there.
  IllegalArgumentException missing(String name, String expected) {
    return new IllegalArgumentException(
        launcher + ": " + name + " is missing, expected " + expected);
  }

  /// Returns the complaint that nothing says where the ranks meet.
  IllegalArgumentException nowhere(String why, String example) {
    return new IllegalArgumentException(
        launcher
            + ": "
            + Launchers.RENDEZVOUS
            + " is missing, expected where the ranks meet, because "
            + why
            + "; for example: "
            + example);
  }
}

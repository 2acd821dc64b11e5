package dev.tutti.bench.netlab;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The names of a lab's namespaces: `tutti-<lifetime>-<lab>-<pid>-<part>`, for example
/// `tutti-lab-demo-4711-host0`. So everything that belongs to a lab can be found by name, after a
/// crash too.
///
/// @param lifetime what the lab's life ends with
/// @param lab the name that the user gave it
/// @param pid the process that made it
record LabNames(Lifetime lifetime, String lab, long pid) {
  /// The interface of a host.
  static final String HOST_INTERFACE = "eth0";

  /// The bridge in each rack's namespace.
  static final String BRIDGE = "br0";

  /// The link from a rack's bridge to the other one's, or to what joins more of them; so too a
  /// pod's.
  static final String TRUNK = "trunk";

  private static final Pattern NAMESPACE =
      Pattern.compile(
          "tutti-(lab|tmp)-([a-z0-9]{1,16})-([0-9]{1,10})-(?:(?:host|rack|pod)[0-9]{1,2}|core)");

  LabNames {
    if (!lab.matches("[a-z0-9]{1,16}")) {
      throw new IllegalArgumentException(
          "a lab's name has 1 to 16 small letters and digits, but it is '" + lab + "'");
    }
  }

  /// What a lab's life ends with.
  enum Lifetime {
    /// Somebody takes it down.
    LASTING("lab"),
    /// The process that made it ends.
    TEMPORARY("tmp");

    private final String word;

    Lifetime(String word) {
      this.word = word;
    }
  }

  /// Returns the lab that a namespace belongs to, null if it is not a lab's.
  static @Nullable LabNames ofNamespace(String namespace) {
    Matcher matcher = NAMESPACE.matcher(namespace);
    if (!matcher.matches()) {
      return null;
    }
    Lifetime lifetime = matcher.group(1).equals("tmp") ? Lifetime.TEMPORARY : Lifetime.LASTING;
    return new LabNames(lifetime, matcher.group(2), Long.parseLong(matcher.group(3)));
  }

  /// Returns the name of a host's namespace.
  String host(int host) {
    return prefix() + "host" + host;
  }

  /// Returns what the names of all hosts' namespaces have before the host's number.
  String hostPrefix() {
    return prefix() + "host";
  }

  /// Returns the name of a rack's namespace, which holds its switch.
  String rack(int rack) {
    return prefix() + "rack" + rack;
  }

  /// Returns the name of a pod's namespace, which holds its switch.
  String pod(int pod) {
    return prefix() + "pod" + pod;
  }

  /// Returns the name of the namespace that joins racks or pods.
  String core() {
    return prefix() + "core";
  }

  private String prefix() {
    return "tutti-" + lifetime.word + "-" + lab + "-" + pid + "-";
  }

  /// Returns the name of a host's port at its switch.
  static String port(int host) {
    return "port" + host;
  }

  /// Returns the name of the other end of a rack's trunk.
  static String trunkOfRack(int rack) {
    return "rack" + rack;
  }

  /// Returns the name of the other end of a pod's trunk.
  static String trunkOfPod(int pod) {
    return "pod" + pod;
  }
}

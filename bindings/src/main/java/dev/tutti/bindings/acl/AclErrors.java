package dev.tutti.bindings.acl;

/// What ACL's error numbers mean, as far as they matter to a communicator. ACL itself has no
/// function for that.
final class AclErrors {
  private AclErrors() {}

  static String name(int error) {
    return switch (error) {
      case 100000 -> "invalid argument";
      case 100001 -> "ACL is not initialised";
      case 100002 -> "ACL is initialised already";
      case 107000 -> "invalid argument of the runtime";
      case 107001 -> "no such device";
      case 107002 -> "no current context: set a device first";
      case 107003 -> "the stream is not of the current context";
      case 107019 -> "waiting took too long";
      case 107020 -> "a task took too long";
      case 107022 -> "the device's tasks were aborted";
      case 107023 -> "the stream was aborted";
      case 207000 -> "not supported";
      case 207001 -> "out of memory";
      case 207018 -> "out of memory of the device";
      case 507010 -> "lost heartbeat of the device";
      case 507014, 507034 -> "a core took too long";
      case 507046 -> "waiting for a stream took too long";
      case 507047 -> "waiting for an event took too long";
      case 507048 -> "a task of a collective took too long";
      case 507053 -> "error in the device's memory";
      case 507054 -> "uncorrected error in the device's memory";
      default -> "ACL error";
    };
  }
}

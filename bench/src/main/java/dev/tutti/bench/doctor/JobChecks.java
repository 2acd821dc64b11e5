package dev.tutti.bench.doctor;

import dev.tutti.transport.rendezvous.LaunchEnvironment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// What a launcher has told this process.
final class JobChecks {
  private JobChecks() {}

  static List<Check> all(Map<String, String> environment) {
    List<Check> checks = new ArrayList<>();
    checks.add(launcher(environment));
    checks.add(secret(environment));
    return checks;
  }

  private static Check launcher(Map<String, String> environment) {
    String name = "launcher";
    try {
      LaunchEnvironment launch = LaunchEnvironment.fromEnvironment(environment);
      return launch == null
          ? Check.missing(name, "none has started this process", "")
          : Check.ok(
              name,
              "rank "
                  + launch.rank()
                  + " of "
                  + launch.size()
                  + ", meets at "
                  + launch.rendezvous());
    } catch (IllegalArgumentException e) {
      return Check.broken(
          name, String.valueOf(e.getMessage()), "set or clear these variables on every rank");
    }
  }

  private static Check secret(Map<String, String> environment) {
    String name = "secret";
    try {
      return LaunchEnvironment.secret(environment).isNone()
          ? Check.missing(
              name, "none is set", "ranks on several hosts need one: set TUTTI_SECRET_FILE")
          : Check.ok(name, "is set");
    } catch (IllegalArgumentException e) {
      return Check.broken(
          name, String.valueOf(e.getMessage()), "write 64 hexadecimal digits, chmod 600 the file");
    }
  }
}

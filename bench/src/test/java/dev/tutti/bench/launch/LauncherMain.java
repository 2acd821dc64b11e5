package dev.tutti.bench.launch;

import java.time.Duration;
import java.util.List;

/// A launcher in a process of its own, for tests that kill it: `LauncherMain ranks command...`.
final class LauncherMain {
  private LauncherMain() {}

  public static void main(String[] args) throws Exception {
    LaunchResult result =
        Launcher.builder(Integer.parseInt(args[0]), List.of(args).subList(1, args.length))
            .output(LineSink.tagged(System.out, System.err))
            .terminationGrace(Duration.ofMillis(300))
            .diagnostics(System.err::println)
            .run();
    System.exit(result.exitCode());
  }
}

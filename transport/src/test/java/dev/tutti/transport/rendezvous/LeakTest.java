package dev.tutti.transport.rendezvous;

import static dev.tutti.transport.rendezvous.TestWorld.OPTIONS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Nothing stays behind when a world has ended: no thread, no socket.
@Timeout(value = 30, unit = TimeUnit.SECONDS)
final class LeakTest {
  private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

  @Test
  void shouldEndAllThreadsAndSocketsAfterTakeovers() throws IOException {
    Assumptions.assumeTrue(Files.isDirectory(DESCRIPTORS), "needs " + DESCRIPTORS);
    live(); // what the JVM opens once stays
    long before = sockets();

    for (int i = 0; i < 3; i++) {
      live();
    }

    await().untilAsserted(() -> assertThat(threads()).isEmpty());
    await().untilAsserted(() -> assertThat(sockets()).isLessThanOrEqualTo(before));
  }

  private static void live() {
    try (TestWorld world = TestWorld.form(0, 4, OPTIONS)) {
      world.crashServer();
      world.awaitEvent(3, "moved 1");
    }
  }

  private static List<String> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith("tutti-membership") || name.startsWith("tutti-rendezvous"))
        .toList();
  }

  private static long sockets() throws IOException {
    try (Stream<Path> all = Files.list(DESCRIPTORS)) {
      return all.filter(LeakTest::isSocket).count();
    }
  }

  private static boolean isSocket(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString().startsWith("socket:");
    } catch (IOException _) {
      return false; // the one of this listing
    }
  }
}

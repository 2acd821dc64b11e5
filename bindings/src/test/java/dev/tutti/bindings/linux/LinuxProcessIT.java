package dev.tutti.bindings.linux;

import static dev.tutti.bindings.linux.LinuxConstants.SIGKILL;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/// Calls that need a second process.
@EnabledOnOs(OS.LINUX)
@Timeout(60)
final class LinuxProcessIT {

  private static final int KILLED = 128 + SIGKILL;

  @Test
  void shouldTalkToAnotherProcessThroughSharedMemory() throws Exception {
    try (MappedMemory memory = new MappedMemory()) {
      Linux.chmodOwnerOnly(memory.fd);
      Process child =
          startChild("answer", "" + Linux.processId(), "" + memory.fd)
              .redirectOutput(ProcessBuilder.Redirect.INHERIT)
              .start();

      JAVA_INT.varHandle().setRelease(memory.segment, 0L, 21);
      Linux.futexWake(memory.address, 1);
      while ((int) JAVA_INT.varHandle().getAcquire(memory.segment, 4L) == 0 && child.isAlive()) {
        Linux.futexWait(memory.address + 4, 0, TimeUnit.MILLISECONDS.toNanos(100));
      }

      assertThat(child.waitFor()).isZero();
      assertThat(memory.segment.get(JAVA_INT, 4)).isEqualTo(42);
    }
  }

  @Test
  void shouldDieWithTheThreadThatStartedIt() throws Exception {
    AtomicReference<Process> child = new AtomicReference<>();
    Thread parent =
        Thread.ofPlatform()
            .start(() -> {
              try {
                child.set(startChild("orphan").start());
                // "ready": from now on the child depends on this thread.
                int ignored = child.get().getInputStream().read();
              } catch (IOException e) {
                throw new IllegalStateException(e);
              }
            });
    parent.join();

    assertThat(child.get().waitFor()).isEqualTo(KILLED);
  }

  private static ProcessBuilder startChild(String... args) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(LinuxChild.class.getName());
    command.addAll(List.of(args));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
  }
}

package dev.tutti.bindings.linux;

import static dev.tutti.bindings.linux.LinuxConstants.O_CLOEXEC;
import static dev.tutti.bindings.linux.LinuxConstants.O_RDWR;
import static dev.tutti.bindings.linux.LinuxConstants.SIGKILL;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;

/// The second process of [LinuxProcessIT].
final class LinuxChild {

  private LinuxChild() {}

  /// `answer PID FD`: waits in the memory of another process until word 0 is not 0, then puts its
  /// double into word 1. `orphan`: dies with the thread that started it.
  public static void main(String[] args) throws IOException {
    switch (args[0]) {
      case "answer" -> answer(args[1], args[2]);
      case "orphan" -> {
        Linux.setParentDeathSignal(SIGKILL);
        System.out.println("ready");
        int ignored = System.in.read();
      }
      default -> throw new IllegalArgumentException(args[0]);
    }
  }

  private static void answer(String parent, String descriptor) {
    int fd = Linux.open("/proc/" + parent + "/fd/" + descriptor, O_RDWR | O_CLOEXEC);
    long bytes = Linux.pageBytes();
    long address = MappedMemory.map(fd, bytes);
    MemorySegment memory = MappedMemory.view(address, bytes);

    int question;
    while ((question = (int) JAVA_INT.varHandle().getAcquire(memory, 0L)) == 0) {
      Linux.futexWait(address, 0, TimeUnit.SECONDS.toNanos(20));
    }
    JAVA_INT.varHandle().setRelease(memory, 4L, 2 * question);
    Linux.futexWake(address + 4, 1);
  }
}

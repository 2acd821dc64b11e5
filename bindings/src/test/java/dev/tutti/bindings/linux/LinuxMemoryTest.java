package dev.tutti.bindings.linux;

import static dev.tutti.bindings.linux.LinuxConstants.MADV_POPULATE_WRITE;
import static dev.tutti.bindings.linux.LinuxConstants.MAP_ANONYMOUS;
import static dev.tutti.bindings.linux.LinuxConstants.MAP_FIXED;
import static dev.tutti.bindings.linux.LinuxConstants.MAP_NORESERVE;
import static dev.tutti.bindings.linux.LinuxConstants.MAP_PRIVATE;
import static dev.tutti.bindings.linux.LinuxConstants.MAP_SHARED;
import static dev.tutti.bindings.linux.LinuxConstants.O_CLOEXEC;
import static dev.tutti.bindings.linux.LinuxConstants.O_RDONLY;
import static dev.tutti.bindings.linux.LinuxConstants.O_RDWR;
import static dev.tutti.bindings.linux.LinuxConstants.PROT_NONE;
import static dev.tutti.bindings.linux.LinuxConstants.PROT_READ;
import static dev.tutti.bindings.linux.LinuxConstants.PROT_WRITE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tutti.bindings.NativeCallException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
final class LinuxMemoryTest {

  @Test
  void shouldShareMemoryBetweenTwoMappings() {
    try (MappedMemory first = new MappedMemory()) {
      long second = MappedMemory.map(first.fd, first.bytes);

      first.segment.set(JAVA_LONG, 8, 42);

      assertThat(second).isNotEqualTo(first.address);
      assertThat(MappedMemory.view(second, first.bytes).get(JAVA_LONG, 8)).isEqualTo(42);
      Linux.munmap(second, first.bytes);
    }
  }

  @Test
  void shouldOpenMemoryThroughProc() {
    try (MappedMemory first = new MappedMemory()) {
      first.segment.set(JAVA_LONG, 0, 7);

      int fd = Linux.open("/proc/self/fd/" + first.fd, O_RDWR | O_CLOEXEC);
      long second = MappedMemory.map(fd, first.bytes);
      Linux.close(fd);

      assertThat(fd).isNotEqualTo(first.fd);
      assertThat(MappedMemory.view(second, first.bytes).get(JAVA_LONG, 0)).isEqualTo(7);
      Linux.munmap(second, first.bytes);
    }
  }

  @Test
  void shouldReadZeroWhereAHoleWasPunched() {
    try (MappedMemory memory = new MappedMemory()) {
      memory.segment.set(JAVA_LONG, 0, 7);

      Linux.punchHole(memory.fd, 0, memory.bytes);

      assertThat(memory.segment.get(JAVA_LONG, 0)).isZero();
    }
  }

  @Test
  void shouldLeaveAccessToTheOwnerOnly() throws IOException {
    try (MappedMemory memory = new MappedMemory()) {
      Linux.chmodOwnerOnly(memory.fd);

      var permissions = Files.getPosixFilePermissions(Path.of("/proc/self/fd/" + memory.fd));

      assertThat(PosixFilePermissions.toString(permissions)).isEqualTo("rw-------");
    }
  }

  @Test
  void shouldMapAtAGivenAddress() {
    try (MappedMemory memory = new MappedMemory()) {
      int reserve = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
      long reserved = Linux.mmap(0, memory.bytes, PROT_NONE, reserve, -1, 0);

      int shareThere = MAP_SHARED | MAP_FIXED;
      long address =
          Linux.mmap(reserved, memory.bytes, PROT_READ | PROT_WRITE, shareThere, memory.fd, 0);

      assertThat(address).isEqualTo(reserved);
      memory.segment.set(JAVA_LONG, 0, 9);
      assertThat(MappedMemory.view(address, memory.bytes).get(JAVA_LONG, 0)).isEqualTo(9);
      Linux.munmap(address, memory.bytes);
    }
  }

  @Test
  void shouldReturnZeroOrTheErrorOfAdvice() {
    try (MappedMemory memory = new MappedMemory()) {
      assertThat(Linux.madvise(memory.address, memory.bytes, MADV_POPULATE_WRITE)).isZero();
      assertThat(Linux.madvise(memory.address, memory.bytes, 9999)).isEqualTo(Errno.EINVAL);
      assertThat(Linux.madvise(memory.address + 1, memory.bytes, MADV_POPULATE_WRITE))
          .isEqualTo(Errno.EINVAL);
    }
  }

  @Test
  void shouldNameFunctionArgumentsAndErrnoOfAFailedCall() {
    NativeCallException failure =
        catchThrowableOfType(
            NativeCallException.class, () -> Linux.mmap(0, 4096, PROT_READ, MAP_SHARED, -1, 0));

    assertThat(failure)
        .hasMessage(
            "mmap(addressHint=0x0, bytes=4096, prot=0x1, flags=0x1, fd=-1, offset=0) failed:"
                + " EBADF (9)");
    assertThat(failure.function()).isEqualTo("mmap");
    assertThat(failure.arguments()).contains("bytes=4096");
    assertThat(failure.errorNumber()).isEqualTo(Errno.EBADF);
    assertThat(failure.errorName()).isEqualTo("EBADF");
  }

  @Test
  void shouldReportTheErrnoOfEachFunction() {
    assertThatThrownBy(() -> Linux.truncate(-1, 1))
        .hasMessage("ftruncate(fd=-1, bytes=1) failed: EBADF (9)");
    assertThatThrownBy(() -> Linux.punchHole(-1, 0, 1))
        .hasMessage("fallocate(fd=-1, offset=0, bytes=1) failed: EBADF (9)");
    assertThatThrownBy(() -> Linux.chmodOwnerOnly(-1))
        .hasMessage("fchmod(fd=-1, mode=0600) failed: EBADF (9)");
    assertThatThrownBy(() -> Linux.close(-1)).hasMessage("close(fd=-1) failed: EBADF (9)");
    assertThatThrownBy(() -> Linux.munmap(1, 1))
        .hasMessage("munmap(address=0x1, bytes=1) failed: EINVAL (22)");
    assertThatThrownBy(() -> Linux.open("/nowhere/at all", O_RDONLY))
        .hasMessage("open(path=/nowhere/at all, flags=0x0) failed: ENOENT (2)");
    assertThatThrownBy(() -> Linux.memfdCreate("n", -1))
        .hasMessage("memfd_create(name=n, flags=0xffffffff) failed: EINVAL (22)");
  }

  @Test
  void shouldRefuseAPathThatCWouldCutShort() {
    assertThatThrownBy(() -> Linux.open("/proc/self\0/fd", O_RDONLY))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("path contains a zero character");
  }
}

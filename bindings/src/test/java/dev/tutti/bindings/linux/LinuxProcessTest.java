package dev.tutti.bindings.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
final class LinuxProcessTest {

  private static final int NO_SUCH_PROCESS = Integer.MAX_VALUE;

  @Test
  void shouldReadTheMemoryOfAProcess() {
    try (MappedMemory from = new MappedMemory();
        MappedMemory to = new MappedMemory()) {
      from.segment.set(JAVA_LONG, 16, 123);

      long copied =
          Linux.processVmRead(Linux.processId(), to.address, from.address + 8, from.bytes - 8);

      assumeTrue(
          copied != -Errno.ENOSYS && copied != -Errno.EPERM, "not allowed in this container");
      assertThat(copied).isEqualTo(from.bytes - 8);
      assertThat(to.segment.get(JAVA_LONG, 8)).isEqualTo(123);
    }
  }

  @Test
  void shouldReturnTheErrorWhenReadingAProcessFails() {
    try (MappedMemory to = new MappedMemory()) {
      long copied = Linux.processVmRead(NO_SUCH_PROCESS, to.address, to.address, 8);
      assumeTrue(
          copied != -Errno.ENOSYS && copied != -Errno.EPERM, "not allowed in this container");

      assertThat(copied).isEqualTo(-Errno.ESRCH);
      assertThat(Linux.processVmRead(Linux.processId(), to.address, 0, 8)).isEqualTo(-Errno.EFAULT);
    }
  }

  @Test
  void shouldTellWhoThisProcessIs() throws IOException {
    assertThat(Linux.processId()).isEqualTo((int) ProcessHandle.current().pid());
    assertThat(Linux.userId()).isEqualTo(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
    assertThat(Integer.bitCount(Linux.pageBytes())).isOne();
  }

  @Test
  void shouldTellWhetherAProcessIsThere() {
    assertThat(Linux.kill(Linux.processId(), 0)).isTrue();
    assertThat(Linux.kill(NO_SUCH_PROCESS, 0)).isFalse();
  }

  @Test
  void shouldNotSignalGroupsOfProcesses() {
    assertThatThrownBy(() -> Linux.kill(-1, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("pid must be above 0, got -1");
  }

  @Test
  void shouldAllowTracingWithAndWithoutYama() {
    assertThatCode(() -> Linux.allowPtraceBy(LinuxConstants.PR_SET_PTRACER_ANY))
        .doesNotThrowAnyException();
    assertThatCode(() -> Linux.allowPtraceBy(0)).doesNotThrowAnyException();
  }

  @Test
  void shouldNameTheSignalThatCannotBeSet() {
    assertThatThrownBy(() -> Linux.setParentDeathSignal(9999))
        .hasMessage("prctl(PR_SET_PDEATHSIG, signal=9999) failed: EINVAL (22)");
  }

  @Test
  void shouldBindTheThreadToOneProcessorAndBack() {
    BitSet before = Linux.affinity();
    int last = before.length() - 1;

    boolean bound = Linux.setAffinity(last);
    BitSet during = Linux.affinity();
    boolean restored = Linux.setAffinity(before);

    assertThat(bound).isTrue();
    assertThat(during.stream()).containsExactly(last);
    assertThat(restored).isTrue();
    assertThat(Linux.affinity()).isEqualTo(before);
  }

  @Test
  void shouldSayThatAProcessorIsNotThere() {
    assertThat(Linux.setAffinity(8191)).isFalse();
    assertThatThrownBy(() -> Linux.setAffinity(8192))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("processor numbers must be below 8192, got 8192");
  }

  @Test
  void shouldYieldTheProcessor() {
    assertThatCode(Linux::yieldProcessor).doesNotThrowAnyException();
  }
}

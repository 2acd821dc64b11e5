package dev.tutti.bindings.acl;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.bindings.Allocation;
import dev.tutti.bindings.FakeLibrary;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// Against a library that acts as ACL over the memory of the host.
@EnabledOnOs(OS.LINUX)
final class AclRuntimeTest {
  @TempDir Path folder;

  private FakeLibrary fake;
  private AclRuntime acl;

  @BeforeEach
  void open() throws Exception {
    open("-O0");
  }

  private void open(String option) throws Exception {
    fake = FakeLibrary.compile(folder, "fake_acl", option);
    System.setProperty(Acl.PROPERTY, fake.file().toString());
    acl = Acl.runtime();
  }

  @AfterEach
  void forgetProperty() {
    System.clearProperty(Acl.PROPERTY);
  }

  private void setBusy(int busy) {
    try {
      fake.link("fake_acl_set_busy", FunctionDescriptor.ofVoid(JAVA_INT)).invoke(busy);
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  @Test
  void shouldSetDevices() {
    assertThat(acl.deviceCount()).isEqualTo(4);
    assertThat(acl.version()).isEqualTo("1.13.2");
    acl.setDevice(2);
    assertThat(acl.device()).isEqualTo(2);
    assertThat(acl.memory()).isEqualTo(new AclMemoryInfo(60, 64));
    assertThat(acl.canAccessPeer(0, 1)).isTrue();
    acl.enablePeerAccess(1);
    acl.synchronizeDevice();
    acl.setContext(acl.context());
    assertThat(fake.text("fake_acl_note")).isEqualTo("aclrtSetCurrentContext 0xc0");
    acl.abortTasks(2, 500);
    assertThat(fake.text("fake_acl_note")).isEqualTo("aclrtDeviceTaskAbort device=2 timeout=500");
    acl.resetDevice(2);
    assertThat(fake.text("fake_acl_note")).isEqualTo("aclrtResetDevice 2");
    assertThat(Acl.runtime()).isSameAs(acl);
  }

  @Test
  void shouldGiveAclsWordsWhenACallFails() {
    assertThatThrownBy(() -> acl.setDevice(7))
        .hasMessage(
            "aclrtSetDevice(device=7) failed: no such device (107001): EE1001: The argument is"
                + " invalid. deviceId=7");
    assertThatThrownBy(() -> acl.allocate(1L << 50))
        .hasMessage(
            "aclrtMalloc(bytes=1125899906842624) failed: out of memory (207001): no memory left");
    try (AclStream stream = acl.stream()) {
      setBusy(1);
      assertThatThrownBy(() -> stream.synchronize(10))
          .hasMessage(
              "aclrtSynchronizeStreamWithTimeout(timeoutMillis=10) failed: waiting for a stream"
                  + " took too long (507046): stream 3 is stuck");
    }
  }

  @Test
  void shouldMoveAndReduce() throws Exception {
    try (AclMemory device = acl.allocate(64);
        AclMemory host = acl.allocateHost(64);
        AclStream stream = acl.stream()) {
      MemorySegment floats = host.segment();
      floats.setAtIndex(JAVA_FLOAT, 0, 1.5f);
      floats.setAtIndex(JAVA_FLOAT, 1, 2.5f);

      acl.set(device.address(), 0, 64);
      acl.copyAsync(device.address(), host.address(), 8, AclCopy.HOST_TO_DEVICE, stream.address());
      acl.reduceAsync(
          device.address(), host.address(), 2, AclReduceKind.SUM, AclDataType.FLOAT32, 0);
      acl.copy(host.address() + 8, device.address(), 8, AclCopy.DEVICE_TO_HOST);
      stream.synchronize(AclRuntime.FOR_EVER);

      assertThat(floats.getAtIndex(JAVA_FLOAT, 2)).isEqualTo(3);
      assertThat(floats.getAtIndex(JAVA_FLOAT, 3)).isEqualTo(5);
      assertThatThrownBy(device::segment).hasMessage("the host cannot use memory of a device");
    }
    assertThat(fake.number("fake_acl_live")).isZero();

    open("-DFAKE_OLD");
    assertThatThrownBy(() -> acl.reduceAsync(0, 0, 0, AclReduceKind.SUM, AclDataType.FLOAT32, 0))
        .hasMessage(fake.file() + " has no aclrtReduceAsync");
  }

  @Test
  void shouldOrderStreamsByEventsAndRefuseUseAfterClose() {
    AclStream stream = acl.stream();
    AclEvent event = acl.event();
    assertThat(fake.text("fake_acl_note")).isEqualTo("aclrtCreateEventExWithFlag flag=3");
    AclEvent timed = acl.timedEvent();
    assertThat(fake.text("fake_acl_note")).isEqualTo("aclrtCreateEventExWithFlag flag=11");
    event.record(stream);
    stream.waitFor(event);
    setBusy(1);
    assertThat(stream.isDone()).isFalse();
    assertThat(event.isDone()).isFalse();
    setBusy(0);
    assertThat(stream.isDone()).isTrue();
    assertThat(event.isDone()).isTrue();
    assertThat(acl.elapsedSeconds(timed, timed)).isEqualTo(0.0025);
    stream.abort();
    assertThat(fake.text("fake_acl_note")).isEqualTo("aclrtStreamAbort");

    stream.close();
    stream.close();
    event.close();
    timed.close();

    assertThat(fake.number("fake_acl_live")).isZero();
    assertThatThrownBy(stream::isDone).hasMessage("this stream of ACL is closed");
    assertThatThrownBy(event::isDone).hasMessage("this event of ACL is closed");
  }

  @Test
  void shouldNotAllocateOnTheDataPath() {
    try (AclMemory memory = acl.allocate(64);
        AclStream stream = acl.stream();
        AclEvent event = acl.event()) {
      long address = memory.address();
      assertThat(
              Allocation.bytes(() -> {
                acl.setDevice(0);
                acl.copyAsync(address, address, 8, AclCopy.DEVICE_TO_DEVICE, stream.address());
                event.record(stream);
                stream.waitFor(event);
                boolean _ = event.isDone() && stream.isDone();
              }))
          .isZero();
    }
  }
}

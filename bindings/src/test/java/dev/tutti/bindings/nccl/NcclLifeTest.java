package dev.tutti.bindings.nccl;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.bindings.FakeLibrary;
import dev.tutti.bindings.NativeCallException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// Groups, threads and the end of communicators, against a library that notes its calls.
@EnabledOnOs(OS.LINUX)
@Timeout(20)
final class NcclLifeTest {
  private static final NcclDataType FLOAT = NcclDataType.FLOAT32;
  private static final long BLOCKING_COUNT = 666;

  @TempDir Path folder;

  private FakeLibrary fake;
  private NcclLibrary nccl;

  @BeforeEach
  void open() throws Exception {
    fake = FakeLibrary.compile(folder, "fake_nccl");
    System.setProperty(Nccl.PROPERTY, fake.file().toString());
    nccl = Nccl.open();
  }

  @AfterEach
  void forgetProperty() {
    System.clearProperty(Nccl.PROPERTY);
  }

  private NcclCommunicator communicator() {
    return nccl.init(4, nccl.uniqueId(), 1, NcclConfig.DEFAULT);
  }

  private static void reduce(NcclCommunicator rank, long count) {
    rank.allReduce(0x100, 0x200, count, FLOAT, NcclReduceOp.SUM, 0);
  }

  @Test
  void shouldRefuseUseAfterClose() {
    NcclCommunicator rank = communicator();
    rank.close();
    rank.close();
    rank.abort();

    assertThat(rank.isClosed()).isTrue();
    assertThat(fake.number("fake_nccl_open")).isZero();
    assertThatThrownBy(() -> reduce(rank, 1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("this communicator of NCCL is closed");
    assertThatThrownBy(rank::asyncError).hasMessage("this communicator of NCCL is closed");
    assertThatThrownBy(rank::worldSize).hasMessage("this communicator of NCCL is closed");
    assertThatThrownBy(() -> rank.split(0, 0, null))
        .hasMessage("this communicator of NCCL is closed");
  }

  @Test
  void shouldDoNothingWhenMemoryOutlivesItsCommunicator() {
    NcclCommunicator rank = communicator();
    NcclRegistration registration = rank.register(0x1000, 4096);
    NcclWindow window = rank.window(0x2000, 4096, 0);
    rank.close();
    String before = fake.text("fake_nccl_note");

    registration.close();
    window.close();

    assertThat(fake.text("fake_nccl_note")).isEqualTo(before);
  }

  @Test
  void shouldRefuseASecondThreadAndLetAbortEndTheFirst() throws Exception {
    NcclCommunicator rank = communicator();
    CompletableFuture<Void> stuck = CompletableFuture.runAsync(() -> reduce(rank, BLOCKING_COUNT));
    awaitEntered();

    assertThatThrownBy(() -> reduce(rank, 1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageMatching(
            "thread \\d+ is in a call with this communicator of NCCL; one thread at a time may use"
                + " it, this is thread \\d+");
    assertThatThrownBy(rank::close)
        .hasMessageMatching("thread \\d+ is in a call with this communicator of NCCL");
    assertThat(rank.asyncError()).isEqualTo(NcclResult.SUCCESS);

    rank.abort();

    assertThatThrownBy(() -> stuck.get(10, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOf(NativeCallException.class)
        .hasMessageContaining("ncclInternalError (3): aborted");
    assertThatThrownBy(() -> reduce(rank, 1)).hasMessage("this communicator of NCCL is closed");
  }

  private void awaitEntered() throws Exception {
    MethodHandle entered = fake.link("fake_nccl_entered", FunctionDescriptor.of(JAVA_INT));
    try {
      while ((int) entered.invokeExact() == 0) {
        Thread.onSpinWait();
      }
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  @Test
  void shouldMakeACommunicatorAtTheEndOfAGroup() {
    nccl.groupStart();
    NcclCommunicator rank = communicator();
    assertThatThrownBy(() -> reduce(rank, 1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("this communicator of NCCL is not made yet: end the group");
    assertThat(rank.asyncError()).isEqualTo(NcclResult.IN_PROGRESS);

    assertThat(nccl.groupEnd()).isTrue();

    reduce(rank, 1);
    assertThat(rank.rank()).isEqualTo(1);
    rank.close();
    assertThat(fake.number("fake_nccl_open")).isZero();
  }

  @Test
  void shouldKeepOtherThreadsOutOfAGroup() throws Exception {
    NcclCommunicator rank = communicator();
    nccl.groupStart();
    nccl.groupStart();
    reduce(rank, 1);
    boolean _ = nccl.groupEnd();

    assertThatThrownBy(() -> onOtherThread(() -> reduce(rank, 1)))
        .hasMessage(
            "this communicator of NCCL has calls in a group that thread \""
                + Thread.currentThread().getName()
                + "\" has not ended");
    assertThatThrownBy(rank::close).hasMessageContaining("has not ended");

    boolean _ = nccl.groupEnd();
    onOtherThread(() -> reduce(rank, 1));
    rank.close();
  }

  private static void onOtherThread(Runnable action) throws Exception {
    try {
      CompletableFuture.runAsync(action).get(10, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw (Exception) e.getCause();
    }
  }

  @Test
  void shouldRefuseGroupsThatDoNotFit() throws Exception {
    assertThatThrownBy(nccl::groupEnd)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("this thread has no group of NCCL open");
    nccl.groupStart();
    assertThat(nccl.groupSimulateEnd()).isEqualTo(12.5);

    Thread virtual =
        Thread.ofVirtual()
            .unstarted(() ->
                assertThatThrownBy(nccl::groupStart)
                    .hasMessageContaining("not for a virtual thread"));
    assertThat(failureOf(virtual)).isNull();
  }

  private static Throwable failureOf(Thread thread) throws InterruptedException {
    CompletableFuture<Throwable> failure = new CompletableFuture<>();
    thread.setUncaughtExceptionHandler((_, e) -> failure.complete(e));
    thread.start();
    thread.join();
    return failure.getNow(null);
  }

  @Test
  void shouldPollACommunicatorThatDoesNotBlock() throws Exception {
    NcclCommunicator rank =
        nccl.init(4, nccl.uniqueId(), 1, NcclConfig.DEFAULT.with(NcclSetting.BLOCKING, 0));
    reduce(rank, 1); // answered with ncclInProgress
    setAsync(rank, NcclResult.IN_PROGRESS);
    assertThat(rank.poll()).isFalse();
    setAsync(rank, NcclResult.SUCCESS);
    assertThat(rank.poll()).isTrue();
    setAsync(rank, NcclResult.REMOTE_ERROR);
    assertThat(rank.asyncError()).isEqualTo(NcclResult.REMOTE_ERROR);
    assertThatThrownBy(rank::poll)
        .isInstanceOf(NativeCallException.class)
        .hasMessageContaining("ncclRemoteError (6)");

    rank.revoke();
    assertThat(rank.poll()).isTrue();
    rank.close();
  }

  private void setAsync(NcclCommunicator rank, NcclResult result) throws Exception {
    MethodHandle set =
        fake.link("fake_nccl_set_async", FunctionDescriptor.ofVoid(JAVA_LONG, JAVA_INT));
    long handle = rank.with(made -> made);
    try {
      set.invokeExact(handle, result.ordinal());
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }
}

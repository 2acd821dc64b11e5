package dev.tutti.bindings.hccl;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.bindings.Allocation;
import dev.tutti.bindings.FakeLibrary;
import dev.tutti.bindings.LibraryNotFoundException;
import dev.tutti.bindings.hccl.HcclLibrary.Determinism;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// What reaches HCCL and what comes back, against a library that notes its calls.
@EnabledOnOs(OS.LINUX)
@Timeout(20)
final class HcclTest {
  private static final HcclDataType FLOAT = HcclDataType.FLOAT32;
  private static final long BLOCKING_COUNT = 666;

  @TempDir Path folder;

  private FakeLibrary fake;
  private HcclLibrary hccl;

  @BeforeEach
  void open() throws Exception {
    open("-O0");
  }

  private void open(String option) throws Exception {
    fake = FakeLibrary.compile(folder, "fake_hccl", option);
    System.setProperty(Hccl.PROPERTY, fake.file().toString());
    hccl = Hccl.open();
  }

  @AfterEach
  void forgetProperty() {
    System.clearProperty(Hccl.PROPERTY);
  }

  private HcclCommunicator communicator() {
    return hccl.init(4, hccl.rootInfo(), 1, HcclConfig.DEFAULT);
  }

  private String note() {
    return fake.text("fake_hccl_note");
  }

  private void release(int is) {
    try {
      fake.link("fake_hccl_release", FunctionDescriptor.ofVoid(JAVA_INT)).invoke(is);
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  @Test
  void shouldPassEachArgumentInItsPlace() {
    try (HcclCommunicator rank = communicator()) {
      rank.allReduce(0x100, 0x200, 1L << 33, FLOAT, HcclReduceOp.MAX, 0x300);
      assertThat(fake.text("fake_hccl_all_reduce"))
          .isEqualTo(
              "HcclAllReduce send=0x100 recv=0x200 count=8589934592 type=4 op=2 stream=0x300");
      rank.reduce(0x100, 0x200, 3, HcclDataType.BFLOAT16, HcclReduceOp.MIN, 2, 0x300);
      assertThat(note())
          .isEqualTo("HcclReduce send=0x100 recv=0x200 count=3 type=11 op=3 root=2 stream=0x300");
      rank.broadcast(0x100, 3, HcclDataType.INT8, 2, 0x300);
      assertThat(note()).isEqualTo("HcclBroadcast buffer=0x100 count=3 type=0 root=2 stream=0x300");
      rank.reduceScatter(0x100, 0x200, 3, HcclDataType.FLOAT16, HcclReduceOp.PROD, 0x300);
      assertThat(note())
          .isEqualTo("HcclReduceScatter send=0x100 recv=0x200 count=3 type=3 op=1 stream=0x300");
      rank.allGather(0x100, 0x200, 3, HcclDataType.UINT64, 0x300);
      assertThat(note())
          .isEqualTo("HcclAllGather send=0x100 recv=0x200 count=3 type=6 stream=0x300");
      rank.scatter(0x100, 0x200, 3, HcclDataType.UINT8, 2, 0x300);
      assertThat(note())
          .isEqualTo("HcclScatter send=0x100 recv=0x200 count=3 type=7 root=2 stream=0x300");
      rank.allToAll(0x100, 0x200, 3, HcclDataType.FLOAT64, 0x300);
      assertThat(note()).isEqualTo("HcclAlltoAll send=0x100 3 10 recv=0x200 3 10 stream=0x300");
      rank.send(0x100, 3, FLOAT, 2, 0x300);
      assertThat(note()).isEqualTo("HcclSend buffer=0x100 count=3 type=4 peer=2 stream=0x300");
      rank.receive(0x100, 3, FLOAT, 2, 0x300);
      assertThat(note()).isEqualTo("HcclRecv buffer=0x100 count=3 type=4 peer=2 stream=0x300");
      rank.barrier(0x300);
      assertThat(note()).isEqualTo("HcclBarrier stream=0x300");
    }
  }

  @Test
  void shouldPassCountsAndOffsets() {
    try (HcclCommunicator rank = communicator();
        Arena arena = Arena.ofConfined()) {
      MemorySegment a = arena.allocateFrom(JAVA_LONG, 1, 2, 3, 4);
      MemorySegment b = arena.allocateFrom(JAVA_LONG, 0, 1, 3, 6);
      MemorySegment c = arena.allocateFrom(JAVA_LONG, 5, 5, 5, 5);
      MemorySegment d = arena.allocateFrom(JAVA_LONG, 0, 5, 10, 15);

      rank.allToAllV(0x100, a, b, 0x200, c, d, HcclDataType.INT32, 0x300);
      assertThat(note()).isEqualTo("HcclAlltoAllV send=0x100 4 6 2 recv=0x200 5 15 2 stream=0x300");
      rank.allGatherV(0x100, 2, 0x200, a, b, FLOAT, 0x300);
      assertThat(note())
          .isEqualTo(
              "HcclAllGatherV send=0x100 count=2 recv=0x200 counts=4 offsets=6 type=4"
                  + " stream=0x300");
      rank.reduceScatterV(0x100, a, b, 0x200, 2, FLOAT, HcclReduceOp.SUM, 0x300);
      assertThat(note())
          .isEqualTo(
              "HcclReduceScatterV send=0x100 counts=4 offsets=6 recv=0x200 count=2 type=4 op=0"
                  + " stream=0x300");

      HcclTransfers transfers = new HcclTransfers(arena, 2);
      transfers.send(0x100, 3, FLOAT, 2);
      transfers.receive(0x200, 1L << 33, HcclDataType.BFLOAT16, 3);
      rank.batchSendReceive(transfers, 0x300);
      assertThat(note())
          .isEqualTo("HcclBatchSendRecv count=2 first=0 last=1 0x200 8589934592 11 3 stream=0x300");
      assertThatThrownBy(() -> transfers.send(0, 0, FLOAT, 0))
          .hasMessage("there is room for 2 sends and receives");
      assertThatThrownBy(() -> rank.allGatherV(0x100, 2, 0x200, a.asSlice(8), b, FLOAT, 0x300))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "counts must be 4 uint64_t in native memory, one per rank; these are 24 bytes");
    }
  }

  @Test
  void shouldSendTheShortConfigurationUnlessMoreIsSet() {
    try (HcclCommunicator rank =
        hccl.init(4, hccl.rootInfo(), 1, HcclConfig.DEFAULT.with(HcclText.NAME, "steps"))) {
      assertThat(rank.name()).isEqualTo("steps");
      assertThat(fake.text("fake_hccl_config"))
          .isEqualTo(
              "size=300 version=5 buffer=4294967295 deterministic=ffffffff name=steps mode=0"
                  + " class=ffffffff level=ffffffff timeout=0 algorithm= job=0 retry=");
    }
    HcclConfig longer =
        HcclConfig.DEFAULT
            .with(HcclSetting.BUFFER_MEGABYTES, 64)
            .with(HcclSetting.JOB_ID, 1L << 40)
            .with(HcclText.ALGORITHM, "level1:ring")
            .with(HcclText.RETRY_ENABLE, "L1:1");
    hccl.init(4, hccl.rootInfo(), 1, longer).close();
    assertThat(fake.text("fake_hccl_config"))
        .isEqualTo(
            "size=2232 version=9 buffer=64 deterministic=ffffffff name= mode=0 class=ffffffff"
                + " level=ffffffff timeout=-1 algorithm=level1:ring job=1099511627776 retry=L1:1");
    assertThatThrownBy(() -> HcclConfig.DEFAULT.with(HcclText.RETRY_ENABLE, "x".repeat(50)))
        .hasMessage("RETRY_ENABLE of HCCL has room for 49 bytes, this has 50");
  }

  @Test
  void shouldMakeCommunicators() {
    HcclRootInfo info = hccl.rootInfo();
    int sum = 0;
    for (byte b : info.bytes()) {
      sum = sum * 31 + Byte.toUnsignedInt(b);
    }
    HcclCommunicator rank = hccl.init(4, HcclRootInfo.of(info.bytes()), 1, HcclConfig.DEFAULT);
    assertThat(note())
        .isEqualTo(
            "HcclCommInitRootInfoConfig ranks=4 info=" + Integer.toUnsignedString(sum) + " rank=1");
    assertThat(List.of(rank.worldSize(), rank.rank())).containsExactly(4, 1);

    HcclCommunicator part = Objects.requireNonNull(rank.part(List.of(3, 1), 9, HcclConfig.DEFAULT));
    assertThat(note()).isEqualTo("HcclCreateSubCommConfig parent=4 count=2 last=1 id=9 rank=1");
    assertThat(part.worldSize()).isEqualTo(2);
    assertThat(rank.part(List.of(), 9, HcclConfig.DEFAULT)).isNull();
    assertThat(note())
        .isEqualTo("HcclCreateSubCommConfig parent=4 count=0 last=0 id=ffffffff rank=0");
    assertThatThrownBy(() -> rank.part(List.of(2, 3), 9, HcclConfig.DEFAULT))
        .hasMessage("rank 1 is not among the ranks [2, 3]");

    HcclCommunicator table = hccl.initFromRankTable("/etc/ranks.json", 2, HcclConfig.DEFAULT);
    assertThat(note()).isEqualTo("HcclCommInitClusterInfoConfig path=/etc/ranks.json rank=2");
    List<HcclCommunicator> all = hccl.initAll(0, 3);
    assertThat(note()).isEqualTo("HcclCommInitAll ndev=2 last=3");

    List.of(rank, part, table).forEach(HcclCommunicator::close);
    all.forEach(HcclCommunicator::close);
    assertThat(fake.number("fake_hccl_open")).isZero();
  }

  @Test
  void shouldTellWhatHcclTells() throws Exception {
    try (HcclCommunicator rank = communicator()) {
      assertThat(rank.asyncError()).isEqualTo(HcclResult.REMOTE);
      assertThat(hccl.hasCapability(4)).isTrue();
      assertThat(hccl.hasCapability(5)).isFalse();
      hccl.setDeterministic(Determinism.YES);
      assertThat(hccl.determinism()).isEqualTo(Determinism.YES);
      assertThat(hccl.supports(HcclFunction.GROUP_START)).isFalse();
      assertThatThrownBy(hccl::groupStart)
          .isInstanceOf(UnsupportedOperationException.class)
          .hasMessage(fake.file() + " has no HcclGroupStart (since CANN 9.0)");
    }

    open("-DFAKE_LATER");
    hccl.groupStart();
    hccl.groupEnd();
    assertThat(note()).isEqualTo("HcclGroupEnd");
  }

  @Test
  void shouldLookInTheSecondLibraryBesideTheFirst() throws Exception {
    Path second = FakeLibrary.compile(folder, "fake_hccl", "-DFAKE_LATER").file();
    Files.copy(second, folder.resolve("libhcomm.so"));
    Path first = Files.copy(fake.file(), folder.resolve("libhccl.so"));
    System.setProperty(Hccl.PROPERTY, first.toString());

    assertThat(Hccl.open().supports(HcclFunction.GROUP_START)).isTrue();
  }

  @Test
  void shouldGiveTheLibrarysOwnWordsWhenACallFails() {
    try (HcclCommunicator rank = communicator()) {
      assertThatThrownBy(() -> rank.send(0x100, 667, FLOAT, 2, 0))
          .hasMessage(
              "HcclSend(count=667, type=FLOAT32, peer=2) failed: HCCL_E_TIMEOUT (9): EI0006:"
                  + " Getting socket times out.");
    }
    assertThatThrownBy(() -> hccl.init(2, hccl.rootInfo(), 2, HcclConfig.DEFAULT))
        .hasMessage(
            "HcclCommInitRootInfoConfig(worldSize=2, rank=2) failed: HCCL_E_PARA (1): parameter"
                + " error");
    assertThat(HcclResult.of(1041)).isEqualTo(HcclResult.IN_STATUS);
    assertThat(HcclResult.of(77)).isEqualTo(HcclResult.UNKNOWN);
  }

  @Test
  void shouldRefuseASecondThreadAndUseAfterTheEnd() throws Exception {
    HcclCommunicator rank = communicator();
    CompletableFuture<Void> stuck =
        CompletableFuture.runAsync(
            () -> rank.allReduce(1, 2, BLOCKING_COUNT, FLOAT, HcclReduceOp.SUM, 0));
    while (fake.number("fake_hccl_entered") == 0) {
      Thread.onSpinWait();
    }
    assertThatThrownBy(() -> rank.barrier(0))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("is in a call with this communicator of HCCL; one thread at a time");
    assertThatThrownBy(rank::close).hasMessageContaining("is in a call with this communicator");

    assertThat(rank.abandon()).isFalse(); // cannot be freed
    release(1);
    stuck.get(10, TimeUnit.SECONDS);

    assertThat(rank.isClosed()).isTrue();
    assertThatThrownBy(() -> rank.barrier(0)).hasMessage("this communicator of HCCL is closed");
    assertThatThrownBy(rank::asyncError).hasMessage("this communicator of HCCL is closed");
    rank.close();
    HcclCommunicator other = communicator();
    assertThat(other.abandon()).isTrue();
    assertThat(fake.number("fake_hccl_open")).isEqualTo(1);
  }

  @Test
  void shouldNotAllocateOnTheDataPath() {
    try (HcclCommunicator rank = communicator();
        Arena arena = Arena.ofConfined()) {
      HcclTransfers transfers = new HcclTransfers(arena, 2);
      MemorySegment numbers = arena.allocateFrom(JAVA_LONG, 1, 2, 3, 4);
      assertThat(
              Allocation.bytes(() -> {
                rank.allReduce(0x100, 0x200, 3, FLOAT, HcclReduceOp.SUM, 0);
                transfers.clear();
                transfers.send(0x100, 3, FLOAT, 2);
                rank.batchSendReceive(transfers, 0);
                rank.allGatherV(0x100, 2, 0x200, numbers, numbers, FLOAT, 0);
                HcclResult _ = rank.asyncError();
              }))
          .isZero();
    }
  }

  @Test
  void shouldListThePlacesSearchedWhenItIsNotThere() {
    System.setProperty(Hccl.PROPERTY, "/no/such/libhccl.so");

    assertThatThrownBy(Hccl::open)
        .isInstanceOf(LibraryNotFoundException.class)
        .hasMessageStartingWith("HCCL cannot be used: /no/such/libhccl.so: no such file; it comes");
  }
}

package dev.tutti.bindings.nccl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.bindings.Allocation;
import dev.tutti.bindings.FakeLibrary;
import dev.tutti.bindings.LibraryNotFoundException;
import dev.tutti.bindings.NativeCallException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// What reaches NCCL and what comes back, against a library that notes its calls.
@EnabledOnOs(OS.LINUX)
final class NcclTest {
  private static final NcclDataType FLOAT = NcclDataType.FLOAT32;

  @TempDir Path folder;

  private FakeLibrary fake;
  private NcclLibrary nccl;

  @BeforeEach
  void open() throws Exception {
    open("-DFAKE_VERSION=23007");
  }

  private void open(String option) throws Exception {
    fake = FakeLibrary.compile(folder, "fake_nccl", option);
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

  private String note() {
    return fake.text("fake_nccl_note");
  }

  @Test
  void shouldPassEachArgumentInItsPlaceWhenReducing() {
    try (NcclCommunicator rank = communicator()) {
      rank.allReduce(0x100, 0x200, 3, FLOAT, NcclReduceOp.MAX, 0x300);
      assertThat(fake.text("fake_nccl_all_reduce"))
          .isEqualTo("ncclAllReduce send=0x100 recv=0x200 count=3 type=7 op=2 stream=0x300");

      rank.reduce(0x100, 0x200, 1L << 33, NcclDataType.BFLOAT16, NcclReduceOp.AVG, 2, 0x300);
      assertThat(note())
          .isEqualTo(
              "ncclReduce send=0x100 recv=0x200 count=8589934592 type=9 op=4 root=2 stream=0x300");

      rank.reduceScatter(0x100, 0x200, 3, NcclDataType.INT8, NcclReduceOp.PROD, 0x300);
      assertThat(note())
          .isEqualTo("ncclReduceScatter send=0x100 recv=0x200 count=3 type=0 op=1 stream=0x300");
    }
  }

  @Test
  void shouldPassEachArgumentInItsPlaceWhenMoving() {
    try (NcclCommunicator rank = communicator()) {
      rank.broadcast(0x100, 0x200, 3, NcclDataType.FLOAT16, 2, 0x300);
      assertThat(note())
          .isEqualTo("ncclBroadcast send=0x100 recv=0x200 count=3 type=6 root=2 stream=0x300");

      rank.allGather(0x100, 0x200, 3, NcclDataType.UINT8, 0x300);
      assertThat(note())
          .isEqualTo("ncclAllGather send=0x100 recv=0x200 count=3 type=1 stream=0x300");

      rank.allToAll(0x100, 0x200, 3, NcclDataType.INT64, 0x300);
      assertThat(note())
          .isEqualTo("ncclAlltoAll send=0x100 recv=0x200 count=3 type=4 stream=0x300");

      rank.gather(0x100, 0x200, 3, NcclDataType.FLOAT8_E4M3, 2, 0x300);
      assertThat(note())
          .isEqualTo("ncclGather send=0x100 recv=0x200 count=3 type=10 root=2 stream=0x300");

      rank.scatter(0x100, 0x200, 3, NcclDataType.FLOAT8_E5M2, 2, 0x300);
      assertThat(note())
          .isEqualTo("ncclScatter send=0x100 recv=0x200 count=3 type=11 root=2 stream=0x300");

      rank.send(0x100, 3, NcclDataType.FLOAT64, 2, 0x300);
      assertThat(note()).isEqualTo("ncclSend buffer=0x100 count=3 type=8 peer=2 stream=0x300");

      rank.receive(0x100, 3, NcclDataType.UINT64, 2, 0x300);
      assertThat(note()).isEqualTo("ncclRecv buffer=0x100 count=3 type=5 peer=2 stream=0x300");
    }
  }

  @Test
  void shouldPassTheIdByValueAndTheConfiguration() {
    NcclConfig config =
        NcclConfig.DEFAULT
            .with(NcclSetting.BLOCKING, 0)
            .with(NcclSetting.MIN_CTAS, 4)
            .withName("steps")
            .withNetwork("Socket");
    int sum = 0;
    for (byte b : nccl.uniqueId().bytes()) {
      sum = sum * 31 + Byte.toUnsignedInt(b);
    }

    try (NcclCommunicator rank = nccl.init(4, nccl.uniqueId(), 1, config)) {
      assertThat(note())
          .isEqualTo(
              "ncclCommInitRankConfig ranks=4 id=" + Integer.toUnsignedString(sum) + " rank=1");
      assertThat(fake.text("fake_nccl_config"))
          .isEqualTo(
              "size=96 version=23007 blocking=0 minCTAs=4 name=steps net=Socket"
                  + " ordering=-2147483648");
      assertThat(List.of(rank.worldSize(), rank.rank(), rank.device())).containsExactly(4, 1, 11);
      assertThat(rank.poll()).isTrue();
    }
  }

  @Test
  void shouldMakeCommunicatorsInOtherWays() {
    NcclUniqueId id = nccl.uniqueId();
    NcclCommunicator rank = nccl.init(4, List.of(id, id), 3, NcclConfig.DEFAULT);
    assertThat(note()).startsWith("ncclCommInitRankScalable ranks=4 rank=3 ids=2 last=");

    NcclCommunicator part = rank.split(2, 7, null);
    assertThat(note()).isEqualTo("ncclCommSplit color=2 key=7");
    assertThat(part).isNotNull();
    assertThat(rank.split(NcclCommunicator.NO_COLOR, 0, null)).isNull();

    NcclCommunicator fewer =
        rank.shrink(List.of(1, 2), NcclCommunicator.AbortFirst.YES, NcclConfig.DEFAULT);
    assertThat(note()).isEqualTo("ncclCommShrink excluded=1,2 count=2 flags=1");
    assertThat(fewer.worldSize()).isEqualTo(2);

    NcclCommunicator more = rank.grow(6, rank.growId(), null);
    assertThat(note()).startsWith("ncclCommGrow old=1 ranks=6 id=").endsWith(" rank=-1");
    NcclCommunicator newcomer = NcclCommunicator.join(nccl, 6, id, 5, null);
    assertThat(note()).startsWith("ncclCommGrow old=0 ranks=6 id=").endsWith(" rank=5");

    List<NcclCommunicator> all = nccl.initAll(0, 3);
    assertThat(note()).isEqualTo("ncclCommInitAll ndev=2 first=0 last=3");
    assertThat(all).extracting(NcclCommunicator::rank).containsExactly(0, 1);

    List.of(rank, part, fewer, more, newcomer).forEach(NcclCommunicator::close);
    all.forEach(NcclCommunicator::close);
    assertThat(fake.number("fake_nccl_open")).isZero();
  }

  @Test
  void shouldUseOneSidedOperationsAndRegisteredMemory() {
    try (NcclCommunicator rank = communicator();
        Arena arena = Arena.ofConfined()) {
      NcclRegistration registration = rank.register(0x1000, 4096);
      assertThat(note()).isEqualTo("ncclCommRegister buff=0x1000 size=4096");
      registration.close();
      assertThat(note()).isEqualTo("ncclCommDeregister handle=0x77");

      NcclWindow window = rank.window(0x2000, 8192, NcclWindow.SYMMETRIC);
      assertThat(note()).isEqualTo("ncclCommWindowRegister buff=0x2000 size=8192 flags=1");
      assertThat(window.address()).isEqualTo(0x4000);
      rank.putSignal(0x100, 3, FLOAT, 2, window, 64, 5, 6, 0x300);
      assertThat(note())
          .isEqualTo(
              "ncclPutSignal buffer=0x100 count=3 type=7 peer=2 win=0x99 offset=64 signal=5"
                  + " context=6 flags=0 stream=0x300");
      rank.signal(2, 5, 6, 0x300);
      assertThat(note()).isEqualTo("ncclSignal peer=2 signal=5 context=6 flags=0 stream=0x300");
      MemorySegment two = arena.allocateFrom(ValueLayout.JAVA_INT, 1, 2, 3, 4, 5, 6, 7, 8);
      rank.waitSignals(two, 0x300);
      assertThat(note()).isEqualTo("ncclWaitSignal count=2 last=5,6,7,8 stream=0x300");
      window.close();
      assertThat(note()).isEqualTo("ncclCommWindowDeregister win=0x99");
      assertThatThrownBy(() -> rank.putSignal(0x100, 3, FLOAT, 2, window, 64, 5, 6, 0))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("this window of NCCL is closed");

      MemorySegment half = arena.allocateFrom(ValueLayout.JAVA_FLOAT, 0.5f);
      try (NcclReduceOperator scaled = rank.preMultipliedSum(FLOAT, half)) {
        assertThat(note()).isEqualTo("ncclRedOpCreatePreMulSum type=7 residence=1 scalar=0.5");
        assertThat(scaled.code()).isEqualTo(17);
      }
      assertThat(note()).isEqualTo("ncclRedOpDestroy op=17");
    }
  }

  @Test
  void shouldTellWhatNcclTells() {
    try (NcclCommunicator rank = communicator()) {
      assertThat(rank.properties()).isEqualTo(new NcclProperties(1, 4, 4, 5, true, false, 6, true));
      assertThat(rank.memoryUse()).isEqualTo(new NcclMemoryUse(0, true, 200, 300));
      assertThat(nccl.setting("NCCL_BUFFSIZE")).isEqualTo("4194304");
      assertThat(nccl.setting("NCCL_NONSENSE")).isNull();
      assertThat(nccl.settings()).isEqualTo(Map.of("NCCL_BUFFSIZE", "4194304", "NCCL_ALGO", ""));
      long memory = nccl.allocate(100);
      assertThat(memory).isNotZero().isEqualTo(memory / 4096 * 4096);
      nccl.free(memory);
    }
  }

  @Test
  void shouldRefuseWhatAnOldVersionLacks() throws Exception {
    open("-DFAKE_VERSION=22100");

    assertThat(nccl.version()).isEqualTo(22100);
    assertThat(nccl.supports(NcclFunction.ALL_REDUCE)).isTrue();
    // There, but before its time: it may have another form.
    assertThat(nccl.supports(NcclFunction.ALL_TO_ALL)).isFalse();
    try (NcclCommunicator rank = communicator()) {
      assertThat(fake.text("fake_nccl_config")).startsWith("size=96 version=22100 ");
      assertThatThrownBy(() -> rank.allToAll(0x100, 0x200, 3, FLOAT, 0))
          .isInstanceOf(UnsupportedOperationException.class)
          .hasMessage(fake.file() + " (NCCL 2.21.0) has no ncclAlltoAll (since 2.28.3)");
      assertThatThrownBy(rank::revoke).hasMessageContaining("has no ncclCommRevoke");
      assertThatThrownBy(() -> nccl.setting("X")).hasMessageContaining("ncclParamGetParameter");
      rank.allReduce(0x100, 0x200, 3, FLOAT, NcclReduceOp.SUM, 0); // usable on
    }
    NcclConfig newer = NcclConfig.DEFAULT.with(NcclSetting.MAX_P2P_PEERS, 8);
    assertThatThrownBy(() -> nccl.init(1, nccl.uniqueId(), 0, newer))
        .hasMessage("NCCL 2.21.0 does not know MAX_P2P_PEERS in a configuration (since 2.30.0)");
  }

  @Test
  void shouldReadTheShortPropertiesOfTheirFirstVersion() throws Exception {
    open("-DFAKE_VERSION=22902");

    try (NcclCommunicator rank = communicator()) {
      assertThat(rank.properties())
          .isEqualTo(new NcclProperties(1, 4, 4, 5, true, false, null, null));
    }
  }

  @Test
  void shouldGiveTheLibrarysOwnWordsWhenACallFails() {
    try (NcclCommunicator rank = communicator()) {
      assertThatThrownBy(() -> rank.send(0x100, 667, FLOAT, 2, 0))
          .isInstanceOfSatisfying(
              NativeCallException.class,
              e -> {
                assertThat(e.function()).isEqualTo("ncclSend");
                assertThat(e.detail()).isEqualTo("rank 0 : too much of it");
                NcclResult result = NcclResult.of(e.errorNumber());
                assertThat(result).isEqualTo(NcclResult.INVALID_USAGE);
                assertThat(result.leavesCommunicatorUsable()).isTrue();
              })
          .hasMessage(
              "ncclSend(count=667, type=FLOAT32, peer=2) failed: ncclInvalidUsage (5): rank 0 :"
                  + " too much of it");
      assertThatThrownBy(() -> rank.allGather(0x100, 0x200, 668, FLOAT, 0))
          .hasMessage(
              "ncclAllGather(count=668, type=FLOAT32) failed: ncclRemoteError (6): peer 3 has gone");
      assertThatThrownBy(() -> rank.send(0x100, -1, FLOAT, 2, 0))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("count is negative: -1");
    }
    assertThatThrownBy(() -> nccl.init(2, nccl.uniqueId(), 2, NcclConfig.DEFAULT))
        .hasMessage(
            "ncclCommInitRankConfig(worldSize=2, rank=2) failed: ncclInvalidArgument (4): Invalid"
                + " rank requested");
    assertThatThrownBy(() -> NcclUniqueId.of(new byte[4]))
        .hasMessage("a unique id of NCCL has 128 bytes, these are 4");
  }

  @Test
  void shouldNotAllocateOnTheDataPath() {
    try (NcclCommunicator rank = communicator()) {
      assertThat(
              Allocation.bytes(() -> {
                nccl.groupStart();
                rank.allReduce(0x100, 0x200, 3, FLOAT, NcclReduceOp.SUM, 0);
                rank.send(0x100, 3, FLOAT, 2, 0);
                rank.receive(0x100, 3, FLOAT, 2, 0);
                boolean _ = nccl.groupEnd();
              }))
          .isZero();
    }
  }

  @Test
  void shouldListThePlacesSearchedWhenItIsNotThere() {
    System.setProperty(Nccl.PROPERTY, "/no/such/libnccl.so.2");

    assertThatThrownBy(Nccl::open)
        .isInstanceOf(LibraryNotFoundException.class)
        .hasMessage(
            "NCCL cannot be used: /no/such/libnccl.so.2: no such file; it comes from NVIDIA"
                + " (libnccl2, or pip's nvidia-nccl-cu12), version 2.19 or newer, or name the"
                + " library in -Dtutti.nccl.library or TUTTI_NCCL_LIBRARY");
  }

  @Test
  void shouldLookAmongPythonsPackages() throws Exception {
    Path wheel =
        Files.createDirectories(folder.resolve("lib/python3.12/site-packages/nvidia/nccl/lib"));

    List<String> folders =
        Nccl.folders(Map.of("VIRTUAL_ENV", folder.toString(), "NCCL_HOME", "/opt/nccl"));

    assertThat(folders).startsWith("/opt/nccl/lib", "/opt/nccl/lib64", wheel.toString());
  }
}

package dev.tutti.bindings.sim;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.bindings.acl.Acl;
import dev.tutti.bindings.acl.AclCopy;
import dev.tutti.bindings.acl.AclMemory;
import dev.tutti.bindings.acl.AclRuntime;
import dev.tutti.bindings.acl.AclStream;
import dev.tutti.bindings.cuda.Cuda;
import dev.tutti.bindings.cuda.CudaCaptureMode;
import dev.tutti.bindings.cuda.CudaCopy;
import dev.tutti.bindings.cuda.CudaGraph;
import dev.tutti.bindings.cuda.CudaMemory;
import dev.tutti.bindings.cuda.CudaRuntime;
import dev.tutti.bindings.cuda.CudaStream;
import dev.tutti.bindings.hccl.Hccl;
import dev.tutti.bindings.hccl.HcclCommunicator;
import dev.tutti.bindings.hccl.HcclConfig;
import dev.tutti.bindings.hccl.HcclDataType;
import dev.tutti.bindings.hccl.HcclLibrary;
import dev.tutti.bindings.hccl.HcclReduceOp;
import dev.tutti.bindings.hccl.HcclRootInfo;
import dev.tutti.bindings.hccl.HcclTransfers;
import dev.tutti.bindings.nccl.Nccl;
import dev.tutti.bindings.nccl.NcclCommunicator;
import dev.tutti.bindings.nccl.NcclConfig;
import dev.tutti.bindings.nccl.NcclDataType;
import dev.tutti.bindings.nccl.NcclFunction;
import dev.tutti.bindings.nccl.NcclLibrary;
import dev.tutti.bindings.nccl.NcclReduceOp;
import dev.tutti.bindings.nccl.NcclSetting;
import dev.tutti.bindings.nccl.NcclUniqueId;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/// The wrappers of NCCL, CUDA, HCCL and ACL against libraries that do what these do, with ranks as
/// threads.
@EnabledOnOs(OS.LINUX)
@Timeout(30)
final class WrappersTest {
  private static final int RANKS = 3;
  private static final int COUNT = 1000;
  private static final long BYTES = 4L * COUNT;
  private static final NcclDataType FLOAT = NcclDataType.FLOAT32;

  private static final List<String> PROPERTIES =
      List.of(Nccl.PROPERTY, Cuda.PROPERTY, Cuda.DRIVER_PROPERTY, Hccl.PROPERTY, Acl.PROPERTY);

  private static void use(String... options) {
    Path library = TuttiSim.library(options);
    PROPERTIES.forEach(property -> System.setProperty(property, library.toString()));
    TuttiSim.set(library, "TUTTI_SIM_DEVICES", Integer.toString(RANKS));
  }

  @AfterEach
  void forgetProperties() {
    PROPERTIES.forEach(System::clearProperty);
  }

  /// A rank's part in something.
  private interface Part<T> {
    T run(int rank) throws Exception;
  }

  /// Runs all ranks, each in a thread of its own, and returns what they return. Ends at the first
  /// failure: other ranks may wait for that one.
  private static <T> List<T> ranks(Part<T> part) throws Exception {
    ExecutorService threads =
        Executors.newFixedThreadPool(RANKS, Thread.ofPlatform().daemon().factory());
    CompletionService<Map.Entry<Integer, T>> ends = new ExecutorCompletionService<>(threads);
    for (int i = 0; i < RANKS; i++) {
      int rank = i;
      Future<Map.Entry<Integer, T>> _ = ends.submit(() -> Map.entry(rank, part.run(rank)));
    }
    threads.shutdown();
    Map<Integer, T> results = new TreeMap<>();
    for (int i = 0; i < RANKS; i++) {
      Future<Map.Entry<Integer, T>> end = ends.poll(20, TimeUnit.SECONDS);
      assertThat(end).as("end of a rank").isNotNull();
      results.put(end.get().getKey(), end.get().getValue());
    }
    return List.copyOf(results.values());
  }

  @Test
  void shouldReduceWithNccl() throws Exception {
    use();
    CudaRuntime cuda = Cuda.runtime();
    NcclLibrary nccl = Nccl.open();
    NcclUniqueId id = nccl.uniqueId();

    List<Float> sums =
        ranks(rank -> {
          cuda.setDevice(rank);
          try (NcclCommunicator world = nccl.init(RANKS, id, rank, NcclConfig.DEFAULT);
              CudaStream stream = cuda.stream();
              CudaMemory device = cuda.allocate(BYTES);
              CudaMemory host = cuda.allocateHost(BYTES)) {
            MemorySegment floats = host.segment();
            floats.setAtIndex(JAVA_FLOAT, COUNT - 1, rank + 1);
            long at = device.address();
            cuda.copyAsync(at, host.address(), BYTES, CudaCopy.HOST_TO_DEVICE, stream.address());
            world.allReduce(at, at, COUNT, FLOAT, NcclReduceOp.SUM, stream.address());
            cuda.copyAsync(host.address(), at, BYTES, CudaCopy.DEVICE_TO_HOST, stream.address());
            stream.synchronize();
            assertThat(world.worldSize()).isEqualTo(RANKS);
            assertThat(world.device()).isEqualTo(rank);
            return floats.getAtIndex(JAVA_FLOAT, COUNT - 1);
          }
        });

    assertThat(sums).containsOnly(6f);
  }

  @Test
  void shouldSplitAndPassARingWithNcclInAGraph() throws Exception {
    use();
    CudaRuntime cuda = Cuda.runtime();
    NcclLibrary nccl = Nccl.open();
    NcclUniqueId id = nccl.uniqueId();

    List<Long> received =
        ranks(rank -> {
          cuda.setDevice(rank);
          try (NcclCommunicator world = nccl.init(RANKS, id, rank, NcclConfig.DEFAULT);
              NcclCommunicator reversed =
                  Objects.requireNonNull(world.split(0, RANKS - rank, null));
              CudaStream stream = cuda.stream();
              CudaMemory memory = cuda.allocateHost(16)) {
            int own = reversed.rank();
            long at = memory.address();
            memory.segment().set(JAVA_LONG, 0, own + 10);
            memory.segment().set(JAVA_LONG, 8, 0);
            cuda.beginCapture(stream.address(), CudaCaptureMode.THREAD_LOCAL);
            nccl.groupStart();
            int next = (own + 1) % RANKS;
            int previous = (own + RANKS - 1) % RANKS;
            reversed.send(at, 1, NcclDataType.INT64, next, stream.address());
            reversed.receive(at + 8, 1, NcclDataType.INT64, previous, stream.address());
            boolean done = nccl.groupEnd();
            try (CudaGraph graph = cuda.endCapture(stream.address())) {
              assertThat(memory.segment().get(JAVA_LONG, 8)).isZero();
              graph.launch(stream.address());
              stream.synchronize();
            }
            assertThat(done).isTrue();
            assertThat(own).isEqualTo(RANKS - 1 - rank);
            return memory.segment().get(JAVA_LONG, 8);
          }
        });

    assertThat(received).containsExactly(11L, 10L, 12L);
  }

  @Test
  void shouldEndAHangWithNcclByAbort() throws Exception {
    use();
    CudaRuntime cuda = Cuda.runtime();
    NcclLibrary nccl = Nccl.open();
    NcclUniqueId id = nccl.uniqueId();
    NcclConfig config = NcclConfig.DEFAULT.with(NcclSetting.BLOCKING, 0);

    ranks(rank -> {
      cuda.setDevice(rank);
      try (NcclCommunicator world = nccl.init(RANKS, id, rank, config);
          CudaStream stream = cuda.stream();
          CudaMemory memory = cuda.allocate(BYTES)) {
        while (!world.poll()) {
          Thread.onSpinWait();
        }
        if (rank != 0) { // rank 0 never comes
          long at = memory.address();
          world.allReduce(at, at, COUNT, FLOAT, NcclReduceOp.SUM, stream.address());
          assertThat(stream.isDone()).isFalse();
        }
        world.abort();
        stream.synchronize();
        assertThatThrownBy(() -> world.allReduce(0, 0, 0, FLOAT, 0, stream.address()))
            .hasMessage("this communicator of NCCL is closed");
        return rank;
      }
    });
  }

  @Test
  void shouldUseAnOldNccl() throws Exception {
    use("-DTUTTI_SIM_NCCL_LEVEL=219");
    CudaRuntime cuda = Cuda.runtime();
    NcclLibrary nccl = Nccl.open();

    assertThat(nccl.supports(NcclFunction.COMM_SHRINK)).isFalse();
    try (NcclCommunicator alone = nccl.init(1, nccl.uniqueId(), 0, NcclConfig.DEFAULT);
        CudaMemory memory = cuda.allocateHost(8)) {
      memory.segment().set(JAVA_FLOAT, 0, 5);
      long at = memory.address();
      alone.allReduce(at, at + 4, 1, FLOAT, NcclReduceOp.AVG, 0);
      cuda.synchronizeDevice();
      assertThat(memory.segment().get(JAVA_FLOAT, 4)).isEqualTo(5);
      assertThatThrownBy(() -> alone.shrink(List.of(0), NcclCommunicator.AbortFirst.NO, null))
          .hasMessageContaining("has no ncclCommShrink (since 2.27.3)");
    }
  }

  @Test
  void shouldReduceAndExchangeWithHccl() throws Exception {
    use();
    AclRuntime acl = Acl.runtime();
    HcclLibrary hccl = Hccl.open();
    acl.setDevice(0);
    HcclRootInfo info = hccl.rootInfo();

    List<Float> results =
        ranks(rank -> {
          acl.setDevice(rank);
          try (HcclCommunicator world = hccl.init(RANKS, info, rank, HcclConfig.DEFAULT);
              AclStream stream = acl.stream();
              AclMemory device = acl.allocate(2 * BYTES);
              AclMemory host = acl.allocateHost(BYTES);
              Arena arena = Arena.ofConfined()) {
            MemorySegment floats = host.segment();
            floats.setAtIndex(JAVA_FLOAT, 0, rank + 1);
            long from = device.address();
            long to = from + BYTES;
            long on = stream.address();
            acl.copyAsync(from, host.address(), BYTES, AclCopy.HOST_TO_DEVICE, on);
            world.allReduce(from, to, COUNT, HcclDataType.FLOAT32, HcclReduceOp.PROD, on);
            HcclTransfers transfers = new HcclTransfers(arena, 2);
            transfers.send(from, 1, HcclDataType.FLOAT32, (rank + 1) % RANKS);
            transfers.receive(to + 4, 1, HcclDataType.FLOAT32, (rank + RANKS - 1) % RANKS);
            world.batchSendReceive(transfers, on);
            world.barrier(on);
            acl.copyAsync(host.address(), to, BYTES, AclCopy.DEVICE_TO_HOST, on);
            stream.synchronize(AclRuntime.FOR_EVER);
            assertThat(floats.getAtIndex(JAVA_FLOAT, 0)).isEqualTo(6);
            return floats.getAtIndex(JAVA_FLOAT, 1);
          }
        });

    assertThat(results).containsExactly(3f, 1f, 2f);
  }
}

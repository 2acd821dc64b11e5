package dev.tutti.collectives;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.bindings.linux.Linux;
import dev.tutti.bindings.linux.LinuxConstants;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// More than 2^31 elements in one call. The sender's memory is never touched but in a few places;
/// the receiver's, 2.2 GB, is.
@Tag("slow")
@Timeout(300)
final class HugeCountTest {
  private static final long COUNT = 2_200_000_000L;
  private static final long[] MARKS = {0, (1L << 31) - 1, 1L << 31, COUNT - 1};

  @ParameterizedTest
  @ValueSource(strings = {"auto", "pairwise"})
  void shouldExchangeABlockOfMoreThanTwoBillionElements(String algorithm) {
    CommunicatorConfig config = CommunicatorConfig.builder().algorithm(algorithm).build();
    try (World world = World.threads(2, config);
        Arena arena = Arena.ofShared()) {
      world.run(c -> {
        boolean sends = c.rank() == 0;
        MemorySegment data = untouched(arena);
        for (long mark : sends ? MARKS : new long[0]) {
          data.set(JAVA_BYTE, mark, (byte) (mark % 100 + 1));
        }
        long[] sent = {0, sends ? COUNT : 0};
        long[] received = {sends ? 0 : COUNT, 0};
        MemorySegment none = arena.allocate(1);

        c.allToAllV(sends ? data : none, sent, sends ? none : data, received, DataType.INT8);

        for (long mark : MARKS) {
          assertThat(data.get(JAVA_BYTE, mark)).isEqualTo((byte) (mark % 100 + 1));
        }
        assertThat(data.get(JAVA_BYTE, 12345)).isZero();
      });
    }
  }

  /// Returns zeroed memory that costs nothing where nobody writes it.
  @SuppressWarnings("restricted") // the size is the mapped one
  private static MemorySegment untouched(Arena arena) {
    long address =
        Linux.mmap(
            0,
            COUNT,
            LinuxConstants.PROT_READ | LinuxConstants.PROT_WRITE,
            LinuxConstants.MAP_PRIVATE | LinuxConstants.MAP_ANONYMOUS,
            -1,
            0);
    return MemorySegment.ofAddress(address)
        .reinterpret(COUNT, arena, _ -> Linux.munmap(address, COUNT));
  }
}

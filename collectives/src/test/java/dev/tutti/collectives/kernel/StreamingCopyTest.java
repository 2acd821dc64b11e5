package dev.tutti.collectives.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

final class StreamingCopyTest {
  private static final int[] LENGTHS = {0, 1, 63, 64, 65, 127, 128, 1000, 5000};
  private static final int[] OFFSETS = {0, 1, 8, 63};

  @Test
  void shouldLoadTheNativeKernelsThatTheBuildMade() {
    String arch = System.getProperty("os.arch").equals("amd64") ? "x86_64" : "aarch64";
    String library = "native/linux-" + arch + "/libtutti_kernels.so";
    boolean isBuilt = Kernels.class.getResource(library) != null;

    assertEquals(isBuilt && arch.equals("x86_64"), Kernels.canStream());
  }

  @Test
  void shouldCopyExactlyTheRangeAtAnyAlignment() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment source = arena.allocate(5200, 64);
      MemorySegment target = arena.allocate(5200, 64);
      for (long i = 0; i < source.byteSize(); i++) {
        source.set(ValueLayout.JAVA_BYTE, i, (byte) (i * 31 | 1));
      }
      for (int length : LENGTHS) {
        for (int from : OFFSETS) {
          for (int to : OFFSETS) {
            target.fill((byte) 0);

            BulkCopy.copy(target.address() + to, source.address() + from, length, Stores.STREAMING);

            long same = target.asSlice(to, length).mismatch(source.asSlice(from, length));
            assertEquals(-1, same, "first difference");
            assertEquals(0, bytesSet(target) - length, "bytes outside");
          }
        }
      }
    }
  }

  private static long bytesSet(MemorySegment segment) {
    long set = 0;
    for (long i = 0; i < segment.byteSize(); i++) {
      set += segment.get(ValueLayout.JAVA_BYTE, i) == 0 ? 0 : 1;
    }
    return set;
  }
}

package dev.tutti.collectives.kernel;

import dev.tutti.bindings.Memory;
import dev.tutti.bindings.kernels.NativeKernels;
import java.io.IOException;
import java.io.InputStream;

/// Non-temporal stores, from the native kernels where the jar has them for this platform.
///
/// They need targets that are all equally far from a 64-byte boundary and do nothing but whole
/// cache lines; the callers do the first and last, partial lines with ordinary stores.
final class StreamingStores {
  static final int LINE = NativeKernels.LINE_BYTES;

  /// Most targets of one native call.
  static final int MAX_TARGETS = 64;

  private static final int WIDTH = load();

  private StreamingStores() {}

  /// Returns whether the native kernels are there; if not, streaming falls back to ordinary stores.
  static boolean areAvailable() {
    return WIDTH > 0;
  }

  /// Copies `bytes` bytes past the cache from address `source` to address `target`; the ranges must
  /// not overlap. With ordinary stores where streaming is not available.
  static void copy(long target, long source, long bytes) {
    long head = Math.min(bytes, -target & LINE - 1);
    long body = bytes - head & -LINE;
    if (!areAvailable() || body == 0) {
      Memory.copy(target, source, bytes);
      return;
    }
    long addresses = Scratch.ofThread().addresses();
    Memory.putLong(addresses, target + head);
    Memory.putLong(addresses + Long.BYTES, source + head);
    reduce(NativeKernels.INT8, addresses, 1, 1, body, 1);
    Memory.copy(target, source, head);
    long done = head + body;
    Memory.copy(target + done, source + done, bytes - done);
  }

  /// See [NativeKernels#streamReduce].
  static void reduce(
      int type, long addresses, int targetCount, int sourceCount, long bytes, int divisor) {
    int result =
        NativeKernels.streamReduce(
            WIDTH, type, addresses, targetCount, sourceCount, bytes, divisor);
    assert result == 0 : "type " + type + ", " + sourceCount + " sources";
  }

  private static int load() {
    String arch = System.getProperty("os.arch").equals("amd64") ? "x86_64" : "aarch64";
    String file = "native/linux-" + arch + "/libtutti_kernels.so";
    try (InputStream library = StreamingStores.class.getResourceAsStream(file)) {
      return library != null && NativeKernels.load(library) ? NativeKernels.streamWidth() : 0;
    } catch (IOException e) {
      return 0;
    }
  }
}

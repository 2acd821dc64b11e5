package dev.tutti.transport.ucx;

import java.time.Duration;
import java.util.Map;

/// How ranks use UCX.
///
/// @param sliceBytes largest message
/// @param connectTimeout how long a peer may take to connect
/// @param stallTimeout how long a peer may take to accept what it was sent; zero: for ever
/// @param settings options of UCX without their prefix, such as `TLS` to `rc,self`; they win over
///   the environment (`UCX_TLS`)
public record UcxOptions(
    int sliceBytes, Duration connectTimeout, Duration stallTimeout, Map<String, String> settings) {

  /// Checks the ranges.
  public UcxOptions {
    settings = Map.copyOf(settings);
    if (sliceBytes < 4096 || sliceBytes % 4096 != 0 || sliceBytes > 64 << 20) {
      throw new IllegalArgumentException(
          "sliceBytes is " + sliceBytes + ", expected a multiple of 4096 up to 64 MiB");
    }
  }
}

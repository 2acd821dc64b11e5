package dev.tutti.topology.format;

import java.util.regex.Pattern;

/// What nccl-tests print (`all_reduce_perf` and others), as text or as JSON of version 3, read as
/// measurements.
///
/// **What becomes what.** Each rank a device of its host. `sendrecv_perf` of two ranks: a cable
/// between them; everything else: each rank is joined to one network named after the test. Measured
/// is the best bus bandwidth of all lines (GB/s = 1e9), in and out of place. The table is kept in
/// the attribute `table` of the topology if it is short, the time of the smallest size in
/// `smallestBytes` and `smallestMicroseconds`: that is the latency of a whole collective, not of a
/// link. Bus bandwidth is a figure per rank; it does not tell which link held it down.
///
/// The environment that the JSON holds is not kept.
public final class NcclTestsOutput implements TopologyReader {
  /// The format's name.
  public static final String NAME = "nccl-tests";

  private static final Pattern TEXT =
      Pattern.compile(
          "(?m)^[^\\n]*#\\s+Rank\\s+\\d+ .*\\bdevice\\s+\\d+|^[^\\n]*#\\s*nThread\\s+\\d+|"
              + "^[^\\n]*#.*\\balgbw\\s+busbw\\b");

  /// Makes a reader.
  public NcclTestsOutput() {}

  @Override
  public String format() {
    return NAME;
  }

  @Override
  public String description() {
    return "output of nccl-tests, text or JSON";
  }

  @Override
  public boolean recognises(SourceFile file) {
    return TEXT.matcher(file.head()).find() || NcclTestsJson.recognises(file);
  }

  @Override
  public Reading read(SourceFile file) {
    return NcclTestsJson.recognises(file)
        ? new NcclTestsJson(file).read()
        : new NcclTestsText(file).read();
  }
}

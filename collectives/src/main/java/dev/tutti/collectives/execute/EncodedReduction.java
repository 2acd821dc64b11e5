package dev.tutti.collectives.execute;

import dev.tutti.collectives.execute.BlockLayout.Side;
import dev.tutti.collectives.kernel.Dither;
import dev.tutti.collectives.kernel.ReductionKernel;
import dev.tutti.collectives.kernel.WireCodec;
import dev.tutti.collectives.schedule.Collective;

/// All-reduce and reduce-scatter of float32 whose data travel encoded.
///
/// As in [OwnerReduction], contributions go to the owners of the parts, here in the codec's bytes.
/// An owner decodes and combines them in float32, piece by piece; of an all-reduce it encodes the
/// result, which goes to all ranks, itself included, so that all decode the same bytes. A value is
/// rounded twice in all, whatever the number of ranks. Parts begin at blocks of the codec.
final class EncodedReduction implements Exchange {
  private static final int LINE_BYTES = 64;
  private static final long KNOWN = 1; // see OwnerReduction
  private static final long PIECE = 16L * WireCodec.BLOCK; // elements that are combined at once

  private final Members members;
  private final boolean gathers;
  private final Phases phases;
  private final WireCodec codec;
  private final Dither dither;
  private final ScratchMemory memory;
  private final int size;
  private final int index;
  private final long[] sources;
  private final long[] target = new long[1];

  // Layouts, filled in for each operation; owned by the running thread.
  private final long[] partCounts; // in elements
  private final long[] partStarts;
  private final long[] codeCounts; // of the parts, in bytes
  private final long[] codeStarts;
  private final long[] ownCounts; // of contributions to this rank's part, in bytes
  private final long[] ownStarts;
  private final long[] resultCount = new long[1];
  private final BlockLayout scatterLayout;
  private final BlockLayout gatherLayout;

  /// Makes an exchange.
  ///
  /// @param collective all-reduce or reduce-scatter
  /// @param dither for rounding at random, [Dither#NONE] for rounding to the nearest
  /// @param memory for what is encoded; nothing else may use it while this runs
  EncodedReduction(
      Members members,
      Collective collective,
      Phases phases,
      WireCodec codec,
      Dither dither,
      ScratchMemory memory) {
    this.members = members;
    this.gathers = collective == Collective.ALL_REDUCE;
    this.phases = phases;
    this.codec = codec;
    this.dither = dither;
    this.memory = memory;
    this.size = members.size();
    this.index = members.index();
    this.sources = new long[size];
    this.partCounts = new long[size];
    this.partStarts = new long[size];
    this.codeCounts = new long[size];
    this.codeStarts = new long[size];
    this.ownCounts = new long[size];
    this.ownStarts = new long[size];
    Side codes = new Side(codeCounts, codeStarts);
    this.scatterLayout = new BlockLayout(codes, new Side(ownCounts, ownStarts), KNOWN);
    this.gatherLayout = new BlockLayout(new Side(resultCount, new long[1]), codes, KNOWN);
  }

  @Override
  public String form(long vectorBytes) {
    return codec + " in " + phases.form(vectorBytes);
  }

  @Override
  public void run(
      long signature,
      long send,
      long receive,
      long count,
      int elementBytes,
      ReductionKernel kernel,
      int divisor,
      int root) {
    long encodedBytes = place(count);
    long contributedBytes = size * aligned(codeCounts[index]);
    long pieceBytes = PIECE * Float.BYTES;
    long encoded =
        memory.atLeast(2 * encodedBytes + contributedBytes + (size + 1) * pieceBytes + LINE_BYTES);
    long contributions = encoded + encodedBytes;
    long gathered = contributions + contributedBytes;
    long pieces = gathered + encodedBytes;

    for (int m = 0; m < size; m++) {
      dither.begin(members.operation(), index, 0);
      long block = partStarts[m] / WireCodec.BLOCK;
      long from = send + partStarts[m] * Float.BYTES;
      codec.encode(encoded + codeStarts[m], from, partCounts[m], dither, block);
    }
    phases.enter(signature);
    phases.first(signature, encoded, contributions, scatterLayout, 1);
    // The encoded contribution to this rank's own part has been copied, so the result may lie
    // there.
    long result = encoded + codeStarts[index];
    members.settle(result, codeCounts[index]);
    combine(contributions, pieces, gathers ? result : 0, receive, kernel, divisor);
    if (gathers) {
      resultCount[0] = codeCounts[index];
      phases.second(signature, result, gathered, gatherLayout, 1, 0);
    }
    phases.leave();
    for (int m = 0; m < size && gathers; m++) {
      codec.decode(receive + partStarts[m] * Float.BYTES, gathered + codeStarts[m], partCounts[m]);
    }
  }

  /// Fills in the layouts; returns how many bytes all parts take encoded.
  private long place(long count) {
    long bytes = 0;
    for (int m = 0; m < size; m++) {
      partStarts[m] = gathers ? start(m, count) : m * count;
      partCounts[m] = gathers ? start(m + 1, count) - partStarts[m] : count;
      codeStarts[m] = bytes;
      codeCounts[m] = codec.encodedBytes(partCounts[m]);
      bytes += aligned(codeCounts[m]);
    }
    for (int m = 0; m < size; m++) {
      ownCounts[m] = codeCounts[index];
      ownStarts[m] = m * aligned(codeCounts[index]);
    }
    return bytes;
  }

  private long start(int part, long count) {
    return part == size ? count : count / WireCodec.BLOCK * part / size * WireCodec.BLOCK;
  }

  private static long aligned(long bytes) {
    return (bytes + LINE_BYTES - 1) & -LINE_BYTES;
  }

  /// Combines the contributions to this rank's part.
  ///
  /// @param pieces room for one piece more than there are ranks
  /// @param encodedResult where the result goes encoded, 0 if it goes to `receive` as it is
  private void combine(
      long contributions,
      long pieces,
      long encodedResult,
      long receive,
      ReductionKernel kernel,
      int divisor) {
    long count = partCounts[index];
    dither.begin(members.operation(), index, 1);
    long firstBlock = partStarts[index] / WireCodec.BLOCK;
    for (long i = 0; i < count; i += PIECE) {
      long n = Math.min(PIECE, count - i);
      for (int m = 0; m < size; m++) {
        sources[m] = pieces + m * PIECE * Float.BYTES;
        codec.decode(sources[m], contributions + ownStarts[m] + codec.encodedBytes(i), n);
      }
      long place = pieces + size * PIECE * Float.BYTES;
      if (encodedResult == 0) {
        place = receive + i * Float.BYTES;
        members.settle(place, n * Float.BYTES);
      }
      target[0] = place;
      kernel.combineAll(target, 1, sources, size, 0, n, divisor);
      if (encodedResult != 0) {
        long to = encodedResult + codec.encodedBytes(i);
        codec.encode(to, place, n, dither, firstBlock + i / WireCodec.BLOCK);
      }
    }
  }
}

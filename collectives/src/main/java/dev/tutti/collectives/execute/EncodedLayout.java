package dev.tutti.collectives.execute;

import dev.tutti.collectives.kernel.WireCodec;

/// What an [EncodedReduction] cuts a vector into, and where its codes lie.
///
/// Each shard, see [ShardOwners], has a part for each host. Of an all-reduce, shards are equal
/// ranges of the vector, and parts equal ranges of shards, all beginning at blocks of the codec. Of
/// a reduce-scatter a part is the block of the member whose place on its host is the shard's
/// number; smaller hosts have none in later shards.
///
/// Example, an all-reduce of 16 blocks by 2 hosts of 2 members: shard 1 is blocks 8 to 15, which
/// its owner on host 0 sums up to 11, its owner on host 1 from 12.
///
/// Filled in anew for each operation; used by one thread at a time.
final class EncodedLayout {
  private static final int LINE_BYTES = 64;

  private final ShardOwners owners;
  private final WireCodec codec;
  private final boolean isReduceScatter;
  private final int shards;
  private final int hosts;
  private final long[][] starts; // [shard][host], in elements of the vector
  private final long[][] counts;
  private final long[][] numbers; // of the first block, each block having one of its own
  private final long[][] codeBytes;
  private final long[][] codeStarts; // in bytes, from the beginning of the shard's codes
  private final long[] shardBytes; // of codes
  private final long[] gathered; // where a shard's codes begin among those that its owner has

  EncodedLayout(ShardOwners owners, WireCodec codec, boolean isReduceScatter) {
    this.owners = owners;
    this.codec = codec;
    this.isReduceScatter = isReduceScatter;
    this.shards = owners.shards();
    this.hosts = owners.hosts();
    this.starts = new long[shards][hosts];
    this.counts = new long[shards][hosts];
    this.numbers = new long[shards][hosts];
    this.codeBytes = new long[shards][hosts];
    this.codeStarts = new long[shards][hosts];
    this.shardBytes = new long[shards];
    this.gathered = new long[shards];
  }

  /// Lays out an operation with so many elements, those of a block for a reduce-scatter.
  void place(long count) {
    for (int s = 0; s < shards; s++) {
      long bytes = 0;
      for (int h = 0; h < hosts; h++) {
        if (isReduceScatter) {
          placeBlock(s, h, count);
        } else {
          placeRange(s, h, count);
        }
        codeBytes[s][h] = codec.encodedBytes(counts[s][h]);
        codeStarts[s][h] = bytes;
        bytes += aligned(codeBytes[s][h]);
      }
      shardBytes[s] = bytes;
      gathered[s] = 0;
      for (int before = 0; before < s; before++) {
        gathered[s] += owners.placeOf(before) == owners.placeOf(s) ? shardBytes[before] : 0;
      }
    }
  }

  private void placeBlock(int shard, int host, long count) {
    int member = owners.counterpart(host, shard);
    starts[shard][host] = Math.max(0, member) * count;
    counts[shard][host] = member < 0 ? 0 : count;
    numbers[shard][host] = Math.max(0, member) * ((count + WireCodec.BLOCK - 1) / WireCodec.BLOCK);
  }

  private void placeRange(int shard, int host, long count) {
    long first = cut(0, count, shard, shards);
    long end = cut(0, count, shard + 1, shards);
    starts[shard][host] = cut(first, end, host, hosts);
    counts[shard][host] = cut(first, end, host + 1, hosts) - starts[shard][host];
    numbers[shard][host] = starts[shard][host] / WireCodec.BLOCK;
  }

  /// Returns where part `i` of `n` of a range begins, which does so at a block.
  private static long cut(long first, long end, int i, int n) {
    return i == n ? end : first + (end - first) / WireCodec.BLOCK * i / n * WireCodec.BLOCK;
  }

  static long aligned(long bytes) {
    return (bytes + LINE_BYTES - 1) & -LINE_BYTES;
  }

  /// Returns the element of the vector at which a part begins.
  long start(int shard, int host) {
    return starts[shard][host];
  }

  /// Returns the number of elements of a part.
  long count(int shard, int host) {
    return counts[shard][host];
  }

  /// Returns the number of a part's first block.
  long block(int shard, int host) {
    return numbers[shard][host];
  }

  /// Returns how many bytes a part takes encoded.
  long bytes(int shard, int host) {
    return codeBytes[shard][host];
  }

  /// Returns where a part's codes begin among those of the shard, in bytes.
  long codeStart(int shard, int host) {
    return codeStarts[shard][host];
  }

  /// Returns where a shard's codes begin among those of all shards of its owner, in bytes.
  long gatheredStart(int shard) {
    return gathered[shard];
  }

  /// Returns how many bytes a shard takes encoded.
  long shardBytes(int shard) {
    return shardBytes[shard];
  }

  /// Returns how many bytes all shards of this member take encoded.
  long ownBytes() {
    long bytes = 0;
    for (int s = 0; s < shards; s++) {
      bytes += isOwn(s) ? shardBytes[s] : 0;
    }
    return bytes;
  }

  /// Returns how many bytes the other hosts' contributions to a part of this member take at most.
  long contributedBytes() {
    long most = 0;
    for (int s = 0; s < shards; s++) {
      most = isOwn(s) ? Math.max(most, aligned(codeBytes[s][owners.host()])) : most;
    }
    return most * hosts;
  }

  /// Returns whether this member owns a shard.
  boolean isOwn(int shard) {
    return owners.placeOf(shard) == owners.place();
  }
}

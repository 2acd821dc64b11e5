package dev.tutti.collectives.execute;

import dev.tutti.collectives.execute.BlockLayout.Side;
import dev.tutti.collectives.kernel.BulkCopy;
import dev.tutti.collectives.kernel.Dither;
import dev.tutti.collectives.kernel.ReductionKernel;
import dev.tutti.collectives.kernel.Stores;
import dev.tutti.collectives.kernel.WireCodec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// All-reduce and reduce-scatter of float32 whose data travel encoded between hosts.
///
/// Each shard of the vector has an owner on every host ([ShardOwners]), who reads it from all
/// members of its host in shared memory. These owners exchange it:
///
/// 1. For each other host, an owner sums what its own host has of that host's part and encodes the
///    sum. An all-to-all takes the codes to the owners of the parts.
/// 2. These decode them and add what their own hosts have, in float32, piece by piece. Of an
///    all-reduce they encode the result, which an all-gather takes to all owners.
/// 3. Every member decodes all shards from the codes of the owners on its host.
///
/// A value is rounded twice at most, whatever the number of ranks, and all ranks decode the same
/// bytes, those who encoded them, too. Buffers that the other members of a host cannot see are
/// copied to working memory first, as far as others own them.
final class EncodedReduction implements CarryingExchange {
  private static final long KNOWN = 1; // see OwnerReduction
  private static final long PIECE = 16L * WireCodec.BLOCK; // elements that are combined at once

  private final Members members;
  private final SharedGroup group; // the members of this host
  private final ShardOwners owners;
  private final Route[] routes;
  private final WireCodec codec;
  private final Dither dither;
  private final ScratchMemory memory;
  private final ReductionKernel anyKernel;
  private final boolean gathers;
  private final int hosts;
  private final int host;
  private final EncodedLayout layout;
  private final long[] local; // this host's data by place
  private final long[] sources;
  private final long[] target = new long[1];

  // Layouts of what is exchanged, in bytes; filled in for each shard.
  private final Side sent;
  private final Side received;
  private final Side codes;
  private final Side result = new Side(new long[1], new long[1]);
  private final BlockLayout scattered;
  private final BlockLayout collected;

  // Of the operation that runs.
  private ReductionKernel kernel;
  private int divisor;
  private long residue; // 0 for none
  private long encoded; // where what this member sends lies, shard after shard
  private long gathered;
  private long contributions;
  private long pieces;

  /// How the owners of one of this member's shards exchange it.
  ///
  /// @param scatter an all-to-all
  /// @param gather an all-gather; null for a reduce-scatter
  record Route(int shard, ScheduleRunner scatter, @Nullable ScheduleRunner gather) {}

  /// Makes an exchange.
  ///
  /// @param routes one for each of this member's shards, in their order
  /// @param dither for rounding at random, [Dither#NONE] for rounding to the nearest
  /// @param memory for what is encoded; nothing else may use it while this runs
  EncodedReduction(
      Members members,
      SharedGroup group,
      ShardOwners owners,
      List<Route> routes,
      WireCodec codec,
      Dither dither,
      ScratchMemory memory,
      ReductionKernel anyKernel) {
    this.members = members;
    this.group = group;
    this.owners = owners;
    this.routes = routes.toArray(Route[]::new);
    this.codec = codec;
    this.dither = dither;
    this.memory = memory;
    this.anyKernel = anyKernel;
    this.kernel = anyKernel;
    this.gathers = routes.getFirst().gather() != null;
    this.hosts = owners.hosts();
    this.host = owners.host();
    this.layout = new EncodedLayout(owners, codec, !gathers);
    this.local = new long[group.size];
    this.sources = new long[hosts + group.size];
    this.sent = new Side(new long[hosts], new long[hosts]);
    this.received = new Side(new long[hosts], new long[hosts]);
    this.codes = new Side(new long[hosts], new long[hosts]);
    this.scattered = new BlockLayout(sent, received, KNOWN);
    this.collected = new BlockLayout(result, codes, KNOWN);
  }

  @Override
  public String form(long vectorBytes) {
    String where = owners.shards() > 1 ? " between hosts in " : " in ";
    return codec + where + routes[0].scatter().form(vectorBytes);
  }

  @Override
  public void carry(long lost) {
    residue = lost;
  }

  @Override
  public void run(
      long signature,
      long send,
      long receive,
      long count,
      int elementBytes,
      ReductionKernel arithmetic,
      int dividedBy,
      int root) {
    kernel = arithmetic;
    divisor = dividedBy;
    layout.place(count);
    long vector = (gathers ? count : count * members.size()) * Float.BYTES;
    boolean copies = group.size > 1 && !group.isShared(send, vector);
    long copy = placeMemory(copies ? EncodedLayout.aligned(vector) : 0);
    if (copies) {
      copyForOthers(copy, send);
    }
    long visible = copies ? copy : send;
    members.enter(signature, visible, vector, gathered, layout.ownBytes());
    for (int m = 0; m < group.size; m++) {
      local[m] = m == group.index ? send : group.sendBuffer(m);
    }
    long start = 0;
    for (Route route : routes) {
      exchange(route, signature, encoded + start, receive);
      start += layout.shardBytes(route.shard());
    }
    group.complete();
    if (gathers) {
      decode(receive);
      group.complete(); // nobody looks at this member's codes any more
    }
    members.leave();
    residue = 0;
  }

  /// Places what lies in the working memory; returns where a copy of the input does.
  private long placeMemory(long copyBytes) {
    long own = layout.ownBytes();
    long contributed = layout.contributedBytes();
    long pieceBytes = (hosts + 1) * PIECE * Float.BYTES;
    long copy = memory.atLeast(copyBytes + 2 * own + contributed + pieceBytes);
    encoded = copy + copyBytes;
    gathered = encoded + own;
    contributions = gathered + own;
    pieces = contributions + contributed;
    return copy;
  }

  /// Copies those shards of the input that other members of this host own.
  private void copyForOthers(long copy, long send) {
    for (int s = 0; s < owners.shards(); s++) {
      for (int h = 0; h < hosts && !layout.isOwn(s); h++) {
        long offset = layout.start(s, h) * Float.BYTES;
        long bytes = layout.count(s, h) * Float.BYTES;
        BulkCopy.copy(copy + offset, send + offset, bytes, Stores.CACHED);
      }
    }
  }

  /// Exchanges a shard.
  ///
  /// @param to where what is sent lies encoded
  private void exchange(Route route, long signature, long to, long receive) {
    int s = route.shard();
    dither.begin(members.operation(), members.index(), 0);
    for (int h = 0; h < hosts; h++) {
      boolean isOwn = h == host;
      sent.counts()[h] = isOwn ? 0 : layout.bytes(s, h);
      sent.displacements()[h] = layout.codeStart(s, h);
      received.counts()[h] = isOwn ? 0 : layout.bytes(s, host);
      received.displacements()[h] = h * EncodedLayout.aligned(layout.bytes(s, host));
      codes.counts()[h] = layout.bytes(s, h);
      codes.displacements()[h] = layout.codeStart(s, h);
      if (!isOwn) {
        encode(s, h, to + layout.codeStart(s, h));
      }
    }
    route.scatter().runWithin(signature, to, contributions, scattered, 1, anyKernel);
    long codesOfAll = gathered + layout.gatheredStart(s);
    long own = codesOfAll + layout.codeStart(s, host);
    combine(s, own, receive);
    ScheduleRunner gather = route.gather();
    if (gather != null) {
      result.counts()[0] = layout.bytes(s, host);
      gather.runWithin(signature, own, codesOfAll, collected, 1, anyKernel);
    }
  }

  /// Encodes what this host has of another one's part.
  private void encode(int shard, int part, long to) {
    long first = layout.start(shard, part);
    long count = layout.count(shard, part);
    long block = layout.block(shard, part);
    if (group.size == 1 && residue == 0) {
      codec.encode(to, local[0] + first * Float.BYTES, count, dither, block);
      return;
    }
    target[0] = pieces;
    for (long i = 0; i < count; i += PIECE) {
      long n = Math.min(PIECE, count - i);
      for (int m = 0; m < group.size; m++) {
        sources[m] = local[m] + (first + i) * Float.BYTES;
      }
      kernel.combineAll(target, 1, sources, group.size, 0, n, 1);
      encodePiece(to + codec.encodedBytes(i), first + i, n, block + i / WireCodec.BLOCK);
    }
  }

  /// Encodes the piece that has been combined, from element `first` of the vector.
  private void encodePiece(long to, long first, long count, long block) {
    if (residue == 0) {
      codec.encode(to, pieces, count, dither, block);
    } else {
      codec.encodeCarrying(to, pieces, residue + first * Float.BYTES, count, dither, block);
    }
  }

  /// Combines all contributions to this member's part of a shard.
  ///
  /// @param to where the result goes encoded; it goes to `receive` as it is instead if nobody
  ///   gathers it
  private void combine(int shard, long to, long receive) {
    long first = layout.start(shard, host);
    long count = layout.count(shard, host);
    long block = layout.block(shard, host);
    dither.begin(members.operation(), members.index(), 1);
    for (long i = 0; i < count; i += PIECE) {
      long n = Math.min(PIECE, count - i);
      int contributed = 0;
      for (int h = 0; h < hosts; h++) {
        if (h != host) {
          sources[contributed] = pieces + (1 + h) * PIECE * Float.BYTES;
          long from = contributions + received.displacements()[h] + codec.encodedBytes(i);
          codec.decode(sources[contributed++], from, n);
        }
      }
      for (int m = 0; m < group.size; m++) {
        sources[contributed++] = local[m] + (first + i) * Float.BYTES;
      }
      target[0] = gathers ? pieces : receive + i * Float.BYTES;
      kernel.combineAll(target, 1, sources, contributed, 0, n, divisor);
      if (gathers) {
        encodePiece(to + codec.encodedBytes(i), first + i, n, block + i / WireCodec.BLOCK);
      }
    }
  }

  /// Decodes all shards, those of this member first.
  private void decode(long receive) {
    for (int i = 0; i < owners.shards(); i++) {
      int s = (owners.place() + i) % owners.shards();
      int owner = owners.placeOf(s);
      long from = owner == group.index ? gathered : group.receiveBuffer(owner);
      from += layout.gatheredStart(s);
      for (int h = 0; h < hosts; h++) {
        long to = receive + layout.start(s, h) * Float.BYTES;
        codec.decode(to, from + layout.codeStart(s, h), layout.count(s, h));
      }
    }
  }
}

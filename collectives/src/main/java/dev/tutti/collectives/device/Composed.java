package dev.tutti.collectives.device;

import dev.tutti.collectives.DataType;
import java.util.ArrayList;
import java.util.List;

/// Collectives as sends and receives that go out together.
final class Composed {
  private Composed() {}

  /// Block i of `receive` at the root comes from rank i.
  static List<Transfer> gather(
      long send, long receive, long count, DataType type, int root, int rank, int size) {
    List<Transfer> transfers = new ArrayList<>();
    transfers.add(Transfer.send(send, count, type, root));
    for (int from = 0; rank == root && from < size; from++) {
      transfers.add(Transfer.receive(block(receive, from, count, type), count, type, from));
    }
    return transfers;
  }

  /// Block i of `send` at the root goes to rank i.
  static List<Transfer> scatter(
      long send, long receive, long count, DataType type, int root, int rank, int size) {
    List<Transfer> transfers = new ArrayList<>();
    for (int to = 0; rank == root && to < size; to++) {
      transfers.add(Transfer.send(block(send, to, count, type), count, type, to));
    }
    transfers.add(Transfer.receive(receive, count, type, root));
    return transfers;
  }

  /// Block j of `send` goes to rank j, block i of `receive` comes from rank i.
  static List<Transfer> allToAll(long send, long receive, long count, DataType type, int size) {
    List<Transfer> transfers = new ArrayList<>(2 * size);
    for (int peer = 0; peer < size; peer++) {
      transfers.add(Transfer.send(block(send, peer, count, type), count, type, peer));
      transfers.add(Transfer.receive(block(receive, peer, count, type), count, type, peer));
    }
    return transfers;
  }

  private static long block(long buffer, int index, long count, DataType type) {
    return buffer + index * count * type.bytes();
  }
}

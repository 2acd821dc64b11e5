package dev.tutti.bench.measure;

import dev.tutti.collectives.Communicator;
import dev.tutti.collectives.DataType;
import dev.tutti.collectives.PreparedOperation;
import dev.tutti.collectives.ReduceOp;
import dev.tutti.collectives.Window;
import java.lang.foreign.MemorySegment;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// One call of the library with all its arguments, and what the library runs for it.
///
/// @param call runs the operation once
/// @param algorithm the algorithm's name
/// @param form how the algorithm runs
/// @param messages point to point: messages of one call, see [BenchCollective#messages]
record BoundOperation(Runnable call, String algorithm, String form, int messages) {

  /// The arguments that do not depend on the size.
  ///
  /// @param window of a one-sided measurement, else null
  record Arguments(
      Communicator communicator,
      BenchCollective collective,
      DataType type,
      ReduceOp op,
      int root,
      CallStyle style,
      @Nullable Window window) {}

  /// Binds an operation to its operands. Collective: an operation is prepared, if only to learn
  /// which algorithm its blocking twin runs.
  static BoundOperation bind(Arguments with, Operands operands) {
    if (with.window() != null) {
      return oneSided(with, with.window(), operands);
    }
    if (with.collective().isPointToPoint()) {
      int messages = with.collective().messages(operands.send().byteSize());
      Runnable call =
          with.collective() == BenchCollective.SEND_RECV
              ? pingPong(with, operands)
              : stream(with, operands, messages);
      return new BoundOperation(call, with.collective().label(), "", messages);
    }
    PreparedOperation prepared = prepare(with, operands);
    Runnable call = with.style() == CallStyle.PREPARED ? prepared::run : blocking(with, operands);
    return new BoundOperation(call, prepared.algorithm(), prepared.form(), 1);
  }

  private static PreparedOperation prepare(Arguments with, Operands operands) {
    Communicator c = with.communicator();
    MemorySegment send = operands.send();
    MemorySegment recv = operands.recv();
    long count = operands.count();
    return switch (with.collective()) {
      case ALL_REDUCE -> c.prepareAllReduce(send, recv, count, with.type(), with.op());
      case BROADCAST -> c.prepareBroadcast(send, recv, count, with.type(), with.root());
      case ALL_GATHER -> c.prepareAllGather(send, recv, count, with.type());
      case REDUCE_SCATTER -> c.prepareReduceScatter(send, recv, count, with.type(), with.op());
      case REDUCE -> c.prepareReduce(send, recv, count, with.type(), with.op(), with.root());
      case GATHER -> c.prepareGather(send, recv, count, with.type(), with.root());
      case SCATTER -> c.prepareScatter(send, recv, count, with.type(), with.root());
      case ALL_TO_ALL -> c.prepareAllToAll(send, recv, count, with.type());
      case ALL_TO_ALL_V -> {
        long[] counts = counts(c, count);
        long[] starts = starts(c, count);
        yield c.prepareAllToAllV(send, counts, starts, recv, counts, starts, with.type());
      }
      case SCAN -> c.prepareScan(send, recv, count, with.type(), with.op());
      case BARRIER -> c.prepareBarrier();
      case SEND_RECV, SEND_STREAM, PUT, GET, ACCUMULATE, PUT_STREAM ->
          throw new IllegalArgumentException(with.collective().label() + " cannot be prepared");
    };
  }

  private static Runnable blocking(Arguments with, Operands operands) {
    Communicator c = with.communicator();
    MemorySegment send = operands.send();
    MemorySegment recv = operands.recv();
    long count = operands.count();
    DataType type = with.type();
    ReduceOp op = with.op();
    int root = with.root();
    return switch (with.collective()) {
      case ALL_REDUCE -> () -> c.allReduce(send, recv, count, type, op);
      case BROADCAST -> () -> c.broadcast(send, recv, count, type, root);
      case ALL_GATHER -> () -> c.allGather(send, recv, count, type);
      case REDUCE_SCATTER -> () -> c.reduceScatter(send, recv, count, type, op);
      case REDUCE -> () -> c.reduce(send, recv, count, type, op, root);
      case GATHER -> () -> c.gather(send, recv, count, type, root);
      case SCATTER -> () -> c.scatter(send, recv, count, type, root);
      case ALL_TO_ALL -> () -> c.allToAll(send, recv, count, type);
      case ALL_TO_ALL_V -> {
        long[] counts = counts(c, count);
        long[] starts = starts(c, count);
        yield () -> c.allToAllV(send, counts, starts, recv, counts, starts, type);
      }
      case SCAN -> () -> c.scan(send, recv, count, type, op);
      case BARRIER -> c::barrier;
      case SEND_RECV, SEND_STREAM, PUT, GET, ACCUMULATE, PUT_STREAM ->
          throw new IllegalArgumentException(with.collective().label() + " is point to point");
    };
  }

  /// Returns the lengths of an all-to-all-v's parts, the same for sending and receiving.
  private static long[] counts(Communicator c, long count) {
    return IntStream.range(0, c.size())
        .mapToLong(r -> count * BenchCollective.ALL_TO_ALL_V.share(c.rank(), r, c.size()))
        .toArray();
  }

  private static long[] starts(Communicator c, long count) {
    return IntStream.range(0, c.size())
        .mapToLong(r -> count * BenchCollective.ALL_TO_ALL_V.shareStart(c.rank(), r, c.size()))
        .toArray();
  }

  /// Binds what rank 0 does to the beginning of rank 1's window; the others do nothing.
  private static BoundOperation oneSided(Arguments with, Window window, Operands operands) {
    MemorySegment send = operands.send();
    MemorySegment recv = operands.recv();
    long count = operands.count();
    long bytes = send.byteSize();
    BenchCollective collective = with.collective();
    int messages = collective.messages(bytes);
    Runnable call =
        switch (collective) {
          case GET -> () -> window.get(recv, 1, 0, bytes);
          case ACCUMULATE ->
              () -> {
                window.accumulate(send, 1, 0, count, with.type(), with.op());
                window.flush();
              };
          default ->
              () -> {
                for (int i = 0; i < messages; i++) {
                  window.put(send, 1, 0, bytes);
                }
                window.flush();
              };
        };
    boolean works = with.communicator().rank() == 0;
    return new BoundOperation(works ? call : () -> {}, collective.label(), "window", messages);
  }

  private static Runnable stream(Arguments with, Operands operands, int messages) {
    Communicator c = with.communicator();
    MemorySegment send = operands.send();
    MemorySegment recv = operands.recv();
    long count = operands.count();
    DataType type = with.type();
    return switch (c.rank()) {
      case 0 ->
          () -> {
            for (int i = 0; i < messages; i++) {
              c.send(send, count, type, 1);
            }
          };
      case 1 ->
          () -> {
            for (int i = 0; i < messages; i++) {
              c.receive(recv, count, type, 0);
            }
          };
      default -> () -> {};
    };
  }

  private static Runnable pingPong(Arguments with, Operands operands) {
    Communicator c = with.communicator();
    MemorySegment send = operands.send();
    MemorySegment recv = operands.recv();
    long count = operands.count();
    DataType type = with.type();
    return switch (c.rank()) {
      case 0 ->
          () -> {
            c.send(send, count, type, 1);
            c.receive(recv, count, type, 1);
          };
      case 1 ->
          () -> {
            c.receive(recv, count, type, 0);
            c.send(send, count, type, 0);
          };
      default -> () -> {};
    };
  }
}

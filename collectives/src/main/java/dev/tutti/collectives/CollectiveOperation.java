package dev.tutti.collectives;

import dev.tutti.bindings.Memory;
import dev.tutti.collectives.execute.BlockLayout;
import dev.tutti.collectives.execute.CarryingExchange;
import dev.tutti.collectives.execute.Exchange;
import dev.tutti.collectives.execute.Signature;
import dev.tutti.collectives.kernel.ReductionKernel;
import dev.tutti.collectives.plan.BlockLengths;
import dev.tutti.collectives.schedule.Collective;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// One collective bound to its buffers: what runs when it is called, prepared or queued.
final class CollectiveOperation extends QueuedOperation implements PreparedOperation {
  private final CommunicatorCore core;
  private final OperationQueue queue;
  private final RegisteredMemory memory;
  private final Arguments arguments;
  private final PlanTable.Bound bound;
  private final ReductionKernel kernel;
  private final int divisor;
  private final long signature;
  private final long send;
  private final long receive;
  private long residue; // see CarryingExchange, 0 for none; written before it is run

  /// Checked arguments of a collective.
  ///
  /// @param send what is read, null where nothing is
  /// @param receive what is written, null where nothing is
  /// @param sendBytes how much of `send` this rank needs, 0 if it reads nothing
  /// @param receiveBytes how much of `receive` this rank needs, 0 if it writes nothing
  /// @param vectorBytes size of the full vector, see [Collective]; [#UNKNOWN_BYTES] if the ranks do
  ///   not all know it
  /// @param count elements of a block
  /// @param scalar factor for PRE_MUL_SUM
  /// @param layout where the blocks lie if they differ in length, else null
  record Arguments(
      Collective collective,
      @Nullable MemorySegment send,
      @Nullable MemorySegment receive,
      long sendBytes,
      long receiveBytes,
      long vectorBytes,
      long count,
      DataType type,
      Reduction op,
      int root,
      double scalar,
      @Nullable BlockLayout layout) {

    /// Stands for the size of a vector that nobody knows.
    static final long UNKNOWN_BYTES = 1 << 20;

    /// Returns these arguments without the segments, for an operation that must not keep them
    /// alive.
    Arguments detached() {
      return new Arguments(
          collective,
          null,
          null,
          sendBytes,
          receiveBytes,
          vectorBytes,
          count,
          type,
          op,
          root,
          scalar,
          layout);
    }

    /// Returns whether the buffers can be used where they are.
    boolean isDirect() {
      return (send == null || send.isNative())
          && (receive == null || receive.isNative())
          && op != ReduceOp.PRE_MUL_SUM
          && !needsCopyInPlace();
    }

    /// Returns whether results would overwrite data that are still to be sent.
    private boolean needsCopyInPlace() {
      return collective == Collective.ALL_TO_ALL
          && send != null
          && receive != null
          && sendBytes > 0
          && send.address() == receive.address();
    }
  }

  /// Makes an operation of arguments that have been checked.
  ///
  /// @param queue what it runs in order with
  /// @param memory where it copies buffers to that the other ranks cannot see
  CollectiveOperation(
      CommunicatorCore core, OperationQueue queue, RegisteredMemory memory, Arguments arguments) {
    this(
        core,
        queue,
        memory,
        arguments,
        addressOf(arguments.send()),
        addressOf(arguments.receive()));
  }

  private CollectiveOperation(
      CommunicatorCore core,
      OperationQueue queue,
      RegisteredMemory memory,
      Arguments arguments,
      long send,
      long receive) {
    super(core, queue);
    this.core = core;
    this.queue = queue;
    this.memory = memory;
    this.arguments = arguments;
    this.send = send;
    this.receive = receive;
    this.kernel = core.kernelOf(arguments.collective(), arguments.type(), arguments.op());
    BlockLayout layout = arguments.layout();
    this.bound =
        core.bound(
            arguments.collective(),
            layout == null ? BlockLengths.EQUAL : BlockLengths.UNEVEN,
            arguments.type(),
            arguments.op(),
            arguments.vectorBytes(),
            arguments.root());
    this.divisor = arguments.op() == ReduceOp.AVG ? core.size : 1;
    this.signature =
        layout == null
            ? Signature.of(
                arguments.collective(),
                arguments.type(),
                arguments.op(),
                arguments.root(),
                arguments.count())
            : Signature.ofUneven(
                arguments.collective(),
                arguments.type(),
                arguments.op(),
                arguments.root(),
                layout.digest());
  }

  private static long addressOf(@Nullable MemorySegment segment) {
    return segment == null ? 0 : segment.address();
  }

  /// Returns the same operation on the same addresses, which does not keep the buffers alive.
  CollectiveOperation detached() {
    return new CollectiveOperation(core, queue, memory, arguments.detached(), send, receive);
  }

  /// Carries over what is rounded, if anything is; see [CarryingExchange#carry].
  CollectiveOperation carrying(long lost) {
    residue = lost;
    return this;
  }

  /// Returns the address of the send buffer.
  long sendAddress() {
    return send;
  }

  /// Returns the number of elements.
  long count() {
    return arguments.count();
  }

  /// Returns whether the buffers are used where they are.
  boolean isDirect() {
    return arguments.isDirect();
  }

  /// Returns whether this operation does what is asked with buffers at the same addresses, and the
  /// buffers are still good, so that nothing else needs to be checked.
  boolean matches(
      Collective collective,
      MemorySegment sendBuffer,
      MemorySegment receiveBuffer,
      long count,
      DataType type,
      Reduction op,
      int root) {
    Arguments own = arguments;
    return send == sendBuffer.address()
        && receive == receiveBuffer.address()
        && own.count() == count
        && own.type() == type
        && own.op() == op
        && own.collective() == collective
        && own.root() == root
        && isGood(sendBuffer, own.sendBytes())
        && isGood(receiveBuffer, own.receiveBytes())
        && !receiveBuffer.isReadOnly();
  }

  private static boolean isGood(MemorySegment segment, long bytes) {
    return segment.isNative() && segment.byteSize() >= bytes && segment.scope().isAlive();
  }

  @Override
  public void run() {
    queue.runInOrder(this);
  }

  @Override
  public Request start() {
    return enqueue();
  }

  @Override
  void execute() {
    if (arguments.isDirect()) {
      execute(send, receive);
    } else {
      executeStaged();
    }
  }

  private void execute(long from, long to) {
    if (residue != 0 && bound.exchange() instanceof CarryingExchange exchange) {
      exchange.carry(residue);
    }
    core.run(
        bound,
        signature,
        from,
        to,
        arguments.count(),
        arguments.type().bytes(),
        kernel,
        divisor,
        arguments.root(),
        arguments.layout());
  }

  /// Copies heap buffers, and multiplies where asked, through shared memory.
  private void executeStaged() {
    long sendBytes = arguments.sendBytes();
    long receiveBytes = arguments.receiveBytes();
    long offset = (sendBytes + 127) & -128L;
    long from = memory.staging(offset + receiveBytes);
    long to = from + offset;
    MemorySegment source = arguments.send();
    if (source != null && sendBytes > 0) {
      MemorySegment.copy(source, 0, Memory.ALL, from, sendBytes);
      if (arguments.op() == ReduceOp.PRE_MUL_SUM) {
        kernel.scale(from, from, sendBytes / arguments.type().bytes(), arguments.scalar());
      }
    }
    execute(from, to);
    MemorySegment target = arguments.receive();
    if (target != null) {
      copyResult(to, target);
    }
  }

  private void copyResult(long result, MemorySegment target) {
    BlockLayout layout = arguments.layout();
    if (layout == null) {
      MemorySegment.copy(Memory.ALL, result, target, 0, arguments.receiveBytes());
      return;
    }
    int bytes = arguments.type().bytes();
    long[] counts = layout.receive().counts();
    for (int b = 0; b < counts.length; b++) { // what lies between the blocks is left alone
      long offset = layout.receive().displacements()[b] * bytes;
      MemorySegment.copy(Memory.ALL, result + offset, target, offset, counts[b] * bytes);
    }
  }

  @Override
  public String algorithm() {
    return bound.plan().algorithm();
  }

  @Override
  public String form() {
    Exchange exchange = bound.exchange();
    return exchange.form(arguments.vectorBytes());
  }
}

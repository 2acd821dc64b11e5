package dev.tutti.transport.tcp;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/// Makes one end of a connection deaf, as if packets to it were lost: a socket filter that lets
/// nothing in.
final class DropFilter {
  private static final int SOL_SOCKET = 1;
  private static final int SO_ATTACH_FILTER = 26;
  private static final short RETURN_CONSTANT = 6; // BPF_RET | BPF_K
  private static final int PROGRAM_BYTES = 16; // struct sock_fprog
  private static final int INSTRUCTION_BYTES = 8; // struct sock_filter

  private DropFilter() {}

  @SuppressWarnings("restricted") // a test calls what the library has no use for
  static void attach(TcpLifeline lifeline) {
    TcpLifeline.Connection newest = lifeline.newest();
    if (newest == null) {
      throw new IllegalStateException("not connected");
    }
    Linker linker = Linker.nativeLinker();
    MethodHandle setsockopt =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("setsockopt"),
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.ADDRESS,
                ValueLayout.JAVA_INT));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment dropAll = arena.allocate(INSTRUCTION_BYTES, 8);
      dropAll.set(ValueLayout.JAVA_SHORT, 0, RETURN_CONSTANT);
      MemorySegment program = arena.allocate(PROGRAM_BYTES, 8);
      program.set(ValueLayout.JAVA_SHORT, 0, (short) 1);
      program.set(ValueLayout.ADDRESS, 8, dropAll);
      int rc =
          (int)
              setsockopt.invokeExact(
                  newest.fd(), SOL_SOCKET, SO_ATTACH_FILTER, program, PROGRAM_BYTES);
      if (rc != 0) {
        throw new IllegalStateException("attaching a filter failed");
      }
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }
}

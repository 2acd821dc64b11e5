package dev.tutti.bindings.cuda;

import dev.tutti.bindings.cuda.generated.cudaGraphDestroy_call;
import dev.tutti.bindings.cuda.generated.cudaGraphExecDestroy_call;
import dev.tutti.bindings.cuda.generated.cudaGraphInstantiateWithFlags_call;
import dev.tutti.bindings.cuda.generated.cudaStreamBeginCapture_call;
import dev.tutti.bindings.cuda.generated.cudaStreamEndCapture_call;
import dev.tutti.bindings.library.OwnedAddress;
import java.lang.foreign.MemorySegment;

/// Work that a stream collected, to be launched as often as wanted.
public final class CudaGraph implements AutoCloseable {
  private final CudaRuntime runtime;
  private final OwnedAddress graph;
  private final OwnedAddress executable;

  private CudaGraph(CudaRuntime runtime, long graph, long executable) {
    this.runtime = runtime;
    this.graph = new OwnedAddress("graph of CUDA", graph);
    this.executable = new OwnedAddress("graph of CUDA", executable);
  }

  static void begin(CudaRuntime runtime, long stream, CudaCaptureMode mode) {
    int result =
        cudaStreamBeginCapture_call.invoke(
            runtime.library().require("cudaStreamBeginCapture"),
            MemorySegment.ofAddress(stream),
            mode.code());
    runtime.check(result, "cudaStreamBeginCapture", "mode=" + mode);
  }

  static CudaGraph end(CudaRuntime runtime, long stream) {
    long graph =
        runtime.made(
            "cudaStreamEndCapture",
            "",
            (function, out) ->
                cudaStreamEndCapture_call.invoke(function, MemorySegment.ofAddress(stream), out));
    try {
      long executable =
          runtime.made(
              "cudaGraphInstantiateWithFlags",
              "",
              (function, out) ->
                  cudaGraphInstantiateWithFlags_call.invoke(
                      function, out, MemorySegment.ofAddress(graph), 0));
      return new CudaGraph(runtime, graph, executable);
    } catch (RuntimeException e) {
      runtime.free("cudaGraphDestroy", cudaGraphDestroy_call::invoke, graph);
      throw e;
    }
  }

  /// Hands all of it to a stream. Allocates nothing.
  public void launch(long stream) {
    int result = runtime.calls().graphLaunch(executable.get(), stream);
    runtime.check(result, "cudaGraphLaunch", "");
  }

  /// Frees it; launches under way go on. Idempotent.
  @Override
  public void close() {
    long opened = executable.close();
    if (opened != 0) {
      runtime.free("cudaGraphExecDestroy", cudaGraphExecDestroy_call::invoke, opened);
    }
    long collected = graph.close();
    if (collected != 0) {
      runtime.free("cudaGraphDestroy", cudaGraphDestroy_call::invoke, collected);
    }
  }
}

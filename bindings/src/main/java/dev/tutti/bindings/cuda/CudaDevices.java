package dev.tutti.bindings.cuda;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.tutti.bindings.cuda.generated.LibCuda;
import dev.tutti.bindings.cuda.generated.cudaDeviceGetAttribute_call;
import dev.tutti.bindings.cuda.generated.cudaDeviceGetPCIBusId_call;
import dev.tutti.bindings.cuda.generated.cudaDeviceProp;
import dev.tutti.bindings.cuda.generated.cudaGetDeviceProperties_call;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Reads what the runtime tells of devices.
final class CudaDevices {
  private static final int ADDRESS_BYTES = 64;

  /// In CUDA 12 the plain name is that of the form of CUDA 11; all begin alike.
  private static final String PROPERTIES_OF_12 = "cudaGetDeviceProperties_v2";

  private static final String PROPERTIES = "cudaGetDeviceProperties";

  private CudaDevices() {}

  static CudaDevice describe(CudaRuntime runtime, int device) {
    String function = runtime.supports(PROPERTIES_OF_12) ? PROPERTIES_OF_12 : PROPERTIES;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment properties = cudaDeviceProp.allocate(arena);
      int result =
          cudaGetDeviceProperties_call.invoke(
              runtime.library().require(function), properties, device);
      runtime.check(result, function, "device=" + device);
      byte[] uuid = cudaDeviceProp.uuid(properties).toArray(JAVA_BYTE);
      return new CudaDevice(
          device,
          cudaDeviceProp.name(properties).getString(0),
          HexFormat.of().formatHex(uuid),
          pciAddress(runtime, arena, device),
          cudaDeviceProp.totalGlobalMem(properties),
          attribute(runtime, arena, device, LibCuda.cudaDevAttrComputeCapabilityMajor()),
          attribute(runtime, arena, device, LibCuda.cudaDevAttrComputeCapabilityMinor()),
          attribute(runtime, arena, device, LibCuda.cudaDevAttrMultiProcessorCount()));
    }
  }

  private static int attribute(CudaRuntime runtime, Arena arena, int device, int attribute) {
    MemorySegment out = arena.allocate(JAVA_INT);
    int result =
        cudaDeviceGetAttribute_call.invoke(
            runtime.library().require("cudaDeviceGetAttribute"), out, attribute, device);
    runtime.check(result, "cudaDeviceGetAttribute", "attribute=" + attribute);
    return out.get(JAVA_INT, 0);
  }

  private static @Nullable String pciAddress(CudaRuntime runtime, Arena arena, int device) {
    MemorySegment function = runtime.library().optional("cudaDeviceGetPCIBusId");
    if (function == null) {
      return null;
    }
    MemorySegment text = arena.allocate(ADDRESS_BYTES);
    int result = cudaDeviceGetPCIBusId_call.invoke(function, text, ADDRESS_BYTES - 1, device);
    runtime.check(result, "cudaDeviceGetPCIBusId", "device=" + device);
    return text.getString(0).strip().toLowerCase(Locale.ROOT);
  }
}

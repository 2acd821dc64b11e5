package dev.tutti.bindings.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tutti.bindings.CCompiler;
import dev.tutti.bindings.VendorHeaders;
import dev.tutti.bindings.cuda.generated.LibCuda;
import dev.tutti.bindings.cuda.generated.cudaDeviceProp;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// Compares what jextract made with the binary interface and, where they are installed, with
/// NVIDIA's headers.
@EnabledOnOs(OS.LINUX)
final class CudaHeadersTest {
  private static final String INCLUDES =
      "#include <cuda.h>\n#include <cuda_runtime_api.h>\n#include <stddef.h>\n";

  @TempDir Path folder;

  @Test
  void shouldLayPropertiesOutAsTheAbiSays() {
    assertThat(cudaDeviceProp.uuid$offset()).isEqualTo(256);
    assertThat(cudaDeviceProp.totalGlobalMem$offset()).isEqualTo(288);
    assertThat(cudaDeviceProp.sizeof()).isGreaterThan(4000);
  }

  @Test
  void shouldNumberAsTheAbiDoes() {
    assertThat(CudaCopy.DEFAULT.code()).isEqualTo(LibCuda.cudaMemcpyDefault());
    assertThat(CudaCopy.DEVICE_TO_HOST.code()).isEqualTo(LibCuda.cudaMemcpyDeviceToHost());
    assertThat(CudaCaptureMode.RELAXED.code()).isEqualTo(LibCuda.cudaStreamCaptureModeRelaxed());
  }

  @Test
  void shouldDeclareAsTheHeadersDo() throws Exception {
    CCompiler compiler =
        CCompiler.assume(
            folder,
            INCLUDES,
            "cuda.h and cuda_runtime_api.h (they come with the CUDA toolkit)",
            VendorHeaders.options("nvidia/cuda_runtime/include", "nvidia/cu13/include"));
    Path header = Path.of("src/main/headers/tutti_cuda.h");
    assumeTrue(Files.exists(header), "not run in the folder of the module");
    String demands =
        """
        _Static_assert(sizeof(struct cudaDeviceProp) <= %d, "");
        _Static_assert(offsetof(struct cudaDeviceProp, uuid) == 256, "");
        _Static_assert(offsetof(struct cudaDeviceProp, totalGlobalMem) == 288, "");
        _Static_assert(cudaErrorNotReady == %d && cudaErrorNoDevice == %d, "");
        _Static_assert(cudaErrorPeerAccessAlreadyEnabled == %d, "");
        _Static_assert(cudaErrorPeerAccessNotEnabled == %d, "");
        _Static_assert(cudaMemcpyDefault == %d && cudaMemcpyDeviceToHost == %d, "");
        _Static_assert(cudaStreamNonBlocking == %d && cudaEventDisableTiming == %d, "");
        _Static_assert(cudaHostRegisterPortable == %d, "");
        _Static_assert(cudaDevAttrComputeCapabilityMajor == %d, "");
        _Static_assert(cudaDevAttrComputeCapabilityMinor == %d, "");
        _Static_assert(cudaDevAttrMultiProcessorCount == %d, "");
        _Static_assert(cudaStreamCaptureModeRelaxed == %d, "");
        _Static_assert(cudaStreamCaptureStatusActive == %d, "");
        _Static_assert(CU_JIT_ERROR_LOG_BUFFER == %d, "");
        _Static_assert(CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES == %d, "");
        """
            .formatted(
                cudaDeviceProp.sizeof(),
                LibCuda.cudaErrorNotReady(),
                LibCuda.cudaErrorNoDevice(),
                LibCuda.cudaErrorPeerAccessAlreadyEnabled(),
                LibCuda.cudaErrorPeerAccessNotEnabled(),
                LibCuda.cudaMemcpyDefault(),
                LibCuda.cudaMemcpyDeviceToHost(),
                LibCuda.cudaStreamNonBlocking(),
                LibCuda.cudaEventDisableTiming(),
                LibCuda.cudaHostRegisterPortable(),
                LibCuda.cudaDevAttrComputeCapabilityMajor(),
                LibCuda.cudaDevAttrComputeCapabilityMinor(),
                LibCuda.cudaDevAttrMultiProcessorCount(),
                LibCuda.cudaStreamCaptureModeRelaxed(),
                LibCuda.cudaStreamCaptureStatusActive(),
                LibCuda.CU_JIT_ERROR_LOG_BUFFER(),
                LibCuda.CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES());

    assertThat(compiler.complaints(INCLUDES + demands, header)).isEmpty();
  }
}

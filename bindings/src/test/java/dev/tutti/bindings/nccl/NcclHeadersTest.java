package dev.tutti.bindings.nccl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tutti.bindings.CCompiler;
import dev.tutti.bindings.VendorHeaders;
import dev.tutti.bindings.nccl.generated.LibNccl;
import dev.tutti.bindings.nccl.generated.ncclAllReduce_call;
import dev.tutti.bindings.nccl.generated.ncclCommInitRankConfig_call;
import dev.tutti.bindings.nccl.generated.ncclCommProperties;
import dev.tutti.bindings.nccl.generated.ncclConfig_v23000;
import dev.tutti.bindings.nccl.generated.ncclSimInfo_v22200;
import dev.tutti.bindings.nccl.generated.ncclUniqueId;
import dev.tutti.bindings.nccl.generated.ncclWaitSignalDesc_t;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// Compares what jextract made with the binary interface and, where it is installed, with NVIDIA's
/// header.
@EnabledOnOs(OS.LINUX)
final class NcclHeadersTest {
  private static final String INCLUDES =
      "#include <nccl.h>\n#include <stddef.h>\n#include <stdint.h>\n";

  /// Of the configuration in its form of 2.30.5.
  private static final Map<String, Long> OFFSETS =
      Map.ofEntries(
          Map.entry("size", 0L),
          Map.entry("magic", 8L),
          Map.entry("version", 12L),
          Map.entry("blocking", 16L),
          Map.entry("cgaClusterSize", 20L),
          Map.entry("minCTAs", 24L),
          Map.entry("maxCTAs", 28L),
          Map.entry("netName", 32L),
          Map.entry("splitShare", 40L),
          Map.entry("trafficClass", 44L),
          Map.entry("commName", 48L),
          Map.entry("collnetEnable", 56L),
          Map.entry("CTAPolicy", 60L),
          Map.entry("shrinkShare", 64L),
          Map.entry("nvlsCTAs", 68L),
          Map.entry("nChannelsPerNetPeer", 72L),
          Map.entry("nvlinkCentricSched", 76L),
          Map.entry("graphUsageMode", 80L),
          Map.entry("numRmaCtx", 84L),
          Map.entry("maxP2pPeers", 88L),
          Map.entry("graphStreamOrdering", 92L));

  @TempDir Path folder;

  @Test
  void shouldLayStructuresOutAsTheAbiSays() {
    Map<String, Long> offsets = new TreeMap<>();
    ncclConfig_v23000
        .layout()
        .memberLayouts()
        .forEach(member ->
            member
                .name()
                .ifPresent(name ->
                    offsets.put(
                        name,
                        ncclConfig_v23000.layout().byteOffset(PathElement.groupElement(name)))));

    assertThat(offsets).isEqualTo(new TreeMap<>(OFFSETS));
    assertThat(ncclConfig_v23000.sizeof()).isEqualTo(96);
    assertThat(ncclUniqueId.sizeof()).isEqualTo(128);
    assertThat(ncclSimInfo_v22200.sizeof()).isEqualTo(24);
    assertThat(ncclSimInfo_v22200.estimatedTime$offset()).isEqualTo(16);
    assertThat(ncclWaitSignalDesc_t.sizeof()).isEqualTo(16);
    assertThat(ncclWaitSignalDesc_t.ctx$offset()).isEqualTo(12);
    assertThat(ncclCommProperties.rank$offset()).isEqualTo(16);
    assertThat(ncclCommProperties.multimemSupport$offset()).isEqualTo(33);
    assertThat(ncclCommProperties.nLsaTeams$offset()).isEqualTo(40);
    assertThat(ncclCommProperties.hostRmaSupport$offset()).isEqualTo(44);
    assertThat(ncclCommProperties.sizeof()).isEqualTo(56);
  }

  @Test
  void shouldHaveTheValuesOfTheAbi() {
    assertThat(NcclReduceOp.AVG).isEqualTo(4);
    assertThat(LibNccl.ncclMaxRedOp()).isEqualTo(Integer.MAX_VALUE);
    assertThat(NcclDataType.FLOAT8_E5M2.code()).isEqualTo(LibNccl.ncclFloat8e5m2());
    assertThat(NcclDataType.BFLOAT16.code()).isEqualTo(LibNccl.ncclBfloat16());
    assertThat(NcclResult.of(LibNccl.ncclInProgress())).isEqualTo(NcclResult.IN_PROGRESS);
    assertThat(NcclResult.of(LibNccl.ncclTimeout())).isEqualTo(NcclResult.TIMEOUT);
    assertThat(NcclResult.of(9)).isEqualTo(NcclResult.UNKNOWN);
    assertThat(LibNccl.NCCL_API_MAGIC()).isEqualTo(0xcafebeef);
    assertThat(LibNccl.TUTTI_NCCL_SIM_INFO_MAGIC()).isEqualTo(0x74685283);
    assertThat(LibNccl.NCCL_CONFIG_UNDEF_INT()).isEqualTo(Integer.MIN_VALUE);
    assertThat(NcclCommunicator.NO_COLOR).isEqualTo(-1);
  }

  @Test
  void shouldDescribeFunctionsAsTheAbiDoes() {
    assertThat(ncclAllReduce_call.descriptor())
        .isEqualTo(
            FunctionDescriptor.of(
                LibNccl.C_INT,
                LibNccl.C_POINTER,
                LibNccl.C_POINTER,
                ValueLayout.JAVA_LONG,
                LibNccl.C_INT,
                LibNccl.C_INT,
                LibNccl.C_POINTER,
                LibNccl.C_POINTER));
    assertThat(ncclCommInitRankConfig_call.descriptor().argumentLayouts().get(2))
        .isEqualTo(ncclUniqueId.layout());
  }

  @Test
  void shouldDeclareAsTheHeaderDoes() throws Exception {
    CCompiler compiler =
        CCompiler.assume(
            folder,
            INCLUDES,
            "nccl.h and cuda_runtime.h (Debian: libnccl-dev; pip: nvidia-nccl-cu12)",
            VendorHeaders.options("nvidia/nccl/include"));
    Path header = Path.of("src/main/headers/tutti_nccl.h");
    assumeTrue(Files.exists(header), "not run in the folder of the module");

    assertThat(compiler.complaints(INCLUDES + layout() + values(), header)).isEmpty();
  }

  /// Demands of the header where its fields are; an older one ends earlier.
  private static String layout() {
    StringBuilder demands = new StringBuilder();
    Map<Long, String> names =
        OFFSETS.entrySet().stream()
            .collect(Collectors.toMap(Map.Entry::getValue, Map.Entry::getKey));
    for (NcclSetting setting : NcclSetting.values()) {
      demands.append(
          """
          #if NCCL_VERSION_CODE >= %d
          _Static_assert(offsetof(ncclConfig_t, %s) == %d, "");
          #endif
          """
              .formatted(setting.since(), names.get(setting.offset()), setting.offset()));
    }
    return demands
        + """
        _Static_assert(sizeof(ncclUniqueId) == 128, "");
        _Static_assert(offsetof(ncclConfig_t, magic) == 8, "");
        _Static_assert(offsetof(ncclConfig_t, netName) == 32, "");
        #if NCCL_VERSION_CODE >= 22203
        _Static_assert(sizeof(ncclSimInfo_t) == 24, "");
        _Static_assert(offsetof(ncclSimInfo_t, estimatedTime) == 16, "");
        #endif
        #if NCCL_VERSION_CODE >= 22902
        _Static_assert(sizeof(ncclWaitSignalDesc_t) == 16, "");
        _Static_assert(offsetof(ncclWaitSignalDesc_t, ctx) == 12, "");
        #endif
        """;
  }

  /// Demands of the header what its constants are.
  private static String values() {
    return """
    _Static_assert(ncclInProgress == %d && ncclRemoteError == %d, "");
    _Static_assert(ncclFloat32 == %d && ncclUint64 == %d, "");
    _Static_assert(ncclProd == %d && ncclMax == %d && ncclMin == %d && ncclAvg == %d, "");
    _Static_assert(NCCL_CONFIG_UNDEF_INT == %d && NCCL_SPLIT_NOCOLOR == %d, "");
    _Static_assert(ncclScalarHostImmediate == %d, "");
    #if NCCL_VERSION_CODE >= 22403 /* before it the first is for C++ only */
    _Static_assert(ncclBfloat16 == %d && ncclFloat8e4m3 == %d && ncclFloat8e5m2 == %d, "");
    #endif
    #if NCCL_VERSION_CODE >= 22703
    _Static_assert(NCCL_WIN_COLL_SYMMETRIC == %d && NCCL_SHRINK_ABORT == %d, "");
    #endif
    #ifdef NCCL_API_MAGIC
    _Static_assert(NCCL_API_MAGIC == %du, "");
    #endif
    """
        .formatted(
            NcclResult.IN_PROGRESS.ordinal(),
            NcclResult.REMOTE_ERROR.ordinal(),
            NcclDataType.FLOAT32.code(),
            NcclDataType.UINT64.code(),
            NcclReduceOp.PROD,
            NcclReduceOp.MAX,
            NcclReduceOp.MIN,
            NcclReduceOp.AVG,
            LibNccl.NCCL_CONFIG_UNDEF_INT(),
            LibNccl.NCCL_SPLIT_NOCOLOR(),
            LibNccl.ncclScalarHostImmediate(),
            NcclDataType.BFLOAT16.code(),
            NcclDataType.FLOAT8_E4M3.code(),
            NcclDataType.FLOAT8_E5M2.code(),
            NcclWindow.SYMMETRIC,
            LibNccl.NCCL_SHRINK_ABORT(),
            Integer.toUnsignedLong(LibNccl.NCCL_API_MAGIC()));
  }
}

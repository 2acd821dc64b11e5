package dev.tutti.bindings.hccl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tutti.bindings.CCompiler;
import dev.tutti.bindings.VendorHeaders;
import dev.tutti.bindings.hccl.generated.HcclCommConfigDef;
import dev.tutti.bindings.hccl.generated.HcclConfigValue;
import dev.tutti.bindings.hccl.generated.HcclRootInfoDef;
import dev.tutti.bindings.hccl.generated.HcclSendRecvItemDef;
import dev.tutti.bindings.hccl.generated.LibHccl;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// Compares what jextract made with the binary interface and, where it is installed, with Huawei's
/// header, which is C++.
@EnabledOnOs(OS.LINUX)
final class HcclHeadersTest {
  private static final String INCLUDES = "#include <hccl/hccl.h>\n#include <cstddef>\n";

  @TempDir Path folder;

  @Test
  void shouldLayStructuresOutAsTheAbiSays() {
    assertThat(HcclRootInfoDef.sizeof()).isEqualTo(4108).isEqualTo(HcclRootInfo.BYTES);
    assertThat(HcclSendRecvItemDef.sizeof()).isEqualTo(32);
    assertThat(HcclSendRecvItemDef.buf$offset()).isEqualTo(8);
    assertThat(HcclSendRecvItemDef.count$offset()).isEqualTo(16);
    assertThat(HcclSendRecvItemDef.dataType$offset()).isEqualTo(24);
    assertThat(HcclSendRecvItemDef.remoteRank$offset()).isEqualTo(28);
    assertThat(HcclConfigValue.sizeof()).isEqualTo(4);
    assertThat(HcclCommConfigDef.sizeof()).isEqualTo(2248);
    assertThat(HcclCommConfigDef.magic$offset()).isEqualTo(8);
    assertThat(HcclCommConfigDef.hcclBufferSize$offset()).isEqualTo(24);
    assertThat(HcclCommConfigDef.hcclCommName$offset()).isEqualTo(32);
    assertThat(HcclCommConfigDef.hcclUdi$offset()).isEqualTo(160);
    assertThat(HcclCommConfigDef.hcclOpExpansionMode$offset()).isEqualTo(288);
    assertThat(HcclCommConfigDef.hcclRdmaServiceLevel$offset()).isEqualTo(296);
    assertThat(HcclCommConfigDef.worldRank$offset()).isEqualTo(HcclConfig.SHORT_BYTES);
    assertThat(HcclCommConfigDef.jobId$offset()).isEqualTo(304);
    assertThat(HcclCommConfigDef.aclGraphZeroCopy$offset()).isEqualTo(312);
    assertThat(HcclCommConfigDef.execTimeout$offset()).isEqualTo(316);
    assertThat(HcclCommConfigDef.algorithm$offset()).isEqualTo(320);
    assertThat(HcclCommConfigDef.retryEnable$offset()).isEqualTo(1920);
    assertThat(HcclCommConfigDef.retryParameters$offset()).isEqualTo(1970);
    assertThat(HcclCommConfigDef.bufferName$offset()).isEqualTo(2098);
    assertThat(HcclCommConfigDef.qos$offset()).isEqualTo(2228);
    assertThat(HcclCommConfigDef.channelQueueDepth$offset()).isEqualTo(2240);
  }

  @Test
  void shouldHaveTheValuesOfTheAbi() {
    assertThat(LibHccl.TUTTI_HCCL_CONFIG_MAGIC()).isEqualTo(0xf0f0f0f0);
    assertThat(HcclDataType.BFLOAT16.code()).isEqualTo(LibHccl.HCCL_DATA_TYPE_BFP16());
    assertThat(HcclDataType.UINT32.code()).isEqualTo(LibHccl.HCCL_DATA_TYPE_UINT32());
    assertThat(HcclReduceOp.MIN.code()).isEqualTo(LibHccl.HCCL_REDUCE_MIN());
    assertThat(HcclResult.REMOTE.code()).isEqualTo(LibHccl.HCCL_E_REMOTE());
  }

  @Test
  void shouldDeclareAsTheHeaderDoes() throws Exception {
    String[] options = VendorHeaders.options();
    CCompiler compiler =
        CCompiler.assume(folder, INCLUDES, "hccl/hccl.h (it comes with CANN)", cpp(options));
    Path header = Path.of("src/main/headers/tutti_hccl.h");
    assumeTrue(Files.exists(header), "not run in the folder of the module");
    String demands =
        """
        static_assert(sizeof(HcclRootInfo) == 4108, "");
        static_assert(sizeof(HcclSendRecvItem) == 32, "");
        static_assert(offsetof(HcclSendRecvItem, remoteRank) == 28, "");
        static_assert(offsetof(HcclCommConfig, hcclBufferSize) == 24, "");
        static_assert(offsetof(HcclCommConfig, hcclOpExpansionMode) == 288, "");
        static_assert(HCCL_DATA_TYPE_BFP16 == %d && HCCL_DATA_TYPE_UINT32 == %d, "");
        static_assert(HCCL_REDUCE_MIN == %d && HCCL_E_REMOTE == %d, "");
        """
            .formatted(
                HcclDataType.BFLOAT16.code(),
                HcclDataType.UINT32.code(),
                HcclReduceOp.MIN.code(),
                HcclResult.REMOTE.code());

    assertThat(compiler.complaintsOfCpp(INCLUDES + demands, header)).isEmpty();
  }

  private static String[] cpp(String[] options) {
    String[] all = Arrays.copyOf(options, options.length + 2);
    all[options.length] = "-x";
    all[options.length + 1] = "c++";
    return all;
  }
}

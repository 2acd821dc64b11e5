package dev.tutti.bindings.ucx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tutti.bindings.ucx.generated.ucp_ep_params;
import dev.tutti.bindings.ucx.generated.ucp_err_handler;
import dev.tutti.bindings.ucx.generated.ucp_params;
import dev.tutti.bindings.ucx.generated.ucp_request_param;
import dev.tutti.bindings.ucx.generated.ucp_tag_recv_info;
import dev.tutti.bindings.ucx.generated.ucp_worker_params;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// Compares constants, structures and declarations with UCX's header. Needs a C compiler and UCX's
/// development files (Debian: libucx-dev).
@EnabledOnOs(OS.LINUX)
final class UcxHeadersTest {
  private static final String INCLUDES =
      """
      #include <stddef.h>
      #include <stdio.h>
      #include <ucp/api/ucp.h>
      """;

  @TempDir static Path folder;

  @BeforeAll
  static void needHeader() throws IOException, InterruptedException {
    boolean present;
    try {
      Path probe = Files.writeString(folder.resolve("probe.c"), INCLUDES);
      present = run("cc", "-fsyntax-only", probe.toString()).exitCode() == 0;
    } catch (IOException e) {
      present = false;
    }
    assumeTrue(present, "there is no C compiler cc, or no ucp/api/ucp.h (Debian: libucx-dev)");
  }

  @Test
  void shouldHaveTheValuesOfTheHeader() throws Exception {
    Map<String, Long> ours = new TreeMap<>();
    for (Field field : UcxConstants.class.getDeclaredFields()) {
      if (field.getType() == int.class && !field.getName().startsWith("UCP_API")) {
        ours.put(field.getName(), (long) field.getInt(null));
      }
    }
    ours.put("sizeof(ucs_status_t)", 1L);

    assertThat(compiledValues(ours.keySet().stream().toList())).isEqualTo(ours);
  }

  /// Later versions append fields, so sizes are not compared.
  @Test
  void shouldHaveTheStructuresOfTheHeader() throws Exception {
    Map<String, Long> ours = new TreeMap<>();
    ours.put("offsetof(ucp_params_t, features)", ucp_params.features$offset());
    ours.put("offsetof(ucp_params_t, tag_sender_mask)", ucp_params.tag_sender_mask$offset());
    ours.put("offsetof(ucp_params_t, mt_workers_shared)", ucp_params.mt_workers_shared$offset());
    ours.put("offsetof(ucp_params_t, name)", ucp_params.name$offset());
    ours.put("offsetof(ucp_worker_params_t, thread_mode)", ucp_worker_params.thread_mode$offset());
    ours.put("offsetof(ucp_worker_params_t, events)", ucp_worker_params.events$offset());
    ours.put("offsetof(ucp_worker_params_t, flags)", ucp_worker_params.flags$offset());
    ours.put("offsetof(ucp_worker_params_t, client_id)", ucp_worker_params.client_id$offset());
    ours.put("offsetof(ucp_ep_params_t, address)", ucp_ep_params.address$offset());
    ours.put("offsetof(ucp_ep_params_t, err_mode)", ucp_ep_params.err_mode$offset());
    ours.put("offsetof(ucp_ep_params_t, err_handler)", ucp_ep_params.err_handler$offset());
    ours.put("offsetof(ucp_ep_params_t, flags)", ucp_ep_params.flags$offset());
    ours.put("offsetof(ucp_ep_params_t, name)", ucp_ep_params.name$offset());
    ours.put("offsetof(ucp_ep_params_t, local_sockaddr)", ucp_ep_params.local_sockaddr$offset());
    ours.put("offsetof(ucp_err_handler_t, cb)", ucp_err_handler.cb$offset());
    ours.put("offsetof(ucp_err_handler_t, arg)", ucp_err_handler.arg$offset());
    ours.put("offsetof(ucp_request_param_t, flags)", ucp_request_param.flags$offset());
    ours.put("offsetof(ucp_request_param_t, datatype)", ucp_request_param.datatype$offset());
    ours.put("offsetof(ucp_request_param_t, memory_type)", ucp_request_param.memory_type$offset());
    ours.put("offsetof(ucp_request_param_t, memh)", ucp_request_param.memh$offset());
    ours.put("offsetof(ucp_tag_recv_info_t, length)", ucp_tag_recv_info.length$offset());
    ours.put("sizeof(ucp_tag_recv_info_t)", ucp_tag_recv_info.sizeof());

    assertThat(compiledValues(ours.keySet().stream().toList())).isEqualTo(ours);
  }

  @Test
  void shouldDeclareFunctionsAsTheHeaderDoes() throws Exception {
    Path header = Path.of("src/main/headers/tutti_ucx.h").toAbsolutePath();
    assumeTrue(Files.exists(header), "not run in the folder of the module");
    Path source =
        Files.writeString(
            folder.resolve("declarations.c"),
            INCLUDES + "#define TUTTI_CHECK_AGAINST_SYSTEM\n#include \"" + header + "\"\n");

    Outcome compilation = run("cc", "-std=gnu11", "-fsyntax-only", source.toString());

    assertThat(compilation).isEqualTo(new Outcome(0, ""));
  }

  /// The values that a C program prints for these C expressions.
  private static Map<String, Long> compiledValues(List<String> expressions) throws Exception {
    String body =
        expressions.stream()
            .map("  printf(\"%1$s=%%lld\\n\", (long long)(%1$s));\n"::formatted)
            .collect(Collectors.joining());
    Path source =
        Files.writeString(
            folder.resolve("values.c"),
            INCLUDES + "int main(void) {\n" + body + "  return 0;\n}\n");
    Path program = folder.resolve("values");
    Outcome compilation = run("cc", "-o", program.toString(), source.toString());
    assertThat(compilation).isEqualTo(new Outcome(0, ""));

    Map<String, Long> values = new TreeMap<>();
    run(program.toString())
        .output()
        .lines()
        .map(line -> line.split("=", 2))
        .forEach(pair -> values.put(pair[0], Long.valueOf(pair[1])));
    return values;
  }

  private static Outcome run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Outcome(process.waitFor(), output);
  }

  private record Outcome(int exitCode, String output) {}
}

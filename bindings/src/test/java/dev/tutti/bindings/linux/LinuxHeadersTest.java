package dev.tutti.bindings.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tutti.bindings.linux.generated.iovec;
import dev.tutti.bindings.linux.generated.msghdr;
import dev.tutti.bindings.linux.generated.pollfd;
import dev.tutti.bindings.linux.generated.sockaddr_in;
import dev.tutti.bindings.linux.generated.sockaddr_in6;
import dev.tutti.bindings.linux.generated.timespec;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
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

/// Compares constants, structures and declarations with the system's C headers. Needs a C compiler.
@EnabledOnOs(OS.LINUX)
final class LinuxHeadersTest {

  private static final String INCLUDES =
      """
      #define _GNU_SOURCE
      #include <errno.h>
      #include <fcntl.h>
      #include <linux/futex.h>
      #include <linux/memfd.h>
      #include <netinet/in.h>
      #include <netinet/tcp.h>
      #include <poll.h>
      #include <sched.h>
      #include <linux/sockios.h>
      #include <signal.h>
      #include <stddef.h>
      #include <stdio.h>
      #include <sys/ioctl.h>
      #include <sys/mman.h>
      #include <sys/prctl.h>
      #include <sys/socket.h>
      #include <sys/stat.h>
      #include <sys/syscall.h>
      #include <sys/uio.h>
      #include <time.h>
      #include <unistd.h>
      /* The C library may be older than the kernel headers. */
      #include <linux/mman.h>
      """;

  @TempDir static Path folder;

  @BeforeAll
  static void needCompiler() throws IOException, InterruptedException {
    boolean present;
    try {
      present = run("cc", "--version").exitCode() == 0;
    } catch (IOException e) {
      present = false;
    }
    assumeTrue(present, "there is no C compiler: cc is not on the PATH");
    Path probe = Files.writeString(folder.resolve("probe.c"), INCLUDES);
    assumeTrue(
        run("cc", "-fsyntax-only", probe.toString()).exitCode() == 0,
        "the C library's or the kernel's headers are not installed");
  }

  @Test
  void shouldHaveTheValuesOfTheSystemHeaders() throws Exception {
    Map<String, Long> ours = new TreeMap<>();
    for (Field field : LinuxConstants.class.getDeclaredFields()) {
      if (Modifier.isStatic(field.getModifiers()) && field.getType() == int.class) {
        ours.put(field.getName(), (long) field.getInt(null));
      }
    }
    for (int errno = 1; errno < 200; errno++) {
      if (!Errno.name(errno).equals("E?")) {
        ours.put(Errno.name(errno), (long) errno);
      }
    }
    ours.put("SYS_futex", (long) LinuxAbi.require().futexSystemCall());

    assertThat(compiledValues(ours.keySet().stream().toList())).isEqualTo(ours);
  }

  @Test
  void shouldHaveTheStructuresOfTheSystemHeaders() throws Exception {
    Map<String, Long> ours = new TreeMap<>();
    ours.put("sizeof(struct iovec)", iovec.sizeof());
    ours.put("offsetof(struct iovec, iov_base)", iovec.iov_base$offset());
    ours.put("offsetof(struct iovec, iov_len)", iovec.iov_len$offset());
    ours.put("sizeof(struct msghdr)", msghdr.sizeof());
    ours.put("offsetof(struct msghdr, msg_iov)", msghdr.msg_iov$offset());
    ours.put("offsetof(struct msghdr, msg_iovlen)", msghdr.msg_iovlen$offset());
    ours.put("sizeof(struct pollfd)", pollfd.sizeof());
    ours.put("offsetof(struct pollfd, events)", pollfd.events$offset());
    ours.put("offsetof(struct pollfd, revents)", pollfd.revents$offset());
    ours.put("sizeof(struct sockaddr_in)", sockaddr_in.sizeof());
    ours.put("offsetof(struct sockaddr_in, sin_addr)", sockaddr_in.sin_addr$offset());
    ours.put("sizeof(struct sockaddr_in6)", sockaddr_in6.sizeof());
    ours.put("offsetof(struct sockaddr_in6, sin6_addr)", sockaddr_in6.sin6_addr$offset());
    ours.put("offsetof(struct sockaddr_in6, sin6_scope_id)", sockaddr_in6.sin6_scope_id$offset());
    ours.put("sizeof(struct timespec)", timespec.sizeof());
    ours.put("offsetof(struct timespec, tv_sec)", timespec.tv_sec$offset());
    ours.put("offsetof(struct timespec, tv_nsec)", timespec.tv_nsec$offset());

    assertThat(compiledValues(ours.keySet().stream().toList())).isEqualTo(ours);
  }

  @Test
  void shouldDeclareFunctionsAsTheSystemHeadersDo() throws Exception {
    Path header = Path.of("src/main/headers/tutti_linux.h").toAbsolutePath();
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
            .map("  printf(\"%1$s=%%lld\\n\", (long long)(long)(%1$s));\n"::formatted)
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

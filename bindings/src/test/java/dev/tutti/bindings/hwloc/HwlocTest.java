package dev.tutti.bindings.hwloc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tutti.bindings.CCompiler;
import dev.tutti.bindings.LibraryNotFoundException;
import dev.tutti.bindings.hwloc.generated.LibHwloc;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(OS.LINUX)
final class HwlocTest {
  private static final String INCLUDES = "#include <hwloc.h>\n";

  @TempDir Path folder;

  @AfterEach
  void forgetProperty() {
    System.clearProperty(Hwloc.PROPERTY);
  }

  @Test
  void shouldDescribeThisMachine() {
    Hwloc hwloc = assumeHwloc();

    String xml = hwloc.describe();

    assertThat(hwloc.apiVersion()).startsWith("2.");
    assertThat(xml)
        .startsWith("<?xml")
        .contains("<object type=\"Machine\"")
        .contains("type=\"NUMANode\"")
        .endsWith("</topology>\n");
  }

  private static Hwloc assumeHwloc() {
    try {
      return Hwloc.load();
    } catch (LibraryNotFoundException e) {
      assumeTrue(false, e.getMessage());
      throw e;
    }
  }

  @Test
  void shouldListThePlacesSearchedWhenItIsNotThere() {
    System.setProperty(Hwloc.PROPERTY, "/no/such/libhwloc.so");

    assertThatThrownBy(Hwloc::load)
        .isInstanceOf(LibraryNotFoundException.class)
        .hasMessage(
            "hwloc cannot be used: /no/such/libhwloc.so: no such file; install hwloc 2 (Debian:"
                + " libhwloc15), or name the library in -Dtutti.hwloc.library");
  }

  @Test
  void shouldNotBeUsedWhenThePropertyForbidsIt() {
    System.setProperty(Hwloc.PROPERTY, "none");

    assertThatThrownBy(Hwloc::load)
        .isInstanceOf(LibraryNotFoundException.class)
        .hasMessageContaining("-Dtutti.hwloc.library=none forbids it");
  }

  @Test
  void shouldRefuseALibraryThatLacksFunctions() {
    System.setProperty(Hwloc.PROPERTY, "libc.so.6");

    assertThatThrownBy(Hwloc::load).hasMessageContaining("too old, has no hwloc_get_api_version");
  }

  @Test
  void shouldRefuseAnotherMajorVersion() throws Exception {
    CCompiler compiler = CCompiler.assume(folder, "#include <stdio.h>\n", "C library");
    String others =
        """
        void hwloc_topology_init(void) {}
        void hwloc_topology_set_flags(void) {}
        void hwloc_topology_set_io_types_filter(void) {}
        void hwloc_topology_load(void) {}
        void hwloc_topology_export_xmlbuffer(void) {}
        void hwloc_free_xmlbuffer(void) {}
        void hwloc_topology_destroy(void) {}
        """;
    Path library =
        compiler.library(
            "hwloc3", "unsigned hwloc_get_api_version(void) { return 0x30100; }\n" + others);
    System.setProperty(Hwloc.PROPERTY, library.toString());

    assertThatThrownBy(Hwloc::load)
        .isInstanceOf(LibraryNotFoundException.class)
        .hasMessageContaining("libhwloc3.so: is version 3.1, but 2 is needed");
  }

  @Test
  void shouldDeclareFunctionsAsTheHeaderDoes() throws Exception {
    CCompiler compiler = CCompiler.assume(folder, INCLUDES, "hwloc.h (Debian: libhwloc-dev)");
    Path header = Path.of("src/main/headers/tutti_hwloc.h");
    assumeTrue(Files.exists(header), "not run in the folder of the module");

    assertThat(compiler.complaints(INCLUDES, header)).isEmpty();
  }

  @Test
  void shouldHaveTheValuesOfTheHeader() throws Exception {
    CCompiler compiler = CCompiler.assume(folder, INCLUDES, "hwloc.h (Debian: libhwloc-dev)");

    String values =
        compiler.output(
            "values",
            INCLUDES
                + """
                #include <stdio.h>
                int main(void) {
                  printf("%d %d %d", HWLOC_TYPE_FILTER_KEEP_IMPORTANT,
                         (int)HWLOC_TOPOLOGY_FLAG_INCLUDE_DISALLOWED,
                         (int)HWLOC_TOPOLOGY_COMPONENTS_FLAG_BLACKLIST);
                  return 0;
                }
                """);

    assertThat(values)
        .isEqualTo(
            LibHwloc.HWLOC_TYPE_FILTER_KEEP_IMPORTANT()
                + " "
                + LibHwloc.HWLOC_TOPOLOGY_FLAG_INCLUDE_DISALLOWED()
                + " "
                + LibHwloc.HWLOC_TOPOLOGY_COMPONENTS_FLAG_BLACKLIST());
  }
}

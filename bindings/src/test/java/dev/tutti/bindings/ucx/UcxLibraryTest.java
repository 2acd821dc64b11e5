package dev.tutti.bindings.ucx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.bindings.LibraryNotFoundException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
final class UcxLibraryTest {
  @Test
  void shouldListEveryPlaceWhenTheLibraryIsAbsent() {
    assertThatThrownBy(
            () -> UcxLibrary.find(List.of("libno-such-ucp.so.0", "/no/such/libucp.so.0")))
        .isInstanceOfSatisfying(
            LibraryNotFoundException.class,
            e -> {
              assertThat(e.searched()).hasSize(2);
              assertThat(e.searched().get(0))
                  .startsWith("libno-such-ucp.so.0 as the dynamic linker finds it: ");
              assertThat(e.searched().get(1)).isEqualTo("/no/such/libucp.so.0: no such file");
            })
        .hasMessageStartingWith("UCX cannot be used: ")
        .hasMessageEndingWith("or name the library in TUTTI_UCX_LIBRARY or -Dtutti.ucxLibrary");
  }

  @Test
  void shouldRefuseALibraryThatLacksFunctions() {
    assertThatThrownBy(() -> UcxLibrary.find(List.of("libc.so.6")))
        .hasMessageContaining("libc.so.6: too old, has no ucp_tag_msg_recv_nbx");
  }

  @Test
  void shouldLookInTheUsualFoldersToo() {
    assertThat(UcxLibrary.places())
        .startsWith("libucp.so.0")
        .contains("/usr/lib64/libucp.so.0", "/opt/mellanox/ucx/lib/libucp.so.0");
  }
}

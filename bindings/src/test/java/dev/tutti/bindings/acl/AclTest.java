package dev.tutti.bindings.acl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tutti.bindings.CCompiler;
import dev.tutti.bindings.LibraryNotFoundException;
import dev.tutti.bindings.NativeCallException;
import dev.tutti.bindings.acl.AclReport.Device;
import dev.tutti.bindings.acl.AclReport.Pair;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// Runs against a library that acts as ACL, because few machines that build have NPUs.
@EnabledOnOs(OS.LINUX)
final class AclTest {
  private static final String INCLUDES = "#include <acl/acl.h>\n";
  private static final Path FAKE = Path.of("src/test/native/fake_acl.c");

  @TempDir Path folder;

  @AfterEach
  void forgetProperty() {
    System.clearProperty(Acl.PROPERTY);
  }

  private void useFake(String... options) throws Exception {
    assumeTrue(Files.exists(FAKE), "not run in the folder of the module");
    CCompiler compiler = CCompiler.assume(folder, "#include <stdio.h>\n", "C library");
    Path library = compiler.library("fake-acl", Files.readString(FAKE), options);
    System.setProperty(Acl.PROPERTY, library.toString());
  }

  @Test
  void shouldReadDevicesAndHowTheyAreJoined() throws Exception {
    useFake();

    AclReport report = Acl.read();

    assertThat(report.socName()).isEqualTo("Ascend910_9392");
    assertThat(report.problems()).isEmpty();
    assertThat(report.devices())
        .hasSize(4)
        .contains(new Device(0, "0000:c4:00.0"), new Device(3, "0000:c1:00.0"));
    assertThat(report.pairs())
        .hasSize(6)
        .contains(new Pair(0, 1, Pair.SIO), new Pair(0, 2, Pair.HCCS_SWITCH));
  }

  @Test
  void shouldReadAgainWhenItIsInitialised() throws Exception {
    useFake();

    assertThat(Acl.read()).isEqualTo(Acl.read());
  }

  @Test
  void shouldSayWhatAnOldVersionDoesNotTell() throws Exception {
    useFake("-DFAKE_OLD");

    AclReport report = Acl.read();

    assertThat(report.devices()).hasSize(4).contains(new Device(0, null));
    assertThat(report.pairs()).isEmpty();
    assertThat(report.problems())
        .containsExactly("this version does not tell how devices are joined (aclrtGetDevicesTopo)");
  }

  @Test
  void shouldSayWhyItCannotStart() throws Exception {
    useFake("-DFAKE_NO_DRIVER");

    assertThatThrownBy(Acl::read)
        .isInstanceOf(NativeCallException.class)
        .hasMessage("aclInit() failed: ACL error (507899)");
  }

  @Test
  void shouldListThePlacesSearchedWhenItIsNotThere() {
    System.setProperty(Acl.PROPERTY, "/no/such/libascendcl.so");

    assertThatThrownBy(Acl::read)
        .isInstanceOf(LibraryNotFoundException.class)
        .hasMessageStartingWith("ACL cannot be used: /no/such/libascendcl.so: no such file;");
  }

  @Test
  void shouldDeclareAsTheHeaderDoes() throws Exception {
    CCompiler compiler = CCompiler.assume(folder, INCLUDES, "acl/acl.h (it comes with CANN)");
    Path header = Path.of("src/main/headers/tutti_acl.h");
    assumeTrue(Files.exists(header), "not run in the folder of the module");

    assertThat(compiler.complaints(INCLUDES, header)).isEmpty();
  }
}

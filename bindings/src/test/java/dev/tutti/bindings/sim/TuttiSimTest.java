package dev.tutti.bindings.sim;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/// Runs the C program that tests the library, with its threads and processes, and the helper.
@EnabledOnOs(OS.LINUX)
final class TuttiSimTest {
  private static final Pattern DECLARED = Pattern.compile("TUTTI_FUNCTION\\([^,]+, (\\w+),");

  /// Late functions of HCCL that nothing here calls.
  private static final Pattern LEFT_OUT =
      Pattern.compile(
          "name|HcclRankGraph\\w+|Hccl\\w*SymWin\\w+|HcclCommWorkingDevNicSet|HcclGetHeterogMode"
              + "|HcclConfigGetInfo");

  private static int device(Path library, String function, MemorySegment target) throws Throwable {
    MemorySegment address =
        SymbolLookup.libraryLookup(library, Arena.global()).findOrThrow(function);
    return (int)
        Linker.nativeLinker()
            .downcallHandle(address, FunctionDescriptor.of(JAVA_INT, ADDRESS))
            .invokeExact(target);
  }

  @Test
  void shouldPassItsOwnTests() {
    String program = TuttiSim.selfTest().toString();

    TuttiSim.Outcome outcome = TuttiSim.run(List.of("timeout", "60", program));

    assertThat(outcome.output()).contains("processes ", "hccl ").contains("21 tests passed");
    assertThat(outcome.exitCode()).isZero();
  }

  @Test
  void shouldHaveTheFunctionsThatTheInterfaceHeadersDeclare() throws Exception {
    SymbolLookup symbols = SymbolLookup.libraryLookup(TuttiSim.library(), Arena.global());

    for (String header : List.of("nccl", "cuda", "hccl", "acl")) {
      String text = Files.readString(Path.of("src/main/headers/tutti_" + header + ".h"));
      Stream<String> missing =
          DECLARED
              .matcher(text)
              .results()
              .map(match -> match.group(1))
              .filter(name -> !LEFT_OUT.matcher(name).matches())
              .filter(name -> symbols.find(name).isEmpty());
      assertThat(missing).as(header).isEmpty();
    }
  }

  @Test
  void shouldHideWhatIsItsOwn() {
    SymbolLookup symbols = SymbolLookup.libraryLookup(TuttiSim.library(), Arena.global());

    assertThat(symbols.find("sim_join")).isEmpty();
    assertThat(symbols.find("tutti_sim_set")).isPresent();
  }

  @Test
  void shouldBeBuiltOnce() throws Exception {
    Path library = TuttiSim.library();
    var made = Files.getLastModifiedTime(library);

    assertThat(TuttiSim.library()).isEqualTo(library);
    assertThat(Files.getLastModifiedTime(library)).isEqualTo(made);
  }

  @Test
  void shouldSetSwitchesOfThisProcess() throws Throwable {
    Path library = TuttiSim.library();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment count = arena.allocate(JAVA_INT);

      TuttiSim.set(library, "TUTTI_SIM_DEVICES", "7");
      assertThat(device(library, "cudaGetDeviceCount", count)).isZero();
      assertThat(count.get(JAVA_INT, 0)).isEqualTo(7);

      TuttiSim.set(library, "TUTTI_SIM_FAIL", "cudaGetDeviceCount:1:100");
      assertThat(device(library, "cudaGetDeviceCount", count)).isEqualTo(100);
    } finally {
      TuttiSim.set(library, "TUTTI_SIM_DEVICES", null);
      TuttiSim.set(library, "TUTTI_SIM_FAIL", null);
    }
  }

  @Test
  void shouldRefuseSwitchesThatItCannotHave() {
    Path library = TuttiSim.library();

    assertThatThrownBy(() -> TuttiSim.set(library, "NCCL_DEBUG", "INFO"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("libtutti_sim has no switch NCCL_DEBUG");
  }
}

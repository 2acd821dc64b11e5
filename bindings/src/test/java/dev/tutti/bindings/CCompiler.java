package dev.tutti.bindings;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// The C compiler `cc`, for tests that compare declarations with a vendor's headers or make a
/// library that acts as the vendor's.
public final class CCompiler {
  private static final Pattern CALL =
      Pattern.compile("^typedef .*\\(\\*((\\w+)_call)\\)", Pattern.MULTILINE);

  private final Path folder;
  private final List<String> common;

  private CCompiler(Path folder, List<String> common) {
    this.folder = folder;
    this.common = common;
  }

  /// Returns the compiler; skips the test if it is not there or cannot compile some lines.
  ///
  /// @param folder where to put files
  /// @param lines C, such as the inclusion of the vendor's header
  /// @param missing what is not installed if these do not compile
  /// @param options for every compilation, such as `-I/folder`
  public static CCompiler assume(Path folder, String lines, String missing, String... options)
      throws IOException, InterruptedException {
    CCompiler compiler = new CCompiler(folder, List.of(options));
    boolean present;
    try {
      present = compiler.run("probe", lines, "-fsyntax-only").exitCode() == 0;
    } catch (IOException e) {
      present = false;
    }
    assumeTrue(present, "there is no C compiler cc, or no " + missing);
    return compiler;
  }

  /// Makes a shared library.
  ///
  /// @param options such as `-DNAME`
  public Path library(String name, String source, String... options)
      throws IOException, InterruptedException {
    Path library = folder.resolve("lib" + name + ".so");
    List<String> all = new ArrayList<>(List.of("-shared", "-fPIC", "-Isrc/main/headers"));
    all.addAll(List.of(options));
    all.addAll(List.of("-o", library.toString()));
    Outcome outcome = run(name, source, all.toArray(String[]::new));
    if (outcome.exitCode() != 0) {
      throw new IllegalStateException("cc cannot compile " + name + ".c: " + outcome.output());
    }
    return library;
  }

  /// Compiles one of our interface headers behind the vendor's.
  ///
  /// @param includes inclusion of the vendor's header
  /// @param header ours
  /// @return what the compiler complains of: declarations that differ, pointer types of calls that
  ///   do not fit their functions
  public String complaints(String includes, Path header) throws IOException, InterruptedException {
    String calls =
        CALL.matcher(Files.readString(header))
            .results()
            .map(call ->
                "%s check_%s = %s;%n".formatted(call.group(1), call.group(2), call.group(2)))
            .collect(Collectors.joining());
    String source =
        includes
            + "#define TUTTI_CHECK_AGAINST_SYSTEM\n#include \""
            + header.toAbsolutePath()
            + "\"\n"
            + calls;
    return run("declarations", source, "-std=gnu11", "-Wall", "-Werror", "-fsyntax-only").output();
  }

  /// Compiles one of our interface headers behind the vendor's, which is C++.
  ///
  /// @param includes inclusion of the vendor's header
  /// @param header ours
  /// @return what the compiler complains of
  public String complaintsOfCpp(String includes, Path header)
      throws IOException, InterruptedException {
    String source =
        includes
            + "#define TUTTI_CHECK_AGAINST_SYSTEM\n#include \""
            + header.toAbsolutePath()
            + "\"\n";
    return run("declarations", source, "-x", "c++", "-fsyntax-only").output();
  }

  /// Returns what a program prints.
  public String output(String name, String source) throws IOException, InterruptedException {
    Path program = folder.resolve(name);
    Outcome outcome = run(name, source, "-o", program.toString());
    if (outcome.exitCode() != 0) {
      throw new IllegalStateException("cc cannot compile " + name + ".c: " + outcome.output());
    }
    return execute(List.of(program.toString())).output();
  }

  private Outcome run(String name, String source, String... options)
      throws IOException, InterruptedException {
    Path file = Files.writeString(folder.resolve(name + ".c"), source);
    List<String> command = new ArrayList<>(List.of("cc"));
    command.addAll(common);
    command.addAll(List.of(options));
    command.add(file.toString());
    return execute(command);
  }

  private static Outcome execute(List<String> command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Outcome(process.waitFor(), output);
  }

  private record Outcome(int exitCode, String output) {}
}

import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import com.google.googlejavaformat.java.ImportOrderer;
import com.google.googlejavaformat.java.JavaFormatterOptions.Style;
import com.google.googlejavaformat.java.RemoveUnusedImports;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// Checks or applies google-java-format to all sources of the build in one JVM.
///
/// Usage: `FormatSources check|apply <root> <formatted> <unformatted>`. The file `formatted` keeps
/// size and time of each source that was found clean, so an unchanged one is not parsed again. The
/// file `unformatted` names the sources that are not; it exists only when there are any, and the
/// build then stops on it.
final class FormatSources {
  private static final Set<String> SKIPPED_FOLDERS = Set.of("target", "generated", "docs");

  private FormatSources() {}

  public static void main(String[] args) throws IOException {
    boolean apply = args[0].equals("apply");
    Path root = Path.of(args[1]).toRealPath();
    Path formattedList = Path.of(args[2]);
    Path unformattedList = Path.of(args[3]);

    Map<String, String> known = readStamps(formattedList);
    Map<String, String> clean = new TreeMap<>();
    List<String> complaints = new ArrayList<>();
    for (Path file : sources(root)) {
      String name = root.relativize(file).toString();
      if (stamp(file).equals(known.get(name))) {
        clean.put(name, known.get(name));
        continue;
      }
      String complaint = format(file, apply);
      if (complaint == null) {
        clean.put(name, stamp(file));
      } else {
        complaints.add(name + ": " + complaint);
      }
    }

    Files.createDirectories(formattedList.getParent());
    if (!clean.equals(known)) {
      writeStamps(formattedList, clean);
    }
    Files.deleteIfExists(unformattedList);
    if (!complaints.isEmpty()) {
      Files.write(unformattedList, complaints);
      complaints.forEach(complaint -> System.err.println("[ERROR] " + complaint));
    }
  }

  /// Returns what is wrong with the file, or null where it is in form (now).
  private static String format(Path file, boolean apply) throws IOException {
    String source = Files.readString(file);
    String formatted;
    try {
      // The order of google-java-format's own command line.
      formatted = RemoveUnusedImports.removeUnusedImports(source);
      formatted = ImportOrderer.reorderImports(formatted, Style.GOOGLE);
      formatted = new Formatter().formatSource(formatted);
    } catch (FormatterException e) {
      return "does not parse: " + e.getMessage();
    }
    if (formatted.equals(source)) {
      return null;
    }
    if (!apply) {
      return "not formatted";
    }
    Files.writeString(file, formatted);
    System.out.println("formatted " + file);
    return null;
  }

  private static List<Path> sources(Path root) throws IOException {
    List<Path> files = new ArrayList<>();
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            String name = folder.getFileName().toString();
            boolean skip = !folder.equals(root) && name.startsWith(".");
            return skip || SKIPPED_FOLDERS.contains(name)
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (file.toString().endsWith(".java")) {
              files.add(file);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    files.sort(null);
    return files;
  }

  private static String stamp(Path file) throws IOException {
    return Files.size(file) + " " + Files.getLastModifiedTime(file).toMillis();
  }

  private static Map<String, String> readStamps(Path file) throws IOException {
    Map<String, String> known = new HashMap<>();
    if (Files.exists(file)) {
      for (String line : Files.readAllLines(file)) {
        int tab = line.indexOf('\t');
        if (tab > 0) {
          known.put(line.substring(tab + 1), line.substring(0, tab));
        }
      }
    }
    return known;
  }

  private static void writeStamps(Path file, Map<String, String> clean) throws IOException {
    List<String> lines = new ArrayList<>();
    clean.forEach((name, stamp) -> lines.add(stamp + "\t" + name));
    Files.write(file, lines);
  }
}

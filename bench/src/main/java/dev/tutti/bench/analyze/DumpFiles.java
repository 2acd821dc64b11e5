package dev.tutti.bench.analyze;

import dev.tutti.bench.analyze.AnalysisReport.Problem;
import dev.tutti.collectives.record.Dump;
import dev.tutti.collectives.record.DumpFile;
import dev.tutti.collectives.record.RecordFormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// Reads dumps from files and folders; what cannot be read becomes a problem.
///
/// @param dumps what could be read
/// @param problems what could not
public record DumpFiles(List<Dump> dumps, List<Problem> problems) {
  /// Reads all.
  ///
  /// @param paths files, and folders whose files `*.json` are meant
  public static DumpFiles read(List<Path> paths) {
    DumpFiles files = new DumpFiles(new ArrayList<>(), new ArrayList<>());
    for (Path path : paths) {
      if (Files.isDirectory(path)) {
        files.readFolder(path);
      } else {
        files.readFile(path);
      }
    }
    return files;
  }

  private void readFolder(Path folder) {
    List<Path> found;
    try (Stream<Path> stream = Files.list(folder)) {
      found = stream.filter(file -> file.toString().endsWith(".json")).sorted().toList();
    } catch (IOException e) {
      problems.add(new Problem(folder.toString(), "cannot be listed: " + e));
      return;
    }
    if (found.isEmpty()) {
      problems.add(new Problem(folder.toString(), "holds no file *.json, expected dumps"));
    }
    found.forEach(this::readFile);
  }

  private void readFile(Path file) {
    try {
      dumps.add(DumpFile.read(file));
    } catch (NoSuchFileException _) {
      problems.add(new Problem(file.toString(), "does not exist, expected a dump or a folder"));
    } catch (IOException e) {
      problems.add(new Problem(file.toString(), "cannot be read: " + e));
    } catch (RecordFormatException e) {
      problems.add(new Problem(file.toString(), e.text()));
    }
  }
}

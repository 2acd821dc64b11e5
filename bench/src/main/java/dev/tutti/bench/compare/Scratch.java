package dev.tutti.bench.compare;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/// The temporary folder of one launch. It is removed when it is closed, and when this process is
/// told to end.
final class Scratch implements AutoCloseable {
  private static final int ATTEMPTS = 20;
  private static final long PAUSE_NANOS = 20_000_000;

  private final Path folder;
  private final Thread hook = new Thread(this::deleteQuietly, "tutti-compare-shutdown");

  private Scratch(Path folder) {
    this.folder = folder;
  }

  /// Makes a folder with an empty folder `control` in it.
  static Scratch create() throws IOException {
    Scratch scratch = new Scratch(Files.createTempDirectory("tutti-compare"));
    Files.createDirectory(scratch.folder.resolve("control"));
    Runtime.getRuntime().addShutdownHook(scratch.hook);
    return scratch;
  }

  Path folder() {
    return folder;
  }

  @Override
  public void close() throws IOException {
    try {
      delete();
    } finally {
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException _) {
        // The JVM is going down: the hook runs or has run.
      }
    }
  }

  private void deleteQuietly() {
    try {
      delete();
    } catch (IOException _) {
      // Nobody is left who could do something about it.
    }
  }

  /// Ranks that are being ended may write a file between two deletions.
  private void delete() throws IOException {
    for (int attempt = 1; Files.exists(folder); attempt++) {
      try {
        deleteOnce();
      } catch (IOException e) {
        if (attempt == ATTEMPTS) {
          throw e;
        }
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
  }

  private void deleteOnce() throws IOException {
    List<Path> files;
    try (Stream<Path> walk = Files.walk(folder)) {
      files = walk.sorted(Comparator.reverseOrder()).toList();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    } catch (NoSuchFileException _) {
      return; // the other thread was faster
    }
    for (Path file : files) {
      Files.deleteIfExists(file);
    }
  }
}

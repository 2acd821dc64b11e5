package dev.tutti.bench.doctor;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Special files through which a driver is used, and whether this user may.
///
/// @param pattern folder and pattern of their names
/// @param usable those that can be read and written
/// @param refused the others
record DeviceFiles(String pattern, List<Path> usable, List<Path> refused) {
  static DeviceFiles find(String folder, String glob) {
    List<Path> usable = new ArrayList<>();
    List<Path> refused = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(Path.of(folder), glob)) {
      for (Path file : files) {
        boolean isUsable = Files.isReadable(file) && Files.isWritable(file);
        (isUsable ? usable : refused).add(file);
      }
    } catch (IOException | DirectoryIteratorException _) {
      // No such folder, no such device.
    }
    return new DeviceFiles(folder + "/" + glob, usable, refused);
  }

  boolean areUsable() {
    return !usable.isEmpty() && refused.isEmpty();
  }

  boolean areThere() {
    return !usable.isEmpty() || !refused.isEmpty();
  }

  String describe() {
    if (!areThere()) {
      return "no " + pattern;
    }
    return refused.isEmpty()
        ? usable.size() + " of " + pattern
        : "not readable and writable: " + refused;
  }
}

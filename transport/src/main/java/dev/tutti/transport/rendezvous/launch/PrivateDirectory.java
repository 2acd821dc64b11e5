package dev.tutti.transport.rendezvous.launch;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// The directory of this user and host where jobs meet that have no other place: nobody else may
/// enter it.
///
/// `$XDG_RUNTIME_DIR/tutti` where that is a directory of this user alone, otherwise `tutti-<user
/// number>` in the directory for temporary files. Rank 0 makes it and removes it when it is empty.
public final class PrivateDirectory {
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rwx------");
  private static final Path SELF = Path.of("/proc/self");
  private static final int READABLE_CHARACTERS = 60;
  private static final int DIGEST_BYTES = 8;

  private PrivateDirectory() {}

  /// Returns where it is for processes of this environment; it need not exist.
  ///
  /// @throws IOException if this host does not say who the user is
  public static Path of(Map<String, String> environment) throws IOException {
    String runtime = environment.getOrDefault("XDG_RUNTIME_DIR", "");
    if (runtime.startsWith("/") && isPrivate(Path.of(runtime))) {
      return Path.of(runtime).resolve("tutti");
    }
    Path temporary = Path.of(System.getProperty("java.io.tmpdir", "/tmp"));
    return temporary.resolve("tutti-" + Files.getAttribute(SELF, "unix:uid"));
  }

  /// Makes the directory if it is missing, and checks that it is this user's alone.
  ///
  /// @throws IOException if it is not; names what is wrong
  public static void prepare(Path directory) throws IOException {
    try {
      Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
    } catch (FileAlreadyExistsException _) {
      // checked below, as somebody else may have made it
    }
    if (!isPrivate(directory)) {
      throw new IOException(
          directory
              + " must be a directory that belongs to this user and has mode 700, because the ranks"
              + " of this host meet there; remove it, or set TUTTI_RENDEZVOUS");
    }
  }

  /// Tells whether `path` is a directory, not a link, that only this user may enter.
  static boolean isPrivate(Path path) {
    try {
      PosixFileAttributes attributes =
          Files.readAttributes(path, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      return attributes.isDirectory()
          && attributes.owner().equals(Files.getOwner(SELF))
          && attributes.permissions().equals(OWNER_ONLY);
    } catch (IOException | UnsupportedOperationException _) {
      return false;
    }
  }

  /// Tells whether `file` is a plain file of this user that nobody else may read or write.
  public static boolean isPrivateFile(Path file) {
    try {
      PosixFileAttributes attributes =
          Files.readAttributes(file, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      Set<PosixFilePermission> others = EnumSet.copyOf(attributes.permissions());
      others.removeAll(OWNER_ONLY);
      return attributes.isRegularFile()
          && attributes.owner().equals(Files.getOwner(SELF))
          && others.isEmpty();
    } catch (IOException | UnsupportedOperationException | IllegalArgumentException _) {
      return false;
    }
  }

  /// Returns `file:///directory?job=name` for the job that `parts` identify.
  static URI meetingPoint(Variables variables, String launcher, String... parts) {
    try {
      return URI.create(of(variables.values()).toUri() + "?job=" + job(launcher, parts));
    } catch (IOException | UnsupportedOperationException e) {
      throw new IllegalArgumentException(
          variables
              .nowhere(
                  "this system has no private directory to meet in (" + e + ")",
                  "tcp://127.0.0.1:29600")
              .getMessage(),
          e);
    }
  }

  /// Returns a name of letters, digits, dots and dashes: readable, and unique by its digest.
  static String job(String launcher, String... parts) {
    String raw = String.join("\n", parts);
    String readable = String.join("-", parts).replaceAll("[^A-Za-z0-9.]+", "-");
    if (readable.length() > READABLE_CHARACTERS) {
      readable = readable.substring(0, READABLE_CHARACTERS);
    }
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(raw.getBytes(StandardCharsets.UTF_8));
      String hex = HexFormat.of().formatHex(digest, 0, DIGEST_BYTES);
      return String.format(Locale.ROOT, "%s-%s-%s", launcher, readable, hex);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this Java lacks SHA-256", e);
    }
  }
}

package dev.tutti.topology.draw;

import dev.tutti.topology.format.XmlText;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;

/// A page in one file that asks no network: template, style, data and scripts in one.
///
/// The template has the marks `@LIBRARY_HASH@` and `@SCRIPT_HASH@` in its content security policy,
/// by which the page forbids itself all scripts but these two, and then, in this order, `@STYLE@`,
/// `@TITLE@`, `@DATA@`, `@LIBRARY@` and `@SCRIPT@`; style and title may also change places.
public final class InlinePage {
  private static final List<String> FILLED_LAST =
      List.of("@TITLE@", "@DATA@", "@LIBRARY@", "@SCRIPT@");

  private InlinePage() {}

  /// Puts a page together.
  ///
  /// @param template the page with its marks
  /// @param style the text of its style element
  /// @param title its title; may be any text
  /// @param json its data, for a script element that is not run
  /// @param library a library in JavaScript
  /// @param script what the page does with it
  /// @return the page
  public static String fill(
      String template, String style, String title, String json, String library, String script) {
    String page =
        template
            .replace("@LIBRARY_HASH@", hash(library))
            .replace("@SCRIPT_HASH@", hash(script))
            .replace("@STYLE@", style);
    // One after the other: what is filled in must not be searched for marks again.
    StringBuilder filled = new StringBuilder(page.length() + json.length() + library.length());
    int from = 0;
    for (String mark : FILLED_LAST) {
      int at = page.indexOf(mark, from);
      if (at < 0) {
        throw new IllegalStateException("the template lacks " + mark);
      }
      filled.append(page, from, at);
      filled.append(
          switch (mark) {
            case "@TITLE@" -> escaped(title);
            case "@DATA@" -> harmless(json);
            case "@LIBRARY@" -> library;
            default -> script;
          });
      from = at + mark.length();
    }
    return filled.append(page, from, page.length()).toString();
  }

  /// Reads a file of a WebJar. It is in another jar, so it is found through the class loader only.
  ///
  /// @param name its name from `META-INF/resources/webjars/` on
  /// @param artifact what has it, for the message
  /// @throws IOException if it is not on the class path
  public static String webJar(String name, String artifact) throws IOException {
    String path = "META-INF/resources/webjars/" + name;
    try (InputStream in = InlinePage.class.getClassLoader().getResourceAsStream(path)) {
      if (in == null) {
        throw new IOException(
            "cannot write a page: " + path + " is not on the class path; it is in " + artifact);
      }
      return text(in);
    }
  }

  /// Reads all of a text with lines that end as in Unix.
  ///
  /// @throws IOException if the stream fails
  public static String text(InputStream in) throws IOException {
    return new String(in.readAllBytes(), StandardCharsets.UTF_8).replace("\r\n", "\n");
  }

  /// Returns JSON that may stand in a script element: it has no `<` and no line separators.
  private static String harmless(String json) {
    return json.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029");
  }

  private static String escaped(String text) {
    return XmlText.clean(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  /// Returns what a content security policy calls a script by.
  private static String hash(String script) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(script.getBytes(StandardCharsets.UTF_8));
      return "sha256-" + Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}

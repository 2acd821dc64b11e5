package dev.tutti.bindings.library;

import dev.tutti.bindings.LibraryNotFoundException;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Where to look for a library, and what it must have.
///
/// Nothing is loaded into the class loader, so several libraries of one interface can be used side
/// by side: the vendor's, and one that a test made.
///
/// @param library what people call it
/// @param property system property that names a file or library to be taken instead; [#NONE] for
///   none at all
/// @param variable environment variable that does so where the property is not set; empty for none
/// @param names names for the dynamic linker, best first
/// @param folders folders that the dynamic linker may not know
/// @param required functions without which the library is of no use
/// @param remedy what to do if it is not there
public record LibrarySearch(
    String library,
    String property,
    String variable,
    List<String> names,
    List<String> folders,
    List<String> required,
    String remedy) {

  /// Value of the property that keeps the library from being used.
  public static final String NONE = "none";

  private static final Map<String, SymbolLookup> LOADED = new ConcurrentHashMap<>();

  /// Copies.
  public LibrarySearch {
    names = List.copyOf(names);
    folders = List.copyOf(folders);
    required = List.copyOf(required);
  }

  /// Makes a search that no environment variable overrides.
  public LibrarySearch(
      String library,
      String property,
      List<String> names,
      List<String> folders,
      List<String> required,
      String remedy) {
    this(library, property, "", names, folders, required, remedy);
  }

  /// Loads the first library that has what is required.
  ///
  /// @throws LibraryNotFoundException if there is none; lists the places searched
  public NativeLibrary open() {
    String named = System.getProperty(property, "");
    String ofVariable = variable.isEmpty() ? null : System.getenv(variable);
    String wanted = named.isEmpty() && ofVariable != null ? ofVariable : named;
    if (wanted.equals(NONE)) {
      String by = named.isEmpty() ? variable : "-D" + property;
      throw notFound(List.of(by + "=" + NONE + " forbids it"), List.of());
    }
    List<String> searched = new ArrayList<>();
    List<String> unusable = new ArrayList<>();
    for (String place : wanted.isEmpty() ? places() : List.of(wanted)) {
      boolean isFile = place.indexOf('/') >= 0;
      if (isFile && !Files.exists(Path.of(place))) {
        searched.add(place + ": no such file");
        continue;
      }
      try {
        SymbolLookup symbols =
            LOADED.computeIfAbsent(place, name -> SymbolLookup.libraryLookup(name, Arena.global()));
        List<String> missing =
            required.stream().filter(name -> symbols.find(name).isEmpty()).toList();
        if (missing.isEmpty()) {
          return new NativeLibrary(place, symbols);
        }
        searched.add(place + ": too old, has no " + String.join(", ", missing));
        unusable.add(searched.getLast());
      } catch (IllegalArgumentException e) {
        String where = isFile ? place : place + " as the dynamic linker finds it";
        searched.add(where + ": " + e.getMessage());
        if (isFile) {
          unusable.add(searched.getLast());
        }
      }
    }
    throw notFound(searched, wanted.isEmpty() ? unusable : searched);
  }

  private List<String> places() {
    List<String> places = new ArrayList<>(names);
    for (String folder : folders) {
      names.forEach(name -> places.add(Path.of(folder, name).toString()));
    }
    return places;
  }

  private LibraryNotFoundException notFound(List<String> searched, List<String> unusable) {
    return new LibraryNotFoundException(
        library,
        searched,
        unusable,
        remedy
            + ", or name the library in -D"
            + property
            + (variable.isEmpty() ? "" : " or " + variable));
  }
}

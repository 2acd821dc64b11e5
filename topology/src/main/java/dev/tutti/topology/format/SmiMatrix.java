package dev.tutti.topology.format;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A matrix as `nvidia-smi topo` prints it.
final class SmiMatrix {
  /// What an entry may be.
  static final String RELATION = "X|NV\\d{1,4}|PIX|PXB|PHB|NODE|SYS|SOC|OK|CNS|GNS|TNS|NS|DR|U|N/A";

  static final String CPU_AFFINITY = "CPU_Affinity";
  static final String NUMA_AFFINITY = "NUMA_Affinity";
  static final String GPU_NUMA_ID = "GPU_NUMA_ID";

  private static final Pattern ANSI = Pattern.compile("\u001b\\[[0-9;?]*[A-Za-z]");
  private static final Pattern WORD = Pattern.compile("\\S+");
  private static final Pattern CELL = Pattern.compile("[^\t]*");
  private static final Pattern ENTRY = Pattern.compile(RELATION);
  private static final Pattern GPU = Pattern.compile("GPU\\d+");
  private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9_.:-]*\\d");
  private static final Pattern NIC_LEGEND = Pattern.compile("\\s*(NIC\\d+)\\s*:\\s*(\\S+)\\s*");
  private static final int MAX_DEVICES = 256;

  /// An entry and its place.
  record Cell(String text, Place place) {}

  private record Key(String row, String column) {}

  private final SourceFile file;
  private final Complaints complaints;
  private final List<String> columns = new ArrayList<>();
  private final List<String> affinities = new ArrayList<>();
  private final Map<String, Place> rows = new LinkedHashMap<>();
  private final Map<Key, Cell> cells = new LinkedHashMap<>();
  private final Map<Key, String> affinityOf = new LinkedHashMap<>();
  private final Map<String, String> legend = new LinkedHashMap<>();
  private Place header;

  private SmiMatrix(SourceFile file, Complaints complaints) {
    this.file = file;
    this.complaints = complaints;
    this.header = Place.line(file, 0);
  }

  /// Returns a text without escape sequences.
  static String plain(String text) {
    return ANSI.matcher(text).replaceAll("");
  }

  static SmiMatrix parse(SourceFile file, Complaints complaints) {
    SmiMatrix matrix = new SmiMatrix(file, complaints);
    matrix.parse();
    return matrix;
  }

  /// Returns the names of all columns, then of rows that have none.
  Set<String> names() {
    Set<String> names = new LinkedHashSet<>(columns);
    names.addAll(rows.keySet());
    return names;
  }

  boolean hasRow(String name) {
    return rows.containsKey(name);
  }

  Place placeOf(String name) {
    return rows.getOrDefault(name, header);
  }

  /// Returns an entry, null if it is missing or says nothing.
  @Nullable Cell cell(String row, String column) {
    return cells.get(new Key(row, column));
  }

  /// Returns what a row has in one of the columns behind the matrix, null if nothing.
  @Nullable String affinity(String row, String column) {
    return affinityOf.get(new Key(row, column));
  }

  /// Returns what the NIC legend calls a NIC, its own name if there is none.
  String fullName(String name) {
    return legend.getOrDefault(name, name);
  }

  private void parse() {
    List<String> lines = plain(file.text()).lines().toList();
    boolean behind = false;
    for (int i = 0; i < lines.size(); i++) {
      String line =
          lines
              .get(i)
              .replace("CPU Affinity", CPU_AFFINITY)
              .replace("NUMA Affinity", NUMA_AFFINITY)
              .replace("GPU NUMA ID", GPU_NUMA_ID);
      Matcher nic = NIC_LEGEND.matcher(line);
      if (nic.matches()) {
        legend.put(nic.group(1), nic.group(2));
        continue;
      }
      behind |= line.strip().startsWith("Legend");
      List<Cell> words = cells(line, i + 1, WORD);
      if (behind || words.isEmpty()) {
        continue;
      }
      if (isHeader(words)) {
        if (!columns.isEmpty()) {
          complaints.warning(
              Place.line(file, i + 1), "a second matrix begins here; only the first is read");
          behind = true;
        } else {
          header(words);
        }
      } else if (isRow(words)) {
        row(line, i + 1, words);
      } else {
        complaints.noteOnce(
            "line", Place.line(file, i + 1), "is no row of a matrix and was left out");
      }
    }
    complete();
  }

  private List<Cell> cells(String line, int number, Pattern pattern) {
    List<Cell> found = new ArrayList<>();
    Matcher matcher = pattern.matcher(line);
    int last = -1;
    while (matcher.find()) {
      // the pattern of cells also finds the nothing behind each
      if (matcher.start() != last || pattern == WORD) {
        Place place = new Place(file.name(), number, matcher.start() + 1, "");
        found.add(new Cell(matcher.group().strip(), place));
      }
      last = matcher.end();
    }
    return found;
  }

  private static boolean isHeader(List<Cell> words) {
    return GPU.matcher(words.getFirst().text()).matches()
        && (words.size() == 1 || !ENTRY.matcher(words.get(1).text()).matches());
  }

  private static boolean isRow(List<Cell> words) {
    return words.size() > 1
        && NAME.matcher(words.getFirst().text()).matches()
        && ENTRY.matcher(words.get(1).text()).matches();
  }

  private void header(List<Cell> words) {
    header = words.getFirst().place();
    for (Cell word : words) {
      switch (word.text()) {
        case CPU_AFFINITY, NUMA_AFFINITY, GPU_NUMA_ID -> affinities.add(word.text());
        default -> {
          if (!affinities.isEmpty() || !NAME.matcher(word.text()).matches()) {
            complaints.warning(
                word.place(), "is '" + word.text() + "', expected the name of a device or NIC");
          } else if (columns.contains(word.text())) {
            throw word.place().wrong("there are two columns '" + word.text() + "'");
          } else {
            columns.add(word.text());
          }
        }
      }
      if (columns.size() > MAX_DEVICES) {
        throw word.place().wrong("has more than " + MAX_DEVICES + " columns");
      }
    }
  }

  private void row(String line, int number, List<Cell> words) {
    Place place = words.getFirst().place();
    if (columns.isEmpty()) {
      throw place.wrong("is a row, expected a line with the names of the columns before it");
    }
    String name = words.getFirst().text();
    if (rows.putIfAbsent(name, place) != null) {
      complaints.warning(place, "there is a second row of " + name + ", which was left out");
      return;
    }
    if (rows.size() > MAX_DEVICES) {
      throw place.wrong("has more than " + MAX_DEVICES + " rows");
    }
    boolean tabs = line.indexOf('\t') >= 0;
    List<Cell> all = tabs ? cells(line.stripLeading(), number, CELL) : words;
    List<Cell> entries = new ArrayList<>(all.subList(1, all.size()));
    int told = 0;
    while (told < entries.size() && ENTRY.matcher(entries.get(told).text()).matches()) {
      told++;
    }
    if (!tabs && told < columns.size()) {
      complaints.warning(
          place,
          name
              + " has "
              + told
              + " entries, expected "
              + columns.size()
              + "; which are missing is not told, so the row was left out");
      affinities(name, entries.subList(told, entries.size()));
      return;
    }
    for (int i = 0; i < columns.size(); i++) {
      entry(name, columns.get(i), i < entries.size() ? entries.get(i) : null);
    }
    int width = Math.min(columns.size(), entries.size());
    affinities(name, entries.subList(width, entries.size()));
  }

  private void entry(String row, String column, @Nullable Cell cell) {
    if (cell == null || cell.text().isEmpty()) {
      complaints.warning(placeOf(row), "has no entry of " + row + " and " + column);
    } else if (!ENTRY.matcher(cell.text()).matches()) {
      complaints.warning(
          cell.place(),
          "the entry of "
              + row
              + " and "
              + column
              + " is '"
              + cell.text()
              + "', expected one of X, NV#, PIX, PXB, PHB, NODE, SYS");
    } else if (cell.text().equals("X") != row.equals(column)) {
      complaints.warning(
          cell.place(), "the entry of " + row + " and " + column + " is '" + cell.text() + "'");
    } else if (!row.equals(column) && !cell.text().equals("N/A")) {
      cells.put(new Key(row, column), cell);
    }
  }

  private void affinities(String row, List<Cell> rest) {
    List<Cell> filled = rest.stream().filter(cell -> !cell.text().isEmpty()).toList();
    // rows have more tabs than columns; only where values are missing does their position count
    List<Cell> source = filled.size() >= affinities.size() ? filled : rest;
    for (int i = 0; i < Math.min(affinities.size(), source.size()); i++) {
      String text = source.get(i).text();
      if (!text.isEmpty() && !text.equals("N/A")) {
        affinityOf.put(new Key(row, affinities.get(i)), text);
      }
    }
  }

  private void complete() {
    if (columns.isEmpty()) {
      throw Place.line(file, 0)
          .wrong("has no line with the names of the columns, such as GPU0 GPU1");
    }
    for (String column : columns) {
      if (!rows.containsKey(column)) {
        complaints.warning(header, "there is no row of " + column);
      }
    }
    for (String row : rows.keySet()) {
      if (!columns.contains(row)) {
        complaints.warning(placeOf(row), "there is no column of " + row);
      }
    }
  }
}

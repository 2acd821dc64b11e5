package dev.tutti.bench.measure;

import dev.tutti.collectives.DataType;
import dev.tutti.collectives.ReduceOp;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Names of element types and operators on the command line: Tutti's own, and nccl-tests' where it
/// has another one. Letter case does not matter.
public final class TypeNames {
  /// Means every type or every operator.
  public static final String ALL = "all";

  private static final Map<String, DataType> NCCL_TYPES =
      Map.of(
          "char", DataType.INT8,
          "int", DataType.INT32,
          "half", DataType.FLOAT16,
          "float", DataType.FLOAT32,
          "double", DataType.FLOAT64,
          "f8e4m3", DataType.FLOAT8_E4M3,
          "f8e5m2", DataType.FLOAT8_E5M2);

  private static final Map<DataType, String> LABELS = new EnumMap<>(DataType.class);
  private static final Map<String, DataType> TYPES = new TreeMap<>();

  static {
    for (DataType type : DataType.values()) {
      LABELS.put(type, type.name().toLowerCase(Locale.ROOT).replace('_', '-'));
    }
    LABELS.forEach((type, label) -> TYPES.put(label, type));
    TYPES.putAll(NCCL_TYPES);
  }

  private TypeNames() {}

  /// Returns a type's name, for example `float32` or `float8-e4m3`.
  public static String of(DataType type) {
    String label = LABELS.get(type);
    return label == null ? type.name() : label;
  }

  /// Returns an operator's name, `none` for no operator.
  public static String of(@Nullable ReduceOp op) {
    return op == null ? "none" : op.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /// Returns the types that a word names: one, or all of them for `all`.
  ///
  /// @throws IllegalArgumentException if there is no such type; the message lists those there are
  public static List<DataType> types(String word) {
    String name = word.toLowerCase(Locale.ROOT);
    if (name.equals(ALL)) {
      return List.of(DataType.values());
    }
    DataType type = TYPES.get(name.replace('_', '-'));
    if (type == null) {
      throw new IllegalArgumentException(
          "unknown data type '"
              + word
              + "'; there are "
              + String.join(", ", TYPES.keySet())
              + ", all");
    }
    return List.of(type);
  }

  /// Returns the operators that a word names: one, or all that can be measured for `all`.
  ///
  /// @throws IllegalArgumentException if there is no such operator; the message lists those there
  ///   are
  public static List<ReduceOp> ops(String word) {
    List<ReduceOp> measurable = new ArrayList<>(List.of(ReduceOp.values()));
    measurable.remove(ReduceOp.PRE_MUL_SUM); // needs a scalar of every rank
    if (word.equalsIgnoreCase(ALL)) {
      return measurable;
    }
    for (ReduceOp op : measurable) {
      if (of(op).equals(word.toLowerCase(Locale.ROOT))) {
        return List.of(op);
      }
    }
    List<String> names = measurable.stream().map(TypeNames::of).toList();
    throw new IllegalArgumentException(
        "unknown operator '" + word + "'; there are " + String.join(", ", names) + ", all");
  }
}

package dev.tutti.bindings.nccl;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.tutti.bindings.nccl.generated.ncclParamGetAllParameterKeys_call;
import dev.tutti.bindings.nccl.generated.ncclParamGetParameter_call;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads NCCL's settings by name, as text.
final class NcclParameters {
  private NcclParameters() {}

  static @Nullable String value(NcclLibrary library, String key) {
    MemorySegment function = library.address(NcclFunction.PARAM_GET_PARAMETER);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment text = arena.allocate(ADDRESS);
      MemorySegment length = arena.allocate(JAVA_INT);
      int result =
          ncclParamGetParameter_call.invoke(function, arena.allocateFrom(key), text, length);
      if (NcclResult.of(result) == NcclResult.INVALID_ARGUMENT) {
        return null;
      }
      library.check(result, NcclFunction.PARAM_GET_PARAMETER, "key=" + key);
      return string(text.get(ADDRESS, 0));
    }
  }

  static Map<String, String> all(NcclLibrary library) {
    MemorySegment function = library.address(NcclFunction.PARAM_GET_ALL_PARAMETER_KEYS);
    Map<String, String> values = new LinkedHashMap<>();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment table = arena.allocate(ADDRESS);
      MemorySegment length = arena.allocate(JAVA_INT);
      int result = ncclParamGetAllParameterKeys_call.invoke(function, table, length);
      library.check(result, NcclFunction.PARAM_GET_ALL_PARAMETER_KEYS, "");
      int count = length.get(JAVA_INT, 0);
      MemorySegment keys =
          table.get(ADDRESS, 0).reinterpret(Math.multiplyExact(ADDRESS.byteSize(), (long) count));
      for (int i = 0; i < count; i++) {
        String key = string(keys.getAtIndex(ADDRESS, i));
        String value = key == null ? null : value(library, key);
        if (key != null && value != null) {
          values.put(key, value);
        }
      }
    }
    return values;
  }

  private static @Nullable String string(MemorySegment text) {
    return text.address() == 0 ? null : text.reinterpret(Long.MAX_VALUE).getString(0);
  }
}

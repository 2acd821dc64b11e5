package dev.tutti.bindings.nvml;

import dev.tutti.bindings.library.NativeLibrary;
import dev.tutti.bindings.nvml.NvmlDevice.Link;
import dev.tutti.bindings.nvml.NvmlDevice.Remote;
import dev.tutti.bindings.nvml.generated.LibNvml;
import dev.tutti.bindings.nvml.generated.nvmlDeviceGetCount_v2_call;
import dev.tutti.bindings.nvml.generated.nvmlDeviceGetFieldValues_call;
import dev.tutti.bindings.nvml.generated.nvmlDeviceGetHandleByIndex_v2_call;
import dev.tutti.bindings.nvml.generated.nvmlDeviceGetMaxPcieLinkGeneration_call;
import dev.tutti.bindings.nvml.generated.nvmlDeviceGetMaxPcieLinkWidth_call;
import dev.tutti.bindings.nvml.generated.nvmlDeviceGetName_call;
import dev.tutti.bindings.nvml.generated.nvmlDeviceGetNvLinkRemoteDeviceType_call;
import dev.tutti.bindings.nvml.generated.nvmlDeviceGetNvLinkRemotePciInfo_v2_call;
import dev.tutti.bindings.nvml.generated.nvmlDeviceGetNvLinkState_call;
import dev.tutti.bindings.nvml.generated.nvmlDeviceGetPciInfo_v3_call;
import dev.tutti.bindings.nvml.generated.nvmlDeviceGetUUID_call;
import dev.tutti.bindings.nvml.generated.nvmlFieldValue_st;
import dev.tutti.bindings.nvml.generated.nvmlPciInfo_st;
import dev.tutti.bindings.nvml.generated.nvmlSystemGetDriverVersion_call;
import dev.tutti.bindings.nvml.generated.nvmlValue_st;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Reads all devices while NVML is started.
final class NvmlReader {
  /// More than any device has; the loop ends where the device says that it has no more.
  private static final int MAX_LINKS = 64;

  /// NVML writes domains with eight digits.
  private static final Pattern ADDRESS =
      Pattern.compile("([0-9a-f]{4,8}):([0-9a-f]{2}):([0-9a-f]{2})\\.([0-7])");

  private static final int KERNEL_DIGITS = 4;
  private static final String HIDDEN = "ff:ff";

  private final NvmlCalls calls;
  private final NativeLibrary library;
  private final List<String> problems = new ArrayList<>();

  NvmlReader(NvmlCalls calls) {
    this.calls = calls;
    this.library = calls.library();
  }

  NvmlReport read() {
    String driver =
        calls.text(
            "nvmlSystemGetDriverVersion",
            MemorySegment.NULL,
            (function, _, out, length) ->
                nvmlSystemGetDriverVersion_call.invoke(function, out, length));
    List<NvmlDevice> devices = new ArrayList<>();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment count = arena.allocate(ValueLayout.JAVA_INT);
      calls.check(
          nvmlDeviceGetCount_v2_call.invoke(library.function("nvmlDeviceGetCount_v2"), count),
          "nvmlDeviceGetCount_v2",
          "");
      MemorySegment handle = arena.allocate(ValueLayout.ADDRESS);
      for (int i = 0; i < count.get(ValueLayout.JAVA_INT, 0); i++) {
        int result =
            nvmlDeviceGetHandleByIndex_v2_call.invoke(
                library.function("nvmlDeviceGetHandleByIndex_v2"), i, handle);
        if (result == LibNvml.NVML_SUCCESS()) {
          devices.add(device(i, handle.get(ValueLayout.ADDRESS, 0)));
        } else {
          problems.add("device " + i + " does not answer: " + calls.text(result));
        }
      }
    }
    return new NvmlReport(driver, devices, problems);
  }

  private NvmlDevice device(int index, MemorySegment device) {
    return new NvmlDevice(
        index,
        calls.text("nvmlDeviceGetName", device, nvmlDeviceGetName_call::invoke),
        calls.text("nvmlDeviceGetUUID", device, nvmlDeviceGetUUID_call::invoke),
        address(
            library.optional("nvmlDeviceGetPciInfo_v3"),
            (function, out) -> nvmlDeviceGetPciInfo_v3_call.invoke(function, device, out)),
        calls.number(
            "nvmlDeviceGetMaxPcieLinkGeneration",
            device,
            nvmlDeviceGetMaxPcieLinkGeneration_call::invoke),
        calls.number(
            "nvmlDeviceGetMaxPcieLinkWidth", device, nvmlDeviceGetMaxPcieLinkWidth_call::invoke),
        links(device));
  }

  private List<Link> links(MemorySegment device) {
    List<Link> links = new ArrayList<>();
    MemorySegment state = library.optional("nvmlDeviceGetNvLinkState");
    if (state == null) {
      return links;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment active = arena.allocate(ValueLayout.JAVA_INT);
      for (int i = 0; i < MAX_LINKS; i++) {
        int result = nvmlDeviceGetNvLinkState_call.invoke(state, device, i, active);
        if (result == LibNvml.NVML_ERROR_INVALID_ARGUMENT()) {
          break; // there are no more
        }
        if (result == LibNvml.NVML_SUCCESS()
            && active.get(ValueLayout.JAVA_INT, 0) == LibNvml.NVML_FEATURE_ENABLED()) {
          links.add(link(device, i));
        }
      }
    }
    return links;
  }

  private Link link(MemorySegment device, int number) {
    String remote =
        address(
            library.optional("nvmlDeviceGetNvLinkRemotePciInfo_v2"),
            (function, out) ->
                nvmlDeviceGetNvLinkRemotePciInfo_v2_call.invoke(function, device, number, out));
    return new Link(number, remote(device, number), remote, speed(device, number));
  }

  private Remote remote(MemorySegment device, int number) {
    Integer type =
        calls.number(
            "nvmlDeviceGetNvLinkRemoteDeviceType",
            device,
            (function, handle, out) ->
                nvmlDeviceGetNvLinkRemoteDeviceType_call.invoke(function, handle, number, out));
    if (type == null) {
      return Remote.UNKNOWN;
    }
    if (type == LibNvml.NVML_NVLINK_DEVICE_TYPE_GPU()) {
      return Remote.DEVICE;
    }
    return type == LibNvml.NVML_NVLINK_DEVICE_TYPE_SWITCH() ? Remote.SWITCH : Remote.UNKNOWN;
  }

  /// A function that writes a PCI address.
  private interface AddressQuery {
    int call(MemorySegment function, MemorySegment out);
  }

  /// Asks for a PCI address in the kernel's form; null if there is none or it is hidden.
  private static @Nullable String address(@Nullable MemorySegment function, AddressQuery query) {
    if (function == null) {
      return null;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment pci = nvmlPciInfo_st.allocate(arena);
      if (query.call(function, pci) != LibNvml.NVML_SUCCESS()) {
        return null;
      }
      return normal(nvmlPciInfo_st.busId(pci).getString(0));
    }
  }

  /// Turns `00000000:17:00.0` into `0000:17:00.0`.
  static @Nullable String normal(String address) {
    Matcher matcher = ADDRESS.matcher(address.strip().toLowerCase(Locale.ROOT));
    if (!matcher.matches() || (matcher.group(2) + ":" + matcher.group(3)).equals(HIDDEN)) {
      return null;
    }
    String domain = matcher.group(1).replaceFirst("^0+", "");
    return "0".repeat(Math.max(0, KERNEL_DIGITS - domain.length()))
        + domain
        + matcher.group().substring(matcher.end(1));
  }

  /// Asks for the speed of a link: newer drivers tell it per link, older ones one for all.
  private @Nullable Double speed(MemorySegment device, int number) {
    MemorySegment function = library.optional("nvmlDeviceGetFieldValues");
    if (function == null) {
      return null;
    }
    int[] fields = {
      LibNvml.NVML_FI_DEV_NVLINK_GET_SPEED(), LibNvml.NVML_FI_DEV_NVLINK_SPEED_MBPS_COMMON()
    };
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment values = nvmlFieldValue_st.allocateArray(fields.length, arena);
      for (int i = 0; i < fields.length; i++) {
        MemorySegment value = nvmlFieldValue_st.asSlice(values, i);
        nvmlFieldValue_st.fieldId(value, fields[i]);
        nvmlFieldValue_st.scopeId(value, i == 0 ? number : 0);
        nvmlFieldValue_st.nvmlReturn(value, LibNvml.NVML_ERROR_NOT_SUPPORTED());
      }
      int result = nvmlDeviceGetFieldValues_call.invoke(function, device, fields.length, values);
      for (int i = 0; i < fields.length && result == LibNvml.NVML_SUCCESS(); i++) {
        Long megabytes = whole(nvmlFieldValue_st.asSlice(values, i));
        if (megabytes != null && megabytes > 0) {
          return megabytes * 1e6;
        }
      }
      return null;
    }
  }

  private static @Nullable Long whole(MemorySegment value) {
    if (nvmlFieldValue_st.nvmlReturn(value) != LibNvml.NVML_SUCCESS()) {
      return null;
    }
    int type = nvmlFieldValue_st.valueType(value);
    MemorySegment union = nvmlFieldValue_st.value(value);
    if (type == LibNvml.NVML_VALUE_TYPE_UNSIGNED_INT()) {
      return Integer.toUnsignedLong(nvmlValue_st.uiVal(union));
    }
    return type == LibNvml.NVML_VALUE_TYPE_UNSIGNED_LONG()
            || type == LibNvml.NVML_VALUE_TYPE_UNSIGNED_LONG_LONG()
        ? Long.valueOf(nvmlValue_st.ullVal(union))
        : null;
  }
}

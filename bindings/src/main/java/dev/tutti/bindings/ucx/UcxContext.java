package dev.tutti.bindings.ucx;

import static dev.tutti.bindings.ucx.UcxConstants.UCP_API_MAJOR;
import static dev.tutti.bindings.ucx.UcxConstants.UCP_API_MINOR;
import static dev.tutti.bindings.ucx.UcxConstants.UCP_FEATURE_TAG;
import static dev.tutti.bindings.ucx.UcxConstants.UCP_FEATURE_WAKEUP;
import static dev.tutti.bindings.ucx.UcxConstants.UCP_PARAM_FIELD_FEATURES;
import static dev.tutti.bindings.ucx.UcxConstants.UCP_PARAM_FIELD_MT_WORKERS_SHARED;
import static dev.tutti.bindings.ucx.UcxConstants.UCP_PARAM_FIELD_TAG_SENDER_MASK;

import dev.tutti.bindings.ucx.generated.LibUcp;
import dev.tutti.bindings.ucx.generated.ucp_params;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Map;

/// The devices and memory that UCX uses in this process, for tagged messages between workers that
/// can be slept on.
///
/// Workers of one context may be used by different threads at the same time, each by one.
public final class UcxContext implements AutoCloseable {
  private final MemorySegment context;
  private boolean closed;

  private UcxContext(MemorySegment context) {
    this.context = context;
  }

  /// Opens the devices.
  ///
  /// @param settings options of UCX without their prefix, such as `TLS` to `tcp,self`; they win
  ///   over the environment (`UCX_TLS`)
  /// @param senderMask the bits of a tag that tell senders apart
  /// @throws dev.tutti.bindings.LibraryNotFoundException if UCX is not installed
  /// @throws dev.tutti.bindings.NativeCallException if UCX refuses, for example because no device
  ///   fits the settings
  public static UcxContext open(Map<String, String> settings, long senderMask) {
    Path _ = Ucx.load();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment config = readConfiguration(arena);
      try {
        for (Map.Entry<String, String> setting : settings.entrySet()) {
          int status =
              LibUcp.ucp_config_modify(
                  config,
                  arena.allocateFrom(setting.getKey()),
                  arena.allocateFrom(setting.getValue()));
          String what = setting.getKey() + "=" + setting.getValue();
          Ucx.check(status, "ucp_config_modify", what);
        }
        MemorySegment params = ucp_params.allocate(arena);
        ucp_params.field_mask(
            params,
            UCP_PARAM_FIELD_FEATURES
                | UCP_PARAM_FIELD_TAG_SENDER_MASK
                | UCP_PARAM_FIELD_MT_WORKERS_SHARED);
        ucp_params.features(params, UCP_FEATURE_TAG | UCP_FEATURE_WAKEUP);
        ucp_params.tag_sender_mask(params, senderMask);
        ucp_params.mt_workers_shared(params, 1);
        MemorySegment result = arena.allocate(LibUcp.C_POINTER);
        int status = LibUcp.ucp_init_version(UCP_API_MAJOR, UCP_API_MINOR, params, config, result);
        Ucx.check(status, "ucp_init_version", settings.toString());
        return new UcxContext(result.get(LibUcp.C_POINTER, 0));
      } finally {
        LibUcp.ucp_config_release(config);
      }
    }
  }

  private static MemorySegment readConfiguration(Arena arena) {
    MemorySegment result = arena.allocate(LibUcp.C_POINTER);
    int status = LibUcp.ucp_config_read(MemorySegment.NULL, MemorySegment.NULL, result);
    Ucx.check(status, "ucp_config_read", "");
    return result.get(LibUcp.C_POINTER, 0);
  }

  /// Makes a worker.
  public UcxWorker worker() {
    return UcxWorker.create(context);
  }

  /// Closes the devices; all workers must have been closed. Idempotent.
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      LibUcp.ucp_cleanup(context);
    }
  }
}

package dev.tutti.bindings.ucx;

/// Constants of UCX by their C names, those in use only; a test compares them with UCX's header.
final class UcxConstants {
  static final int UCP_API_MAJOR = 1;
  static final int UCP_API_MINOR = 13;

  // ucp_params_field
  static final int UCP_PARAM_FIELD_FEATURES = 1;
  static final int UCP_PARAM_FIELD_TAG_SENDER_MASK = 1 << 4;
  static final int UCP_PARAM_FIELD_MT_WORKERS_SHARED = 1 << 5;

  // ucp_feature
  static final int UCP_FEATURE_TAG = 1;
  static final int UCP_FEATURE_WAKEUP = 1 << 4;

  // ucp_worker_params_field, ucp_worker_flags_t, ucs_thread_mode_t
  static final int UCP_WORKER_PARAM_FIELD_THREAD_MODE = 1;
  static final int UCP_WORKER_PARAM_FIELD_FLAGS = 1 << 5;
  static final int UCP_WORKER_FLAG_IGNORE_REQUEST_LEAK = 1;
  static final int UCS_THREAD_MODE_SERIALIZED = 1;

  // ucp_ep_params_field, ucp_err_handling_mode_t, ucp_ep_close_flags_t
  static final int UCP_EP_PARAM_FIELD_REMOTE_ADDRESS = 1;
  static final int UCP_EP_PARAM_FIELD_ERR_HANDLING_MODE = 1 << 1;
  static final int UCP_EP_PARAM_FIELD_ERR_HANDLER = 1 << 2;
  static final int UCP_ERR_HANDLING_MODE_NONE = 0;
  static final int UCP_ERR_HANDLING_MODE_PEER = 1;
  static final int UCP_EP_CLOSE_FLAG_FORCE = 1;

  // ucp_op_attr_t, ucs_memory_type
  static final int UCP_OP_ATTR_FIELD_FLAGS = 1 << 4;
  static final int UCP_OP_ATTR_FIELD_MEMORY_TYPE = 1 << 6;
  static final int UCS_MEMORY_TYPE_HOST = 0;

  // ucs_status_t
  static final int UCS_OK = 0;
  static final int UCS_INPROGRESS = 1;

  private UcxConstants() {}
}

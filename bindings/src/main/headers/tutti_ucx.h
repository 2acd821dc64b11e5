/*
 * The UCX functions Tutti calls: declarations only, input of jextract (see ../../../README.md).
 *
 * Written after ucp/api/ucp.h of UCX 1.13 for the LP64 ABIs x86_64 and aarch64, and free of #include so that the
 * generated code does not depend on the machine it is generated on. UCX's structures begin with a mask of the
 * fields in use and only ever grow at their ends, so later versions of the library take these. A test compiles this
 * file together with UCX's own header (TUTTI_CHECK_AGAINST_SYSTEM defined): a declaration that differs is an error
 * of the C compiler.
 */
#ifndef TUTTI_UCX_H
#define TUTTI_UCX_H

#ifndef TUTTI_CHECK_AGAINST_SYSTEM
/* An enum that UCX packs into one byte. */
typedef signed char ucs_status_t;

/* UCS_OK, an error as a small negative number, or the address of a request under way. */
typedef void *ucs_status_ptr_t;

typedef struct ucp_config ucp_config_t;
typedef struct ucp_context *ucp_context_h;
typedef struct ucp_worker *ucp_worker_h;
typedef struct ucp_ep *ucp_ep_h;
typedef struct ucp_address ucp_address_t;
typedef struct ucp_recv_desc *ucp_tag_message_h;
typedef unsigned long ucp_tag_t;

typedef struct ucp_params {
  unsigned long field_mask;
  unsigned long features;
  unsigned long request_size;
  void *request_init;
  void *request_cleanup;
  unsigned long tag_sender_mask;
  int mt_workers_shared;
  unsigned long estimated_num_eps;
  unsigned long estimated_num_ppn;
  const char *name;
} ucp_params_t;

typedef struct ucp_worker_params {
  unsigned long field_mask;
  int thread_mode;
  unsigned long cpu_mask[16];
  unsigned int events;
  void *user_data;
  int event_fd;
  unsigned long flags;
  const char *name;
  unsigned long am_alignment;
  unsigned long client_id;
} ucp_worker_params_t;

typedef struct ucp_err_handler {
  void *cb;
  void *arg;
} ucp_err_handler_t;

typedef struct ucs_sock_addr {
  const void *addr;
  unsigned int addrlen;
} ucs_sock_addr_t;

typedef struct ucp_ep_params {
  unsigned long field_mask;
  const ucp_address_t *address;
  int err_mode;
  ucp_err_handler_t err_handler;
  void *user_data;
  unsigned int flags;
  ucs_sock_addr_t sockaddr;
  void *conn_request;
  const char *name;
  ucs_sock_addr_t local_sockaddr;
} ucp_ep_params_t;

typedef struct ucp_request_param {
  unsigned int op_attr_mask;
  unsigned int flags;
  void *request;
  void *cb;
  unsigned long datatype;
  void *user_data;
  void *reply_buffer;
  int memory_type;
  void *recv_info;
  void *memh;
} ucp_request_param_t;

typedef struct ucp_tag_recv_info {
  ucp_tag_t sender_tag;
  unsigned long length;
} ucp_tag_recv_info_t;
#endif

/* The library. */
void ucp_get_version(unsigned int *major, unsigned int *minor, unsigned int *release);
const char *ucp_get_version_string(void);
const char *ucs_status_string(ucs_status_t status);

/* Configuration and context. */
ucs_status_t ucp_config_read(const char *prefix, const char *file, ucp_config_t **config);
ucs_status_t ucp_config_modify(ucp_config_t *config, const char *name, const char *value);
void ucp_config_release(ucp_config_t *config);
ucs_status_t ucp_init_version(unsigned int major, unsigned int minor, const ucp_params_t *params,
                              const ucp_config_t *config, ucp_context_h *context);
void ucp_cleanup(ucp_context_h context);

/* Workers. */
ucs_status_t ucp_worker_create(ucp_context_h context, const ucp_worker_params_t *params, ucp_worker_h *worker);
void ucp_worker_destroy(ucp_worker_h worker);
ucs_status_t ucp_worker_get_address(ucp_worker_h worker, ucp_address_t **address, unsigned long *length);
void ucp_worker_release_address(ucp_worker_h worker, ucp_address_t *address);
unsigned int ucp_worker_progress(ucp_worker_h worker);
ucs_status_t ucp_worker_get_efd(ucp_worker_h worker, int *fd);
ucs_status_t ucp_worker_arm(ucp_worker_h worker);

/* Endpoints. */
ucs_status_t ucp_ep_create(ucp_worker_h worker, const ucp_ep_params_t *params, ucp_ep_h *endpoint);
ucs_status_ptr_t ucp_ep_flush_nbx(ucp_ep_h endpoint, const ucp_request_param_t *param);
ucs_status_ptr_t ucp_ep_close_nbx(ucp_ep_h endpoint, const ucp_request_param_t *param);

/* Messages. */
ucs_status_ptr_t ucp_tag_send_nbx(ucp_ep_h endpoint, const void *buffer, unsigned long count, ucp_tag_t tag,
                                  const ucp_request_param_t *param);
ucs_status_ptr_t ucp_tag_send_sync_nbx(ucp_ep_h endpoint, const void *buffer, unsigned long count, ucp_tag_t tag,
                                       const ucp_request_param_t *param);
ucp_tag_message_h ucp_tag_probe_nb(ucp_worker_h worker, ucp_tag_t tag, ucp_tag_t mask, int remove,
                                   ucp_tag_recv_info_t *info);
ucs_status_ptr_t ucp_tag_msg_recv_nbx(ucp_worker_h worker, void *buffer, unsigned long count,
                                      ucp_tag_message_h message, const ucp_request_param_t *param);
ucs_status_t ucp_request_check_status(void *request);
void ucp_request_free(void *request);

#endif

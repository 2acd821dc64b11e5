/* Switches and injected faults: from the environment, and from tutti_sim_set while the process runs. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sim.h"
#include "tutti_sim.h"

#define MAX_RULES 64
#define PREFIX "TUTTI_SIM_"

enum rule_kind { FAIL, HANG, DELAY, ASYNC, SLOW };

/* What is to happen: at the k-th call of a function, at the k-th operation, or on a link. */
struct rule {
  enum rule_kind kind;
  char function[48]; /* "*" for all */
  double number;     /* k, or seconds, or a factor */
  int code;
  int rank; /* -1 for any */
  int device, other;
  atomic_uint calls;
};

struct setting {
  struct setting *next;
  char *key, *value;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct setting *settings;
static pthread_rwlock_t rules_lock = PTHREAD_RWLOCK_INITIALIZER;
static struct rule rules[MAX_RULES];
static int rule_count;
static double bandwidth;
static uint64_t latency;
static atomic_bool has_rules, is_limited;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static _Thread_local bool hangs;

bool sim_setting_text(const char *key, char *value, size_t bytes) {
  pthread_mutex_lock(&lock);
  const char *found = getenv(key);
  for (struct setting *s = settings; s != NULL; s = s->next) {
    if (strcmp(s->key, key) == 0) {
      if (s->value != NULL) found = s->value;
      break;
    }
  }
  bool set = found != NULL && *found != '\0';
  if (set) snprintf(value, bytes, "%s", found);
  pthread_mutex_unlock(&lock);
  return set;
}

double sim_setting_double(const char *key, double otherwise) {
  char text[64], *end;
  if (!sim_setting_text(key, text, sizeof text)) return otherwise;
  double value = strtod(text, &end);
  if (end == text) return otherwise;
  switch (*end) {
    case 'k': case 'K': return value * 1024;
    case 'm': case 'M': return value * 1024 * 1024;
    case 'g': case 'G': return value * 1024 * 1024 * 1024;
    default: return value;
  }
}

int64_t sim_setting(const char *key, int64_t otherwise) {
  return (int64_t)sim_setting_double(key, (double)otherwise);
}

void sim_debug(const char *format, ...) {
  if (sim_setting("TUTTI_SIM_DEBUG", 0) == 0) return;
  va_list arguments;
  va_start(arguments, format);
  char line[512];
  vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  fprintf(stderr, "tutti_sim: %s\n", line);
}

/* function:number[:code][@rank], number[:code][@rank], or device-device:factor */
static bool parse(enum rule_kind kind, char *text, struct rule *rule) {
  memset(rule, 0, sizeof *rule);
  rule->kind = kind;
  rule->rank = -1;
  char *at = strchr(text, '@');
  if (at != NULL) {
    rule->rank = atoi(at + 1);
    *at = '\0';
  }
  if (kind == SLOW) return sscanf(text, "%d-%d:%lf", &rule->device, &rule->other, &rule->number) == 3;
  if (kind == ASYNC) return sscanf(text, "%lf:%d", &rule->number, &rule->code) == 2;
  if (kind == FAIL) return sscanf(text, "%47[^:]:%lf:%d", rule->function, &rule->number, &rule->code) == 3;
  return sscanf(text, "%47[^:]:%lf", rule->function, &rule->number) == 2;
}

static void read_rules(enum rule_kind kind, const char *key) {
  char text[1024], *rest = text;
  if (!sim_setting_text(key, text, sizeof text)) return;
  for (char *one; (one = strsep(&rest, ",;")) != NULL;) {
    if (*one == '\0') continue;
    struct rule rule;
    if (rule_count == MAX_RULES || !parse(kind, one, &rule)) {
      fprintf(stderr, "tutti_sim: %s: cannot read \"%s\"\n", key, one);
      continue;
    }
    rules[rule_count++] = rule;
  }
}

static void load(void) {
  pthread_rwlock_wrlock(&rules_lock);
  rule_count = 0;
  read_rules(FAIL, "TUTTI_SIM_FAIL");
  read_rules(HANG, "TUTTI_SIM_HANG");
  read_rules(DELAY, "TUTTI_SIM_DELAY");
  read_rules(ASYNC, "TUTTI_SIM_ASYNC_ERROR");
  read_rules(SLOW, "TUTTI_SIM_SLOW");
  bandwidth = sim_setting_double("TUTTI_SIM_BANDWIDTH", 0);
  latency = (uint64_t)(sim_setting_double("TUTTI_SIM_LATENCY", 0) * 1e9);
  atomic_store(&has_rules, rule_count > 0);
  atomic_store(&is_limited, bandwidth > 0 || latency > 0);
  pthread_rwlock_unlock(&rules_lock);
}

int tutti_sim_set(const char *key, const char *value) {
  if (key == NULL || strncmp(key, PREFIX, strlen(PREFIX)) != 0) return -1;
  pthread_once(&once, load);
  pthread_mutex_lock(&lock);
  struct setting *s = settings;
  while (s != NULL && strcmp(s->key, key) != 0) s = s->next;
  if (s == NULL) {
    s = calloc(1, sizeof *s);
    s->key = strdup(key);
    s->next = settings;
    settings = s;
  }
  free(s->value);
  s->value = value == NULL ? NULL : strdup(value);
  pthread_mutex_unlock(&lock);
  load();
  return 0;
}

static bool matches(const struct rule *rule, const char *function, int rank) {
  return (rule->rank < 0 || rule->rank == rank)
      && (strcmp(rule->function, function) == 0 || strcmp(rule->function, "*") == 0);
}

int sim_enter(const char *function, int rank) {
  pthread_once(&once, load);
  hangs = false;
  if (!atomic_load_explicit(&has_rules, memory_order_relaxed)) return 0;
  int code = 0;
  double seconds = 0;
  pthread_rwlock_rdlock(&rules_lock);
  for (int i = 0; i < rule_count; i++) {
    struct rule *rule = &rules[i];
    if (rule->kind > DELAY || !matches(rule, function, rank)) continue;
    unsigned call = atomic_fetch_add(&rule->calls, 1) + 1;
    if (rule->kind == DELAY) seconds += rule->number;
    if (rule->kind == FAIL && call == (unsigned)rule->number) code = rule->code;
    if (rule->kind == HANG && call == (unsigned)rule->number) hangs = true;
  }
  pthread_rwlock_unlock(&rules_lock);
  if (seconds > 0) sim_sleep_until(sim_now() + (uint64_t)(seconds * 1e9));
  return code;
}

bool sim_hangs(void) { return hangs; }

int sim_async_fault(uint64_t operation, int rank) {
  if (!atomic_load_explicit(&has_rules, memory_order_relaxed)) return 0;
  int code = 0;
  pthread_rwlock_rdlock(&rules_lock);
  for (int i = 0; i < rule_count; i++) {
    const struct rule *rule = &rules[i];
    if (rule->kind == ASYNC && (rule->rank < 0 || rule->rank == rank) && operation == (uint64_t)rule->number) {
      code = rule->code;
    }
  }
  pthread_rwlock_unlock(&rules_lock);
  return code;
}

double sim_link_bandwidth(int device, int other) {
  if (!atomic_load_explicit(&is_limited, memory_order_relaxed)) return 0;
  pthread_rwlock_rdlock(&rules_lock);
  double result = bandwidth;
  for (int i = 0; i < rule_count; i++) {
    const struct rule *rule = &rules[i];
    if (rule->kind != SLOW) continue;
    bool same = (rule->device == device && rule->other == other) || (rule->device == other && rule->other == device);
    if (same) result *= rule->number;
  }
  pthread_rwlock_unlock(&rules_lock);
  return result;
}

uint64_t sim_link_latency(void) {
  if (!atomic_load_explicit(&is_limited, memory_order_relaxed)) return 0;
  pthread_rwlock_rdlock(&rules_lock);
  uint64_t result = latency;
  pthread_rwlock_unlock(&rules_lock);
  return result;
}

uint64_t sim_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void sim_sleep_until(uint64_t nanos) {
  struct timespec then = {(time_t)(nanos / 1000000000u), (long)(nanos % 1000000000u)};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &then, NULL) == EINTR) {
  }
}

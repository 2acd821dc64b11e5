/* Which address is what: all memory that devices may use is known here, and everything else is pageable host memory. */
#include <stdlib.h>
#include <string.h>

#include "sim.h"

#define ALIGNMENT 4096
#define UNDEFINED_BYTE 0xcb
#define MAX_FILLED_BYTES (1 << 20)

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct sim_memory *known; /* in the order of addresses */
static size_t known_count, known_capacity;
static size_t used[2][SIM_MAX_DEVICES];

int sim_device_count(enum sim_vendor vendor) {
  int64_t both = sim_setting("TUTTI_SIM_DEVICES", 2);
  int64_t count = sim_setting(vendor == SIM_CUDA ? "TUTTI_SIM_CUDA_DEVICES" : "TUTTI_SIM_ASCEND_DEVICES", both);
  return count < 0 ? 0 : count > SIM_MAX_DEVICES ? SIM_MAX_DEVICES : (int)count;
}

size_t sim_memory_limit(void) { return (size_t)sim_setting("TUTTI_SIM_MEMORY", (int64_t)1 << 30); }

size_t sim_memory_used(enum sim_vendor vendor, int device) {
  pthread_mutex_lock(&lock);
  size_t result = used[vendor][device];
  pthread_mutex_unlock(&lock);
  return result;
}

/* The place of the last range that begins at or before the address, plus one. */
static size_t place_after(uintptr_t address) {
  size_t low = 0, high = known_count;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (known[middle].base <= address) low = middle + 1;
    else high = middle;
  }
  return low;
}

static bool insert(struct sim_memory entry) {
  if (known_count == known_capacity) {
    size_t capacity = known_capacity == 0 ? 64 : 2 * known_capacity;
    struct sim_memory *larger = realloc(known, capacity * sizeof *known);
    if (larger == NULL) return false;
    known = larger;
    known_capacity = capacity;
  }
  size_t place = place_after(entry.base);
  memmove(known + place + 1, known + place, (known_count - place) * sizeof *known);
  known[place] = entry;
  known_count++;
  return true;
}

static struct sim_memory *lookup(uintptr_t address) {
  size_t place = place_after(address);
  if (place == 0) return NULL;
  struct sim_memory *entry = &known[place - 1];
  size_t extent = entry->bytes == 0 ? 1 : entry->bytes;
  return address - entry->base < extent ? entry : NULL;
}

enum sim_result sim_allocate(enum sim_memory_kind kind, enum sim_vendor vendor, int device, size_t bytes,
                             void **address) {
  size_t limit = sim_memory_limit();
  void *memory = NULL;
  enum sim_result result = SIM_NO_MEMORY;
  pthread_mutex_lock(&lock);
  bool fits = kind != SIM_DEVICE || (bytes <= limit && used[vendor][device] <= limit - bytes);
  if (fits && posix_memalign(&memory, ALIGNMENT, bytes == 0 ? 1 : bytes) == 0) {
    struct sim_memory entry = {(uintptr_t)memory, bytes, kind, vendor, device};
    if (insert(entry)) {
      if (kind == SIM_DEVICE) used[vendor][device] += bytes;
      result = SIM_OK;
    } else {
      free(memory);
    }
  }
  pthread_mutex_unlock(&lock);
  if (result == SIM_OK) {
    /* Fresh memory is not zero on a device: whoever counts on that is to notice. */
    if (kind == SIM_DEVICE && bytes <= MAX_FILLED_BYTES) memset(memory, UNDEFINED_BYTE, bytes);
    *address = memory;
  }
  return result;
}

enum sim_result sim_free(enum sim_memory_kind kind, enum sim_vendor vendor, void *address) {
  enum sim_result result = SIM_ARGUMENT;
  pthread_mutex_lock(&lock);
  struct sim_memory *entry = lookup((uintptr_t)address);
  if (entry != NULL && entry->base == (uintptr_t)address && entry->kind == kind && entry->vendor == vendor) {
    if (kind == SIM_DEVICE) used[vendor][entry->device] -= entry->bytes;
    size_t place = (size_t)(entry - known);
    memmove(entry, entry + 1, (known_count - place - 1) * sizeof *known);
    known_count--;
    result = SIM_OK;
  }
  pthread_mutex_unlock(&lock);
  if (result == SIM_OK && kind != SIM_REGISTERED) free(address);
  return result;
}

enum sim_result sim_register(enum sim_vendor vendor, void *address, size_t bytes) {
  if (address == NULL || bytes == 0) return SIM_ARGUMENT;
  uintptr_t base = (uintptr_t)address;
  pthread_mutex_lock(&lock);
  size_t place = place_after(base + bytes - 1);
  bool overlaps = place > 0 && known[place - 1].base + known[place - 1].bytes > base;
  enum sim_result result = SIM_USAGE;
  if (!overlaps) {
    struct sim_memory entry = {base, bytes, SIM_REGISTERED, vendor, -1};
    result = insert(entry) ? SIM_OK : SIM_NO_MEMORY;
  }
  pthread_mutex_unlock(&lock);
  return result;
}

bool sim_find(const void *address, struct sim_memory *found) {
  pthread_mutex_lock(&lock);
  const struct sim_memory *entry = lookup((uintptr_t)address);
  if (entry != NULL) *found = *entry;
  pthread_mutex_unlock(&lock);
  return entry != NULL;
}

bool sim_reachable(enum sim_vendor vendor, const void *address, size_t bytes, int *device) {
  struct sim_memory found;
  if (!sim_find(address, &found) || found.vendor != vendor) return false;
  *device = found.kind == SIM_DEVICE ? found.device : -1;
  return bytes <= found.bytes - ((uintptr_t)address - found.base);
}

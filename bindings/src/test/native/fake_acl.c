/*
 * Acts as Ascend's runtime, for tests. By macro:
 *
 * FAKE_PAIRS   four devices: dies 0-1 and 2-3 of one package each, everything else over HCCS switches; the default
 * FAKE_RINGS   four devices joined directly, each with each
 * FAKE_PCI     four devices: two and two below a PCI Express switch
 * FAKE_OLD     lacks the functions that came late
 * FAKE_NO_DRIVER  does not answer
 */
#include <stddef.h>
#include <stdio.h>

#include "tutti_acl.h"

#define DEVICES 4
#define NOT_INITIALISED 100001
#define BAD_ARGUMENT 100000

static int initialised;

aclError aclInit(const char *configPath) {
#ifdef FAKE_NO_DRIVER
  return 507899;
#endif
  if (configPath != NULL) return BAD_ARGUMENT;
  if (initialised) return 100002;
  initialised = 1;
  return 0;
}

const char *aclrtGetSocName(void) { return "Ascend910_9392"; }

aclError aclrtGetDeviceCount(uint32_t *count) {
  if (!initialised) return NOT_INITIALISED;
  *count = DEVICES;
  return 0;
}

#ifndef FAKE_OLD
aclError aclrtGetDevicesTopo(uint32_t device, uint32_t other, uint64_t *value) {
  if (device >= DEVICES || other >= DEVICES) return BAD_ARGUMENT;
#if defined(FAKE_RINGS)
  *value = 0x01;
#elif defined(FAKE_PCI)
  *value = device / 2 == other / 2 ? 0x02 : 0x10;
#else
  *value = device / 2 == other / 2 ? 0x20 : 0x40;
#endif
  return 0;
}

aclError aclrtDeviceGetPCIBusId(int32_t device, char *address, int32_t length) {
  if (device < 0 || device >= DEVICES) return BAD_ARGUMENT;
  /* On purpose not in the order of the addresses. */
  snprintf(address, (size_t)length, "0000:%02X:00.0", 0xc4 - device);
  return 0;
}
#endif

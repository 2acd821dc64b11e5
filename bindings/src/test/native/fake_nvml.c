/*
 * Acts as NVML of a host with four GPUs, for tests. By macro:
 *
 * FAKE_MESH    two NVLinks from each GPU to each other; the default
 * FAKE_SWITCH  four NVLinks from each GPU to one NVSwitch
 * FAKE_HIDDEN  the same, but the switch does not show its PCI address
 * FAKE_OLD     lacks the functions that came late
 * FAKE_LOST    the last GPU does not answer
 * FAKE_NO_DRIVER  cannot be started
 */
#include <stdio.h>
#include <string.h>

#include "tutti_nvml.h"

#define GPUS 4
#define SPEED_MBPS 26562

struct nvmlDevice_st {
  int index;
  const char *bus;
};

static struct nvmlDevice_st gpus[GPUS] = {
    {0, "00000000:41:00.0"}, {1, "00000000:42:00.0"}, {2, "00000000:C1:00.0"}, {3, "00000000:C2:00.0"}};
static int started;

nvmlReturn_t nvmlInit_v2(void) {
#ifdef FAKE_NO_DRIVER
  return NVML_ERROR_DRIVER_NOT_LOADED;
#endif
  started++;
  return NVML_SUCCESS;
}

nvmlReturn_t nvmlShutdown(void) {
  started--;
  return NVML_SUCCESS;
}

/* For tests: how often it was started and not shut down. */
int fake_nvml_started(void) { return started; }

const char *nvmlErrorString(nvmlReturn_t result) {
  switch ((int)result) {
    case NVML_ERROR_DRIVER_NOT_LOADED: return "Driver Not Loaded";
    case 15: return "GPU is lost";
    default: return "Unknown Error";
  }
}

nvmlReturn_t nvmlSystemGetDriverVersion(char *version, unsigned int length) {
  snprintf(version, length, "550.54.15");
  return NVML_SUCCESS;
}

nvmlReturn_t nvmlDeviceGetCount_v2(unsigned int *count) {
  *count = GPUS;
  return NVML_SUCCESS;
}

nvmlReturn_t nvmlDeviceGetHandleByIndex_v2(unsigned int index, nvmlDevice_t *device) {
#ifdef FAKE_LOST
  if (index == GPUS - 1) return 15;
#endif
  if (index >= GPUS) return NVML_ERROR_INVALID_ARGUMENT;
  *device = &gpus[index];
  return NVML_SUCCESS;
}

nvmlReturn_t nvmlDeviceGetName(nvmlDevice_t device, char *name, unsigned int length) {
  (void)device;
  snprintf(name, length, "NVIDIA Fake 80GB");
  return NVML_SUCCESS;
}

nvmlReturn_t nvmlDeviceGetUUID(nvmlDevice_t device, char *uuid, unsigned int length) {
  snprintf(uuid, length, "GPU-%d", device->index);
  return NVML_SUCCESS;
}

static void set_pci(nvmlPciInfo_t *pci, const char *bus) {
  memset(pci, 0, sizeof *pci);
  snprintf(pci->busIdLegacy, sizeof pci->busIdLegacy, "%s", bus + 4);
  snprintf(pci->busId, sizeof pci->busId, "%s", bus);
}

nvmlReturn_t nvmlDeviceGetPciInfo_v3(nvmlDevice_t device, nvmlPciInfo_t *pci) {
  set_pci(pci, device->bus);
  return NVML_SUCCESS;
}

nvmlReturn_t nvmlDeviceGetMaxPcieLinkGeneration(nvmlDevice_t device, unsigned int *generation) {
  (void)device;
  *generation = 5;
  return NVML_SUCCESS;
}

nvmlReturn_t nvmlDeviceGetMaxPcieLinkWidth(nvmlDevice_t device, unsigned int *width) {
  (void)device;
  *width = 16;
  return NVML_SUCCESS;
}

#if defined(FAKE_SWITCH) || defined(FAKE_HIDDEN)
#define LINKS 4
#else
#define LINKS (2 * (GPUS - 1))
#endif

/* One more than there are is down, those behind it do not exist. */
nvmlReturn_t nvmlDeviceGetNvLinkState(nvmlDevice_t device, unsigned int link, nvmlEnableState_t *active) {
  (void)device;
  if (link > LINKS) return NVML_ERROR_INVALID_ARGUMENT;
  *active = link < LINKS ? NVML_FEATURE_ENABLED : NVML_FEATURE_DISABLED;
  return NVML_SUCCESS;
}

nvmlReturn_t nvmlDeviceGetNvLinkRemotePciInfo_v2(nvmlDevice_t device, unsigned int link, nvmlPciInfo_t *pci) {
#if defined(FAKE_HIDDEN)
  set_pci(pci, "FFFFFFFF:FF:FF.0");
#elif defined(FAKE_SWITCH)
  set_pci(pci, "00000000:05:00.0");
#else
  int other = (int)link / 2;
  set_pci(pci, gpus[other < device->index ? other : other + 1].bus);
#endif
  return NVML_SUCCESS;
}

#ifndef FAKE_OLD
nvmlReturn_t nvmlDeviceGetNvLinkRemoteDeviceType(nvmlDevice_t device, unsigned int link,
                                                 nvmlIntNvLinkDeviceType_t *type) {
  (void)device, (void)link;
#if defined(FAKE_SWITCH) || defined(FAKE_HIDDEN)
  *type = NVML_NVLINK_DEVICE_TYPE_SWITCH;
#else
  *type = NVML_NVLINK_DEVICE_TYPE_GPU;
#endif
  return NVML_SUCCESS;
}

nvmlReturn_t nvmlDeviceGetFieldValues(nvmlDevice_t device, int count, nvmlFieldValue_t *values) {
  (void)device;
  for (int i = 0; i < count; i++) {
    if (values[i].fieldId == NVML_FI_DEV_NVLINK_SPEED_MBPS_COMMON) {
      values[i].valueType = NVML_VALUE_TYPE_UNSIGNED_INT;
      values[i].nvmlReturn = NVML_SUCCESS;
      values[i].value.uiVal = SPEED_MBPS;
    } else {
      values[i].nvmlReturn = NVML_ERROR_NOT_SUPPORTED;
    }
  }
  return NVML_SUCCESS;
}
#endif

/*
 * The NVML functions Tutti calls: declarations only, input of jextract (see ../../../README.md).
 *
 * Written after the public documentation of NVML for the LP64 ABIs x86_64 and aarch64, and free of #include so that the
 * generated code does not depend on the machine it is generated on. A test compiles this file together with NVIDIA's
 * nvml.h where that is installed (TUTTI_CHECK_AGAINST_SYSTEM defined): a declaration that differs is an error of the C
 * compiler.
 *
 * Each function has a pointer type of its own, of which jextract makes a class that calls any address: the library is
 * looked for at run time, and a function that an older version lacks is passed over.
 */
#ifndef TUTTI_NVML_H
#define TUTTI_NVML_H

#ifndef TUTTI_CHECK_AGAINST_SYSTEM
typedef struct nvmlDevice_st *nvmlDevice_t;

typedef enum nvmlReturn_enum {
  NVML_SUCCESS = 0,
  NVML_ERROR_INVALID_ARGUMENT = 2,
  NVML_ERROR_NOT_SUPPORTED = 3,
  NVML_ERROR_DRIVER_NOT_LOADED = 9
} nvmlReturn_t;

typedef enum nvmlEnableState_enum { NVML_FEATURE_DISABLED = 0, NVML_FEATURE_ENABLED = 1 } nvmlEnableState_t;

typedef enum nvmlIntNvLinkDeviceType_enum {
  NVML_NVLINK_DEVICE_TYPE_GPU = 0,
  NVML_NVLINK_DEVICE_TYPE_IBMNPU = 1,
  NVML_NVLINK_DEVICE_TYPE_SWITCH = 2,
  NVML_NVLINK_DEVICE_TYPE_UNKNOWN = 0xFF
} nvmlIntNvLinkDeviceType_t;

typedef enum nvmlValueType_enum {
  NVML_VALUE_TYPE_DOUBLE = 0,
  NVML_VALUE_TYPE_UNSIGNED_INT = 1,
  NVML_VALUE_TYPE_UNSIGNED_LONG = 2,
  NVML_VALUE_TYPE_UNSIGNED_LONG_LONG = 3
} nvmlValueType_t;

/* Megabytes per second of one NVLink of those that are active; of the link that scopeId names. */
#define NVML_FI_DEV_NVLINK_SPEED_MBPS_COMMON 90
#define NVML_FI_DEV_NVLINK_GET_SPEED 164

typedef struct nvmlPciInfo_st {
  char busIdLegacy[16];
  unsigned int domain;
  unsigned int bus;
  unsigned int device;
  unsigned int pciDeviceId;
  unsigned int pciSubSystemId;
  char busId[32];
} nvmlPciInfo_t;

typedef union nvmlValue_st {
  double dVal;
  unsigned int uiVal;
  unsigned long ulVal;
  unsigned long long ullVal;
} nvmlValue_t;

typedef struct nvmlFieldValue_st {
  unsigned int fieldId;
  unsigned int scopeId;
  long long timestamp;
  long long latencyUsec;
  nvmlValueType_t valueType;
  nvmlReturn_t nvmlReturn;
  nvmlValue_t value;
} nvmlFieldValue_t;
#endif

nvmlReturn_t nvmlInit_v2(void);
nvmlReturn_t nvmlShutdown(void);
const char *nvmlErrorString(nvmlReturn_t result);
nvmlReturn_t nvmlSystemGetDriverVersion(char *version, unsigned int length);
nvmlReturn_t nvmlDeviceGetCount_v2(unsigned int *count);
nvmlReturn_t nvmlDeviceGetHandleByIndex_v2(unsigned int index, nvmlDevice_t *device);
nvmlReturn_t nvmlDeviceGetName(nvmlDevice_t device, char *name, unsigned int length);
nvmlReturn_t nvmlDeviceGetUUID(nvmlDevice_t device, char *uuid, unsigned int length);
nvmlReturn_t nvmlDeviceGetPciInfo_v3(nvmlDevice_t device, nvmlPciInfo_t *pci);

/* Optional: older drivers and some devices lack them. */
nvmlReturn_t nvmlDeviceGetMaxPcieLinkGeneration(nvmlDevice_t device, unsigned int *generation);
nvmlReturn_t nvmlDeviceGetMaxPcieLinkWidth(nvmlDevice_t device, unsigned int *width);
nvmlReturn_t nvmlDeviceGetCurrPcieLinkGeneration(nvmlDevice_t device, unsigned int *generation);
nvmlReturn_t nvmlDeviceGetCurrPcieLinkWidth(nvmlDevice_t device, unsigned int *width);
nvmlReturn_t nvmlDeviceGetNvLinkState(nvmlDevice_t device, unsigned int link, nvmlEnableState_t *active);
nvmlReturn_t nvmlDeviceGetNvLinkVersion(nvmlDevice_t device, unsigned int link, unsigned int *version);
nvmlReturn_t nvmlDeviceGetNvLinkRemotePciInfo_v2(nvmlDevice_t device, unsigned int link, nvmlPciInfo_t *pci);
nvmlReturn_t nvmlDeviceGetNvLinkRemoteDeviceType(nvmlDevice_t device, unsigned int link,
                                                 nvmlIntNvLinkDeviceType_t *type);
nvmlReturn_t nvmlDeviceGetFieldValues(nvmlDevice_t device, int count, nvmlFieldValue_t *values);

typedef nvmlReturn_t (*nvmlInit_v2_call)(void);
typedef nvmlReturn_t (*nvmlShutdown_call)(void);
typedef const char *(*nvmlErrorString_call)(nvmlReturn_t result);
typedef nvmlReturn_t (*nvmlSystemGetDriverVersion_call)(char *version, unsigned int length);
typedef nvmlReturn_t (*nvmlDeviceGetCount_v2_call)(unsigned int *count);
typedef nvmlReturn_t (*nvmlDeviceGetHandleByIndex_v2_call)(unsigned int index, nvmlDevice_t *device);
typedef nvmlReturn_t (*nvmlDeviceGetName_call)(nvmlDevice_t device, char *name, unsigned int length);
typedef nvmlReturn_t (*nvmlDeviceGetUUID_call)(nvmlDevice_t device, char *uuid, unsigned int length);
typedef nvmlReturn_t (*nvmlDeviceGetPciInfo_v3_call)(nvmlDevice_t device, nvmlPciInfo_t *pci);
typedef nvmlReturn_t (*nvmlDeviceGetMaxPcieLinkGeneration_call)(nvmlDevice_t device, unsigned int *generation);
typedef nvmlReturn_t (*nvmlDeviceGetMaxPcieLinkWidth_call)(nvmlDevice_t device, unsigned int *width);
typedef nvmlReturn_t (*nvmlDeviceGetCurrPcieLinkGeneration_call)(nvmlDevice_t device, unsigned int *generation);
typedef nvmlReturn_t (*nvmlDeviceGetCurrPcieLinkWidth_call)(nvmlDevice_t device, unsigned int *width);
typedef nvmlReturn_t (*nvmlDeviceGetNvLinkState_call)(nvmlDevice_t device, unsigned int link,
        nvmlEnableState_t *active);
typedef nvmlReturn_t (*nvmlDeviceGetNvLinkVersion_call)(nvmlDevice_t device, unsigned int link, unsigned int *version);
typedef nvmlReturn_t (*nvmlDeviceGetNvLinkRemotePciInfo_v2_call)(nvmlDevice_t device, unsigned int link,
        nvmlPciInfo_t *pci);
typedef nvmlReturn_t (*nvmlDeviceGetNvLinkRemoteDeviceType_call)(nvmlDevice_t device, unsigned int link,
        nvmlIntNvLinkDeviceType_t *type);
typedef nvmlReturn_t (*nvmlDeviceGetFieldValues_call)(nvmlDevice_t device, int count, nvmlFieldValue_t *values);

#endif

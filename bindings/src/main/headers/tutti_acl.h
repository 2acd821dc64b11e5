/*
 * The functions of Ascend's runtime (ACL) Tutti calls to see devices: declarations only, input of jextract (see
 * ../../../README.md).
 *
 * Written from the published prototypes, not from the vendor's headers, and free of #include. A test compiles this file
 * together with acl/acl.h where that is installed (TUTTI_CHECK_AGAINST_SYSTEM defined): a declaration that differs is an
 * error of the C compiler.
 *
 * Each function has a pointer type of its own, of which jextract makes a class that calls any address: the library is
 * looked for at run time, and a function that an older version lacks is passed over.
 */
#ifndef TUTTI_ACL_H
#define TUTTI_ACL_H

#ifndef TUTTI_CHECK_AGAINST_SYSTEM
typedef int aclError;
typedef int int32_t;
typedef unsigned int uint32_t;
typedef unsigned long uint64_t;
#endif

aclError aclInit(const char *configPath);
const char *aclrtGetSocName(void);
aclError aclrtGetDeviceCount(uint32_t *count);
aclError aclrtGetDevicesTopo(uint32_t device, uint32_t other, uint64_t *value); /* since 9.1 */
aclError aclrtDeviceGetPCIBusId(int32_t device, char *address, int32_t length); /* since 9.2 */

typedef aclError (*aclInit_call)(const char *configPath);
typedef const char *(*aclrtGetSocName_call)(void);
typedef aclError (*aclrtGetDeviceCount_call)(uint32_t *count);
typedef aclError (*aclrtGetDevicesTopo_call)(uint32_t device, uint32_t other, uint64_t *value);
typedef aclError (*aclrtDeviceGetPCIBusId_call)(int32_t device, char *address, int32_t length);

#endif

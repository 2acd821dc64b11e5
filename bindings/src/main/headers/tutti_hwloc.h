/*
 * The hwloc functions Tutti calls: declarations only, input of jextract (see ../../../README.md).
 *
 * Written after hwloc.h and hwloc/export.h of hwloc 2.9, and free of #include so that the generated code does not
 * depend on the machine it is generated on. hwloc describes the machine as XML, so no structure of it is needed here.
 * A test compiles this file together with hwloc's own headers (TUTTI_CHECK_AGAINST_SYSTEM defined): a declaration that
 * differs is an error of the C compiler.
 *
 * Each function has a pointer type of its own, of which jextract makes a class that calls any address: the library is
 * looked for at run time, and a function that an older version lacks is passed over.
 */
#ifndef TUTTI_HWLOC_H
#define TUTTI_HWLOC_H

#ifndef TUTTI_CHECK_AGAINST_SYSTEM
typedef struct hwloc_topology *hwloc_topology_t;
enum hwloc_type_filter_e { HWLOC_TYPE_FILTER_KEEP_IMPORTANT = 3 };
enum hwloc_topology_flags_e { HWLOC_TOPOLOGY_FLAG_INCLUDE_DISALLOWED = 1 };
enum hwloc_topology_components_flag_e { HWLOC_TOPOLOGY_COMPONENTS_FLAG_BLACKLIST = 1 };
#endif

unsigned hwloc_get_api_version(void);
int hwloc_topology_init(hwloc_topology_t *topology);
int hwloc_topology_set_flags(hwloc_topology_t topology, unsigned long flags);
int hwloc_topology_set_io_types_filter(hwloc_topology_t topology, enum hwloc_type_filter_e filter);
int hwloc_topology_set_components(hwloc_topology_t topology, unsigned long flags, const char *name); /* since 2.1 */
int hwloc_topology_load(hwloc_topology_t topology);
int hwloc_topology_export_xmlbuffer(hwloc_topology_t topology, char **buffer, int *length, unsigned long flags);
void hwloc_free_xmlbuffer(hwloc_topology_t topology, char *buffer);
void hwloc_topology_destroy(hwloc_topology_t topology);

typedef unsigned (*hwloc_get_api_version_call)(void);
typedef int (*hwloc_topology_init_call)(hwloc_topology_t *topology);
typedef int (*hwloc_topology_set_flags_call)(hwloc_topology_t topology, unsigned long flags);
typedef int (*hwloc_topology_set_io_types_filter_call)(hwloc_topology_t topology, enum hwloc_type_filter_e filter);
typedef int (*hwloc_topology_set_components_call)(hwloc_topology_t topology, unsigned long flags, const char *name);
typedef int (*hwloc_topology_load_call)(hwloc_topology_t topology);
typedef int (*hwloc_topology_export_xmlbuffer_call)(hwloc_topology_t topology, char **buffer, int *length,
        unsigned long flags);
typedef void (*hwloc_free_xmlbuffer_call)(hwloc_topology_t topology, char *buffer);
typedef void (*hwloc_topology_destroy_call)(hwloc_topology_t topology);

#endif

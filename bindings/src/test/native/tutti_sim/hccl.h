/* Inside of the HCCL part. */
#ifndef TUTTI_SIM_HCCL_H
#define TUTTI_SIM_HCCL_H

#include "acl.h"

struct hccl_comm {
  struct hccl_comm *next; /* of all */
  struct sim_comm *core;
  char name[128];
  bool is_global, suspended;
};

/* Enters a function: returns the code that a test wants. */
#define HCCL_ENTER(function, comm)                                       \
  do {                                                                   \
    int entered = sim_enter(#function, hccl_rank(comm));                 \
    if (entered != 0) return (HcclResult)entered;                        \
  } while (0)

int hccl_rank(HcclComm comm);
bool hccl_is_comm(HcclComm comm);
HcclResult hccl_result(enum sim_result result);

#endif

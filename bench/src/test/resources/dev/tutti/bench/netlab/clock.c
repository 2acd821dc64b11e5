// Preloaded, it sets the wall clock of one process: to the real time plus the seconds in the file
// that TUTTI_TEST_CLOCK names. The other clocks go on as they are.
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static long shift(void) {
  long seconds = 0;
  const char *name = getenv("TUTTI_TEST_CLOCK");
  FILE *file = name == NULL ? NULL : fopen(name, "r");
  if (file != NULL) {
    if (fscanf(file, "%ld", &seconds) != 1) {
      seconds = 0;
    }
    fclose(file);
  }
  return seconds;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
  int result = (int)syscall(SYS_clock_gettime, clock, now);
  if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
    now->tv_sec += shift();
  }
  return result;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  int result = (int)syscall(SYS_gettimeofday, now, zone);
  if (result == 0 && now != NULL) {
    now->tv_sec += shift();
  }
  return result;
}

time_t time(time_t *result) {
  struct timeval now;
  gettimeofday(&now, NULL);
  if (result != NULL) {
    *result = now.tv_sec;
  }
  return now.tv_sec;
}

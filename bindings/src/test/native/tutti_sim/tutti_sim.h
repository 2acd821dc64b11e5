/* What libtutti_sim exports beside the functions of the libraries that it acts as. */
#ifndef TUTTI_SIM_PUBLIC_H
#define TUTTI_SIM_PUBLIC_H

/*
 * Sets a switch of README.md for the whole process, as if it stood in the environment; a null value goes back to the
 * environment. Counts of calls begin anew. Returns 0, or -1 if the key does not begin with TUTTI_SIM_.
 */
__attribute__((visibility("default"))) int tutti_sim_set(const char *key, const char *value);

#endif

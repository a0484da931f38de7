/*
 * What do a put, a replace, a remove and a get cost in C, on libpmemobj? A chained hash map with a
 * bucket for each entry, 8-byte keys and 100-byte values, one thread: the map that LlplStore is in
 * Java, without Java. A put allocates a block and links it in front of its chain; a replace
 * overwrites the value where it lies, after a snapshot of it; a remove unlinks and frees; each in a
 * transaction of its own, durable when it returns. A get copies the value.
 *
 *   cc -O2 -o pmemobj_map pmemobj_map.c -lpmemobj        (Debian: libpmemobj-dev)
 *   PMEM_IS_PMEM_FORCE=1 ./pmemobj_map FILE [ENTRIES]
 *
 * FILE is made, and removed at the end. Prints the median of nine rounds for each operation, and
 * the fastest and the slowest of them, in ns. A round takes some 150 ms.
 */
#include <libpmemobj.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS 9
#define ROUND_NANOS 150000000ULL
#define VALUE_SIZE 100

/* The clock is read once for so many calls. */
#define BLOCK 64

struct entry {
  PMEMoid next;
  uint64_t key;
  char value[VALUE_SIZE];
};

struct root {
  PMEMoid table;
};

static PMEMobjpool *pool;
static PMEMoid *table;
static uint64_t mask;
static volatile uint64_t sum; /* of what was read, so that reading it cannot be left out */

static uint64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000ULL + (uint64_t)time.tv_nsec;
}

static uint64_t next_random(void) {
  static uint64_t state = 88172645463325252ULL;
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state;
}

static void fail(const char *what) {
  fprintf(stderr, "pmemobj_map: %s: %s\n", what, pmemobj_errormsg());
  exit(1);
}

/* The link that names a key's entry, or the empty one at the end of its chain. */
static PMEMoid *find(uint64_t key) {
  uint64_t hash = key * 0x9E3779B97F4A7C15ULL;
  PMEMoid *link = &table[(hash ^ (hash >> 32)) & mask];
  while (!OID_IS_NULL(*link)) {
    struct entry *entry = pmemobj_direct(*link);
    if (entry->key == key) {
      return link;
    }
    link = &entry->next;
  }
  return link;
}

static void put_new(uint64_t key, const char *value) {
  PMEMoid *link = find(key);
  TX_BEGIN(pool) {
    PMEMoid oid = pmemobj_tx_alloc(sizeof(struct entry), 1);
    struct entry *entry = pmemobj_direct(oid);
    entry->next = OID_NULL;
    entry->key = key;
    memcpy(entry->value, value, VALUE_SIZE);
    pmemobj_tx_add_range_direct(link, sizeof *link);
    *link = oid;
  } TX_ONABORT {
    fail("put");
  } TX_END
}

static void replace(uint64_t key, const char *value) {
  struct entry *entry = pmemobj_direct(*find(key));
  TX_BEGIN(pool) {
    pmemobj_tx_add_range_direct(entry->value, VALUE_SIZE);
    memcpy(entry->value, value, VALUE_SIZE);
  } TX_ONABORT {
    fail("replace");
  } TX_END
}

static void remove_key(uint64_t key) {
  PMEMoid *link = find(key);
  PMEMoid oid = *link;
  struct entry *entry = pmemobj_direct(oid);
  TX_BEGIN(pool) {
    pmemobj_tx_add_range_direct(link, sizeof *link);
    *link = entry->next;
    pmemobj_tx_free(oid);
  } TX_ONABORT {
    fail("remove");
  } TX_END
}

static void get(uint64_t key) {
  char value[VALUE_SIZE];
  struct entry *entry = pmemobj_direct(*find(key));
  memcpy(value, entry->value, VALUE_SIZE);
  __asm__ volatile("" : : "r"(value) : "memory"); /* all of it is wanted */
  sum += (uint64_t)value[7];
}

static int compare(const void *a, const void *b) {
  double x = *(const double *)a;
  double y = *(const double *)b;
  return x < y ? -1 : x > y;
}

static void report(const char *operation, double *nanos) {
  qsort(nanos, ROUNDS, sizeof *nanos, compare);
  printf("%-8s %6.0f  (%.0f-%.0f)\n", operation, nanos[ROUNDS / 2], nanos[0], nanos[ROUNDS - 1]);
}

/* A fresh value for each call, as the loops of the suite have. */
static const char *new_value(uint64_t number) {
  static char value[VALUE_SIZE];
  for (size_t i = 0; i < VALUE_SIZE; i++) {
    value[i] = (char)(number + i);
  }
  return value;
}

int main(int count, char **arguments) {
  if (count < 2) {
    fprintf(stderr, "usage: PMEM_IS_PMEM_FORCE=1 pmemobj_map FILE [ENTRIES]\n");
    return 2;
  }
  uint64_t entries = count > 2 ? strtoull(arguments[2], NULL, 10) : 1000000;
  uint64_t buckets = 1;
  while (buckets < entries) {
    buckets *= 2;
  }
  size_t bytes = (64ULL << 20) + buckets * sizeof(PMEMoid) + 2 * entries * 256;
  pool = pmemobj_create(arguments[1], "map", bytes, 0600);
  if (pool == NULL) {
    fail("create");
  }
  struct root *root = pmemobj_direct(pmemobj_root(pool, sizeof(struct root)));
  if (pmemobj_zalloc(pool, &root->table, buckets * sizeof(PMEMoid), 2) != 0) {
    fail("table");
  }
  table = pmemobj_direct(root->table);
  mask = buckets - 1;
  for (uint64_t key = 0; key < entries; key++) {
    put_new(key, new_value(key));
  }
  double times[4][ROUNDS];
  for (int round = -1; round < ROUNDS; round++) { /* the first one warms up */
    double nanos[4];
    uint64_t done = 0;
    uint64_t start = now();
    for (; done < entries / 5 && (done % BLOCK != 0 || now() - start < ROUND_NANOS); done++) {
      put_new(entries + done, new_value(done));
    }
    nanos[0] = (double)(now() - start) / (double)done;
    uint64_t calls = 0;
    start = now();
    for (; calls % BLOCK != 0 || now() - start < ROUND_NANOS; calls++) {
      replace(next_random() % entries, new_value(calls));
    }
    nanos[1] = (double)(now() - start) / (double)calls;
    uint64_t stride = done % 7919 == 0 ? 1 : 7919; /* visits all of them, in another order */
    start = now();
    for (uint64_t i = 0; i < done; i++) {
      remove_key(entries + i * stride % done);
    }
    nanos[2] = (double)(now() - start) / (double)done;
    calls = 0;
    start = now();
    for (; calls % BLOCK != 0 || now() - start < ROUND_NANOS; calls++) {
      get(next_random() % entries);
    }
    nanos[3] = (double)(now() - start) / (double)calls;
    for (int i = 0; round >= 0 && i < 4; i++) {
      times[i][round] = nanos[i];
    }
  }
  report("put-new", times[0]);
  report("replace", times[1]);
  report("remove", times[2]);
  report("get", times[3]);
  pmemobj_close(pool);
  unlink(arguments[1]);
  return 0;
}

// Prints how many gigabytes a second threads together read from memory: the limit of decode.
//
//     clang -O2 -pthread read_bandwidth.c -o read_bandwidth && ./read_bandwidth 2

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

enum { most_threads = 64, passes = 6 };
static const size_t bytes_per_thread = (size_t)512 << 20;

typedef uint64_t words __attribute__((vector_size(32)));

static pthread_barrier_t barrier;
static double seconds[most_threads][passes];
static uint64_t sink[most_threads];

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

// Elsewhere the compiler makes of these words what the processor has.
#ifdef __x86_64__
__attribute__((target("avx2")))
#endif
static uint64_t read_all(const words *data, size_t count) {
    words sums[8] = {0};
    for (size_t i = 0; i + 8 <= count; i += 8) {
        for (int lane = 0; lane < 8; lane++) sums[lane] += data[i + lane];
    }
    words sum = sums[0];
    for (int lane = 1; lane < 8; lane++) sum += sums[lane];
    return sum[0] + sum[1] + sum[2] + sum[3];
}

static void *work(void *argument) {
    const int thread = (int)(intptr_t)argument;
    words *data = mmap(NULL, bytes_per_thread, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (data == MAP_FAILED) exit(1);
    madvise(data, bytes_per_thread, MADV_HUGEPAGE);
    memset(data, thread + 1, bytes_per_thread);
    for (int pass = 0; pass < passes; pass++) {
        pthread_barrier_wait(&barrier);
        const double start = now();
        sink[thread] += read_all(data, bytes_per_thread / sizeof *data);
        pthread_barrier_wait(&barrier);
        seconds[thread][pass] = now() - start;
    }
    return NULL;
}

int main(int count, char **arguments) {
    const int threads = count > 1 ? atoi(arguments[1]) : 2;
    if (threads < 1 || threads > most_threads) return 2;
    pthread_t handles[most_threads];
    pthread_barrier_init(&barrier, NULL, (unsigned)threads);
    for (int i = 0; i < threads; i++) pthread_create(&handles[i], NULL, work, (void *)(intptr_t)i);
    for (int i = 0; i < threads; i++) pthread_join(handles[i], NULL);
    double best = 0;
    for (int pass = 1; pass < passes; pass++) {
        const double rate = (double)threads * (double)bytes_per_thread / seconds[0][pass] * 1e-9;
        best = rate > best ? rate : best;
    }
    printf("%.2f\n", best);
    fprintf(stderr, "%lu\n", (unsigned long)sink[0]);
    return 0;
}

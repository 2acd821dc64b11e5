// gloo_bench: the same measurement as mpi_bench.c, on Gloo over TCP. Start it once per rank:
//
//   gloo_bench --rank R --ranks N --store DIR --collective all-reduce --algorithm ring --sizes 4,1024
//
// --interface NAME makes it listen there instead of on 127.0.0.1.
// DIR is an empty directory with an empty subdirectory `control`; ranks meet there. Rank and ranks may
// also come from the environment, as TUTTI_RANK and TUTTI_SIZE.
// Algorithms of all-reduce: ring, bcube (the newer interface), old_ring_chunked, old_hd
// (halving-doubling), old_bcube (the older interface, which works in place). Gloo's reduce-scatter is
// halving-doubling, in place.
#include <gloo/algorithm.h>
#include <gloo/allgather.h>
#include <gloo/allreduce.h>
#include <gloo/allreduce_bcube.h>
#include <gloo/allreduce_halving_doubling.h>
#include <gloo/allreduce_ring_chunked.h>
#include <gloo/barrier.h>
#include <gloo/broadcast.h>
#include <gloo/math.h>
#include <gloo/reduce_scatter.h>
#include <gloo/rendezvous/context.h>
#include <gloo/rendezvous/file_store.h>
#include <gloo/transport/tcp/device.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

using Context = std::shared_ptr<gloo::rendezvous::Context>;
using Store = gloo::rendezvous::Store;
using Device = gloo::transport::Device;

// connectFullMesh takes Store& in older releases and shared_ptr<Store> in newer ones.
template <class C>
auto connect(C& c, std::shared_ptr<Store> s, std::shared_ptr<Device>& d, int)
    -> decltype(c.connectFullMesh(*s, d), void()) {
  c.connectFullMesh(*s, d);
}
template <class C>
auto connect(C& c, std::shared_ptr<Store> s, std::shared_ptr<Device>& d, long)
    -> decltype(c.connectFullMesh(s, d), void()) {
  c.connectFullMesh(s, d);
}

static double nowMicros() {
  using namespace std::chrono;
  return duration<double, std::micro>(steady_clock::now().time_since_epoch()).count();
}

// small integers, so that every float sum is exact
static float value(int r, size_t i) {
  return (float)((i * 7 + (size_t)r * 13) % 61);
}

static void sum(void* o, const void* a, const void* b, size_t n) {
  float* __restrict__ x = (float*)o;
  const float* y = (const float*)a;
  const float* z = (const float*)b;
#pragma GCC ivdep
  for (size_t i = 0; i < n; i++) x[i] = y[i] + z[i];
}

struct Bench {
  int rank = 0, ranks = 1, minIterations = 4, maxIterations = 5000;
  double target = 0.12;
  std::string collective = "all-reduce", algorithm = "ring", store = ".", interface, version = "packaged";
  std::vector<size_t> sizes;
  Context data, control;  // control traffic has a context of its own

  Context join(const std::string& directory) {
    gloo::transport::tcp::attr at;
    if (interface.empty()) at.hostname = "127.0.0.1";
    else at.iface = interface;
    auto device = gloo::transport::tcp::CreateDevice(at);
    auto context = std::make_shared<gloo::rendezvous::Context>(rank, ranks);
    connect(*context, std::make_shared<gloo::rendezvous::FileStore>(directory), device, 0);
    return context;
  }

  void largest(std::vector<double>& v) {
    gloo::AllreduceOptions o(control);
    o.setOutput(v.data(), v.size());
    o.setReduceFunction([](void* x, const void* a, const void* b, size_t n) {
      for (size_t i = 0; i < n; i++)
        ((double*)x)[i] = std::max(((const double*)a)[i], ((const double*)b)[i]);
    });
    gloo::allreduce(o);
  }

  double largest(double v) {
    std::vector<double> one{v};
    largest(one);
    return one[0];
  }

  void barrier() {
    gloo::BarrierOptions o(control);
    gloo::barrier(o);
  }

  std::unique_ptr<gloo::Algorithm> older(float* out, size_t count) {
    std::vector<float*> buffers{out};
    std::unique_ptr<gloo::Algorithm> a;
    int n = (int)count;
    if (collective == "reduce-scatter")
      a.reset(new gloo::ReduceScatterHalvingDoubling<float>(
          data, buffers, n, std::vector<int>(ranks, n / ranks)));
    else if (collective != "all-reduce") return a;
    else if (algorithm == "old_ring_chunked")
      a.reset(new gloo::AllreduceRingChunked<float>(data, buffers, n));
    else if (algorithm == "old_hd")
      a.reset(new gloo::AllreduceHalvingDoubling<float>(data, buffers, n));
    else if (algorithm == "old_bcube")
      a.reset(new gloo::AllreduceBcube<float>(data, buffers, n));
    return a;
  }

  std::function<void()> newer(float* in, float* out, size_t count) {
    if (collective == "all-reduce") return [=, this] {
      gloo::AllreduceOptions o(data);
      o.setInput(in, count);
      o.setOutput(out, count);
      o.setReduceFunction(sum);
      using A = gloo::AllreduceOptions::Algorithm;
      o.setAlgorithm(algorithm == "bcube" ? A::BCUBE : A::RING);
      gloo::allreduce(o);
    };
    if (collective == "all-gather") return [=, this] {
      gloo::AllgatherOptions o(data);
      o.setInput(in, count / ranks);
      o.setOutput(out, count);
      gloo::allgather(o);
    };
    if (collective == "broadcast") return [=, this] {
      gloo::BroadcastOptions o(data);
      o.setOutput(out, count);
      o.setRoot(0);
      gloo::broadcast(o);
    };
    return [=, this] {
      gloo::BarrierOptions o(data);
      gloo::barrier(o);
    };
  }

  float reduced(size_t i) {
    float s = 0;
    for (int r = 0; r < ranks; r++) s += value(r, i);
    return s;
  }

  // number of wrong elements of the rank that has most
  long check(std::function<void()>& op, float* in, float* out, size_t count, bool inPlace) {
    size_t part = count / ranks;
    bool gives = inPlace || (collective == "broadcast" && rank == 0);
    for (size_t i = 0; i < count; i++) {
      in[i] = value(rank, i);
      out[i] = gives ? in[i] : -1;
    }
    barrier();  // nobody may send before everybody has filled its buffers
    op();
    size_t results = collective == "reduce-scatter" ? part : count;
    long wrong = 0;
    for (size_t i = 0; i < results && collective != "barrier"; i++) {
      float want = collective == "all-reduce"       ? reduced(i)
                   : collective == "all-gather"     ? value(i / part, i % part)
                   : collective == "reduce-scatter" ? reduced(rank * part + i)
                                                    : value(0, i);
      wrong += out[i] != want;
    }
    return (long)largest((double)wrong);
  }

  void measure(size_t count) {
    size_t page = 2u << 20, length = (count * 4 + page) & ~(page - 1);
    float* in = (float*)aligned_alloc(page, length);
    float* out = (float*)aligned_alloc(page, length);
    memset(in, 0, length);
    memset(out, 0, length);
    auto old = older(out, count);
    std::function<void()> op = old ? [&] { old->run(); } : newer(in, out, count);
    long wrong = check(op, in, out, count, old != nullptr);
    memset(out, 0, length);  // sums in place must not overflow
    memset(in, 0, length);
    double estimate = 1e30;
    for (int i = 0; i < 3; i++) {
      barrier();
      double start = nowMicros();
      op();
      estimate = std::min(estimate, nowMicros() - start);
    }
    estimate = largest(estimate);
    double wanted = target * 1e6 / (estimate + 0.05);
    int n = (int)std::min<double>(maxIterations, std::max<double>(minIterations, wanted));
    if (estimate < 20000)
      for (int i = 0; i < n / 10 + 1; i++) op();
    barrier();
    std::vector<double> t(n);
    double begin = nowMicros(), previous = begin;
    for (int i = 0; i < n; i++) {
      op();
      double x = nowMicros();
      t[i] = x - previous;
      previous = x;
    }
    double average = (previous - begin) / n;
    barrier();
    average = largest(average);
    largest(t);
    std::sort(t.begin(), t.end());
    double p50 = n & 1 ? t[n / 2] : (t[n / 2 - 1] + t[n / 2]) / 2;
    if (rank == 0) {
      printf("{\"version\":\"%s\",\"collective\":\"%s\",\"ranks\":%d,\"bytes\":%zu,"
             "\"time_us_p50\":%.4f,\"time_us_p99\":%.4f,\"time_us_min\":%.4f,"
             "\"time_us_avg\":%.4f,\"iterations\":%d,\"wrong\":%ld}\n",
             version.c_str(), collective.c_str(), ranks, collective == "barrier" ? 0 : count * 4,
             p50, t[std::min(n - 1, (int)(n * 0.99))], t[0], average, n, wrong);
      fflush(stdout);
    }
    barrier();
    old.reset();
    barrier();
    free(in);
    free(out);
  }

  void run() {
    data = join(store);
    control = join(store + "/control");
    for (size_t size : sizes) {
      size_t count = size / 4;
      if (collective == "all-gather" || collective == "reduce-scatter")
        count = count / ranks * ranks;
      bool old = collective == "all-reduce" && algorithm.rfind("old_", 0) == 0;
      if (collective == "barrier") count = 1;
      if (count == 0 || (old && count < (size_t)ranks)) continue;
      measure(count);
      if (collective == "barrier") break;
    }
    barrier();
  }
};

static int fromEnvironment(const char* name, int otherwise) {
  const char* text = getenv(name);
  return text ? atoi(text) : otherwise;
}

int main(int argc, char** argv) {
  Bench b;
  b.rank = fromEnvironment("TUTTI_RANK", 0);
  b.ranks = fromEnvironment("TUTTI_SIZE", 1);
  for (int i = 1; i + 1 < argc; i += 2) {
    std::string k = argv[i], v = argv[i + 1];
    if (k == "--rank") b.rank = atoi(v.c_str());
    else if (k == "--ranks") b.ranks = atoi(v.c_str());
    else if (k == "--store") b.store = v;
    else if (k == "--interface") b.interface = v;
    else if (k == "--collective") b.collective = v;
    else if (k == "--algorithm") b.algorithm = v;
    else if (k == "--version") b.version = v;
    else if (k == "--target") b.target = atof(v.c_str());
    else if (k == "--min-iterations") b.minIterations = atoi(v.c_str());
    else if (k == "--sizes") {
      std::stringstream s(v);
      for (std::string w; std::getline(s, w, ',');) b.sizes.push_back(std::stoull(w));
    } else if (b.rank == 0) fprintf(stderr, "ignored %s\n", k.c_str());
  }
  b.run();
  fflush(stdout);
  _Exit(0);
}

package io.popsight.benchmarks;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.PriorityQueue;
import java.util.Random;

/**
 * A day of a Popsight deployment under a HorizontalPodAutoscaler, event by event: photos arrive as
 * a Poisson process whose rate follows a day with a flash crowd, each replica is a bounded queue
 * before its workers and refuses what does not fit, the autoscaler looks every 15 seconds with the
 * chart's rules at the use that a metrics server has by then, and a new pod answers after its
 * start. Under overload one photo a worker waits, by the service's rule. Usage: {@code
 * AutoscalingSimulation [SECONDS_A_PHOTO [PHOTOS_A_SECOND_AT_NOON [SEED]]]}.
 */
public final class AutoscalingSimulation {

  private static final double DAY = 86_400;
  private static final double LOOK = 15;
  private static final double POD_START = 15;
  private static final int WORKERS = 2;
  private static final int QUEUE = 32;

  // Overload as the service's InferencePool and OfferedLoad tell it; that a queue must be worth its
  // deadline is left out.
  private static final double OVERLOAD = 1.2;
  private static final int WAITING_UNDER_OVERLOAD = 1;
  private static final double SHORTEST_BURST = 0.5;
  private static final int FEWEST = 4;

  private static final int MIN_REPLICAS = 2;
  private static final int MAX_REPLICAS = 20;
  private static final double SCALE_DOWN_WINDOW = 300;
  private static final double SCALE_DOWN_PERIOD = 60;
  private static final double SCALE_DOWN_SHARE = 0.2;
  private static final double TOLERANCE = 0.1;

  /** Coefficient of variation of a photo's time: sizes and boxes differ. */
  private static final double VARIATION = 0.3;

  private final double secondsAPhoto;

  /** Time in which more may be asked for than is done: that of two full queues. */
  private final double burst;

  private final double noonRate;
  private final double target;
  private final Random random;

  private final List<Replica> replicas = new ArrayList<>();
  private final PriorityQueue<Done> running =
      new PriorityQueue<>(Comparator.comparingDouble(Done::at));
  private final List<double[]> wishes = new ArrayList<>();
  private final List<double[]> removals = new ArrayList<>();
  private final List<Double> waits = new ArrayList<>();
  private long answered;
  private long refused;
  private double replicaSeconds;
  private int mostReplicas;

  /** A pod. */
  private static final class Replica {
    final double readyAt;
    final ArrayList<Double> queue = new ArrayList<>();
    int busy;
    double busySeconds;
    double lastBusySeconds;
    boolean leaving;
    double windowStart;
    long asked;
    long done;
    double doneSeconds;
    double lastWorkers;

    Replica(double readyAt) {
      this.readyAt = readyAt;
      this.windowStart = readyAt;
    }

    /** Photos that may wait now. */
    int limit(double now, double burst) {
      return neededWorkers(now, burst) > OVERLOAD * WORKERS
          ? Math.min(QUEUE, WAITING_UNDER_OVERLOAD * WORKERS)
          : QUEUE;
    }

    /** Workers that what is asked for would keep busy, in windows one after the other. */
    private double neededWorkers(double now, double burst) {
      if (now - windowStart >= burst) {
        lastWorkers = neededSeconds() / (now - windowStart);
        windowStart = now;
        asked = 0;
        done = 0;
        doneSeconds = 0;
      }
      return Math.max(lastWorkers, neededSeconds() / burst);
    }

    private double neededSeconds() {
      return done < FEWEST ? 0 : asked * doneSeconds / done;
    }
  }

  /** A photo ends. */
  private record Done(double at, Replica replica, double took) {}

  private AutoscalingSimulation(double secondsAPhoto, double noonRate, double target, long seed) {
    this.secondsAPhoto = secondsAPhoto;
    this.burst = Math.max(SHORTEST_BURST, 2 * QUEUE * secondsAPhoto / WORKERS);
    this.noonRate = noonRate;
    this.target = target;
    this.random = new Random(seed);
  }

  /**
   * Prints a line for each target of processor use, in percent of the limit, which is a processor a
   * worker; the chart's {@code targetCpuPercent} is in percent of the request, half of that.
   */
  public static void main(String[] args) {
    Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT);
    double seconds = args.length > 0 ? Double.parseDouble(args[0]) : 0.012;
    double noon = args.length > 1 ? Double.parseDouble(args[1]) : 1000;
    long seed = args.length > 2 ? Long.parseLong(args[2]) : 1;
    System.out.printf(
        "%.1f ms a photo, %d workers a replica, %d to %d replicas, %.0f photos/s at noon, a flash"
            + " crowd of 3 times that for 10 minutes, seed %d%n",
        1e3 * seconds, WORKERS, MIN_REPLICAS, MAX_REPLICAS, noon, seed);
    System.out.println("target  replica hours  most  refused %  wait p50 ms  p95 ms  p99 ms");
    for (double target : new double[] {0.5, 0.65, 0.8, 0.9}) {
      new AutoscalingSimulation(seconds, noon, target, seed).run();
    }
  }

  /**
   * Photos a second: quiet at night, full at noon; at seven in the evening a crowd for 10 minutes.
   */
  private double rate(double second) {
    double sun = Math.max(0, Math.sin(Math.PI * (second / DAY - 0.25) * 2));
    double daily = noonRate * (0.1 + 0.9 * sun);
    boolean crowd = second >= 19 * 3600 && second < 19 * 3600 + 600;
    return crowd ? 3 * noonRate : daily;
  }

  private void run() {
    for (int i = 0; i < MIN_REPLICAS; i++) {
      replicas.add(new Replica(0));
    }
    double nextLook = LOOK;
    double most = 3 * noonRate;
    double now = 0;
    while (now < DAY) {
      now += -Math.log(1 - random.nextDouble()) / most;
      while (nextLook <= now) {
        end(nextLook);
        look(nextLook);
        nextLook += LOOK;
      }
      end(now);
      if (random.nextDouble() < rate(now) / most) {
        arrive(now);
      }
    }
    print();
  }

  /** A proxy that asks the replica with the fewest photos, of those that are ready. */
  private void arrive(double now) {
    Replica chosen = null;
    for (Replica replica : replicas) {
      if (replica.readyAt <= now
          && !replica.leaving
          && (chosen == null || load(replica) < load(chosen))) {
        chosen = replica;
      }
    }
    if (chosen == null) {
      refused++;
      return;
    }
    chosen.asked++;
    if (load(chosen) >= chosen.limit(now, burst) + WORKERS) {
      refused++;
    } else if (chosen.busy < WORKERS) {
      start(chosen, now, 0);
    } else {
      chosen.queue.add(now);
    }
  }

  private static int load(Replica replica) {
    return replica.busy + replica.queue.size();
  }

  private void start(Replica replica, double now, double waited) {
    double took = Math.max(0.2, 1 + VARIATION * random.nextGaussian()) * secondsAPhoto;
    replica.busy++;
    replica.busySeconds += took;
    if (answered++ % 100 == 0) {
      waits.add(waited);
    }
    running.add(new Done(now + took, replica, took));
  }

  private void end(double now) {
    while (!running.isEmpty() && running.peek().at() <= now) {
      Done done = running.poll();
      Replica replica = done.replica();
      replica.busy--;
      replica.done++;
      replica.doneSeconds += done.took();
      if (!replica.queue.isEmpty()) {
        start(replica, done.at(), done.at() - replica.queue.removeFirst());
      }
    }
  }

  /** What the HorizontalPodAutoscaler does with the chart's behavior. */
  private void look(double now) {
    replicas.removeIf(replica -> replica.leaving && load(replica) == 0);
    double used = 0;
    int ready = 0;
    int current = 0;
    for (Replica replica : replicas) {
      if (replica.leaving) {
        continue;
      }
      current++;
      // A metrics server is a window behind, and of a pod without a whole one it has no use.
      if (replica.readyAt <= now - 2 * LOOK) {
        ready++;
        used += replica.lastBusySeconds / (LOOK * WORKERS);
      }
      replica.lastBusySeconds = replica.busySeconds;
      replica.busySeconds = 0;
    }
    replicaSeconds += LOOK * current;
    mostReplicas = Math.max(mostReplicas, current);
    double ratio = ready == 0 ? 1 : used / ready / target;
    // Pods without a use count as idle when the load is high, as the autoscaler counts them.
    double spread = ratio > 1 ? used / current / target : ratio;
    int wanted =
        Math.abs(ratio - 1) <= TOLERANCE || (ratio > 1 && spread <= 1 + TOLERANCE)
            ? current
            : (int) Math.ceil(ratio > 1 ? spread * current : ratio * ready);
    wishes.add(new double[] {now, wanted});
    wishes.removeIf(wish -> wish[0] < now - SCALE_DOWN_WINDOW);
    if (wanted > current) {
      int most = Math.max(2 * current, current + 4);
      for (int i = current; i < Math.min(Math.min(wanted, most), MAX_REPLICAS); i++) {
        replicas.add(new Replica(now + POD_START));
      }
    } else {
      double floor = wishes.stream().mapToDouble(wish -> wish[1]).max().orElse(current);
      removals.removeIf(removal -> removal[0] <= now - SCALE_DOWN_PERIOD);
      double before = current + removals.stream().mapToDouble(removal -> removal[1]).sum();
      // Cut off and not rounded up, as the autoscaler does: of three pods one may leave.
      int fewest = (int) (before * (1 - SCALE_DOWN_SHARE));
      int kept = Math.min(current, Math.max(Math.max((int) floor, fewest), MIN_REPLICAS));
      removals.add(new double[] {now, current - kept});
      for (int i = replicas.size() - 1, leave = current - kept; i >= 0 && leave > 0; i--) {
        if (!replicas.get(i).leaving) {
          replicas.get(i).leaving = true;
          leave--;
        }
      }
    }
  }

  private void print() {
    double[] sorted = waits.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    System.out.printf(
        "%5.0f %%  %13.1f  %4d  %9.3f  %11.1f  %6.1f  %6.1f%n",
        100 * target,
        replicaSeconds / 3600,
        mostReplicas,
        100.0 * refused / (answered + refused),
        1e3 * sorted[sorted.length / 2],
        1e3 * sorted[(int) (0.95 * sorted.length)],
        1e3 * sorted[(int) (0.99 * sorted.length)]);
  }
}

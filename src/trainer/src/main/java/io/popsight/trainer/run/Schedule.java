package io.popsight.trainer.run;

/**
 * Learning rate over a run: a linear rise, then half a cosine down to a hundredth (Loshchilov and
 * Hutter, "SGDR", ICLR 2017).
 *
 * @param peak highest rate
 * @param steps of the whole run
 */
record Schedule(double peak, long steps) {

  private static final double WARM_UP = 0.03;
  private static final double FLOOR = 0.01;

  double at(long step) {
    double done = (double) step / steps;
    if (done < WARM_UP) {
      return peak * (step + 1) / (WARM_UP * steps + 1);
    }
    double angle = Math.PI * (done - WARM_UP) / (1 - WARM_UP);
    return peak * (FLOOR + (1 - FLOOR) * 0.5 * (1 + Math.cos(angle)));
  }
}

package dev.flywheel.label;

/**
 * How much better one method is than another, a response.
 *
 * @param error standard error of the mean
 */
record Gain(double mean, double error) {
  /** Standard errors beyond which a gain is none of chance. */
  private static final double CERTAIN = 2;

  static Gain of(double sum, double squares, double n) {
    double mean = sum / n;
    return new Gain(mean, Math.sqrt(Math.max(0, squares / n - mean * mean) / n));
  }

  boolean isCertain() {
    return mean > CERTAIN * error;
  }

  boolean isCertainLoss() {
    return -mean > CERTAIN * error;
  }
}

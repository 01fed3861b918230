package dev.flywheel.generate;

import java.util.List;

/**
 * Random choices that are a function of a key alone: SplitMix64 (Steele, Lea and Flood, 2014)
 * started from the mixed key.
 */
final class Dice {
  private static final long GAMMA = 0x9e3779b97f4a7c15L;

  private long state;

  private Dice(long state) {
    this.state = state;
  }

  /** Dice that fall the same way for the same key. */
  static Dice of(long... key) {
    return new Dice(mix(key));
  }

  /** One number for a key; different keys collide no more than 64 random bits do. */
  static long mix(long... key) {
    long mixed = 0;
    for (long part : key) {
      mixed = scramble(mixed + GAMMA + scramble(part + GAMMA));
    }
    return mixed;
  }

  /** A number that stands for a text in keys. */
  static long hash(String text) {
    long mixed = text.length();
    for (int i = 0; i < text.length(); i++) {
      mixed = scramble(mixed + GAMMA + text.charAt(i));
    }
    return mixed;
  }

  /** Index below {@code bound} that a key falls on. */
  static int index(long key, int bound) {
    return (int) (((key >>> 32) * bound) >>> 32);
  }

  private static long scramble(long value) {
    long z = value;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }

  long next() {
    state += GAMMA;
    return scramble(state);
  }

  /** Uniform in [0, 1). */
  double uniform() {
    return (next() >>> 11) * 0x1.0p-53;
  }

  /** Uniform in [low, high). */
  double uniform(double low, double high) {
    return low + uniform() * (high - low);
  }

  boolean chance(double probability) {
    return uniform() < probability;
  }

  /** Uniform whole number from {@code low} to {@code high}, both included. */
  int between(int low, int high) {
    return low + below(high - low + 1);
  }

  /** Uniform whole number from 0 to {@code bound - 1}. */
  int below(int bound) {
    return index(next(), bound);
  }

  <T> T pick(List<T> values) {
    return values.get(below(values.size()));
  }

  /** Roughly normal, from the sum of four uniform numbers. */
  double normal(double mean, double deviation) {
    double sum = uniform() + uniform() + uniform() + uniform() - 2;
    return mean + deviation * sum * Math.sqrt(3);
  }

  /** Index drawn in proportion to {@code weights}. */
  int weighted(double... weights) {
    double total = 0;
    for (double weight : weights) {
      total += weight;
    }
    double left = uniform() * total;
    for (int i = 0; i < weights.length - 1; i++) {
      left -= weights[i];
      if (left < 0) {
        return i;
      }
    }
    return weights.length - 1;
  }
}

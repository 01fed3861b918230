package dev.flywheel.cluster;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;

/** A direction: an immutable vector of length 1. */
final class UnitVector implements Serializable {
  private static final long serialVersionUID = 1L;

  private final double[] values;

  private UnitVector(double[] values) {
    this.values = values;
  }

  /** The direction of {@code vector}, which is not zero. */
  static UnitVector along(double... vector) {
    double square = 0;
    for (double value : vector) {
      square += value * value;
    }
    double length = Math.sqrt(square);
    return new UnitVector(Arrays.stream(vector).map(value -> value / length).toArray());
  }

  /** Takes values of length 1 as they are, to the last bit. */
  static UnitVector of(List<? extends Number> values) {
    return new UnitVector(values.stream().mapToDouble(Number::doubleValue).toArray());
  }

  /** Cosine of the angle between the two. */
  double cosine(UnitVector other) {
    double sum = 0;
    for (int i = 0; i < values.length; i++) {
      sum += values[i] * other.values[i];
    }
    return sum;
  }

  /** Number of the vector with the largest cosine; the first of equals. */
  int nearest(List<UnitVector> others) {
    int best = 0;
    double most = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < others.size(); i++) {
      double cosine = cosine(others.get(i));
      if (cosine > most) {
        most = cosine;
        best = i;
      }
    }
    return best;
  }

  double[] toArray() {
    return values.clone();
  }

  List<Double> toList() {
    return Arrays.stream(values).boxed().toList();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof UnitVector that && Arrays.equals(values, that.values);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(values);
  }
}

package dev.flywheel.cluster;

import java.util.List;

/**
 * How much nearer points are to their own cluster than to the next one (Rousseeuw 1987), by cosine
 * distance.
 */
final class Silhouette {
  private final double[][] sums;
  private final int[] sizes;

  private Silhouette(int clusters, int dimensions) {
    this.sums = new double[clusters][dimensions];
    this.sizes = new int[clusters];
  }

  /**
   * Mean silhouette, -1 to 1; a point alone in its cluster counts 0. Takes time linear in the
   * points: the mean distance to a cluster's members is one minus the product with their mean.
   *
   * @param clusters cluster of each point, from 0
   * @param k number of clusters
   */
  static double mean(List<double[]> points, int[] clusters, int k) {
    var silhouette = new Silhouette(k, points.get(0).length);
    for (int i = 0; i < clusters.length; i++) {
      silhouette.add(points.get(i), clusters[i]);
    }
    double total = 0;
    for (int i = 0; i < clusters.length; i++) {
      total += silhouette.of(points.get(i), clusters[i]);
    }
    return total / clusters.length;
  }

  private void add(double[] point, int cluster) {
    sizes[cluster]++;
    for (int i = 0; i < point.length; i++) {
      sums[cluster][i] += point[i];
    }
  }

  private double of(double[] point, int own) {
    if (sizes[own] < 2) {
      return 0;
    }
    // The point itself is a member at distance 0.
    double inside = (sizes[own] - dot(point, sums[own])) / (sizes[own] - 1);
    double next = Double.POSITIVE_INFINITY;
    for (int other = 0; other < sums.length; other++) {
      if (other != own && sizes[other] > 0) {
        next = Math.min(next, 1 - dot(point, sums[other]) / sizes[other]);
      }
    }
    double widest = Math.max(inside, next);
    return Double.isInfinite(next) || widest <= 0 ? 0 : (next - inside) / widest;
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }
}

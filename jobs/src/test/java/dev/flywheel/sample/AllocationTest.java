package dev.flywheel.sample;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class AllocationTest {
  /** The usual example of the Sainte-Laguë method: 230,000 votes and 8 seats. */
  @Test
  void aProportionalAllocationWithoutFloorIsWebsters() {
    long[] votes = {100_000, 80_000, 30_000, 20_000};
    assertThat(Allocation.of(votes, 8, 1, 0)).containsExactly(3, 3, 1, 1);
  }

  @Test
  void thePowerMovesTheSampleFromProportionalToEqual() {
    long[] populations = {10_000, 100};
    assertThat(Allocation.of(populations, 101, 1, 1)).containsExactly(100, 1);
    assertThat(Allocation.of(populations, 110, 0.5, 1)).containsExactly(100, 10);
    assertThat(Allocation.of(populations, 100, 0, 1)).containsExactly(50, 50);
  }

  @Test
  void whatAStratumDoesNotHaveGoesToTheOthers() {
    assertThat(Allocation.of(new long[] {3, 1_000, 1_000}, 43, 0, 0)).containsExactly(3, 20, 20);
  }

  @Test
  void theFloorsComeBeforeTheTotal() {
    assertThat(Allocation.of(new long[] {50, 40, 1}, 2, 0.5, 2)).containsExactly(2, 2, 1);
  }

  @Test
  void withoutStrataThereIsNothingToDraw() {
    assertThat(Allocation.of(new long[0], 60, 0.5, 1)).isEmpty();
  }

  @Provide
  Arbitrary<long[]> populations() {
    return Arbitraries.longs().between(1, 5_000).array(long[].class).ofMaxSize(12);
  }

  @Property
  void theTotalIsExactAsFarAsPopulationAndFloorsAllow(
      @ForAll("populations") long[] populations,
      @ForAll @IntRange(min = 1, max = 2_000) int total,
      @ForAll @DoubleRange(min = 0, max = 1) double power,
      @ForAll @IntRange(min = 0, max = 20) int floor) {
    long[] sample = Allocation.of(populations, total, power, floor);
    long floors = Arrays.stream(populations).map(n -> Math.min(n, floor)).sum();
    long all = Arrays.stream(populations).sum();
    assertThat(Arrays.stream(sample).sum()).isEqualTo(Math.min(all, Math.max(total, floors)));
    for (int h = 0; h < sample.length; h++) {
      assertThat(sample[h]).isBetween(Math.min(floor, populations[h]), populations[h]);
    }
  }

  /** What makes an allocation Webster's, after Balinski and Young: no record is better moved. */
  @Property
  void noRecordWouldStandBetterInAnotherStratum(
      @ForAll("populations") long[] populations,
      @ForAll @IntRange(min = 1, max = 500) int total,
      @ForAll @DoubleRange(min = 0, max = 1) double power,
      @ForAll @IntRange(min = 0, max = 3) int floor) {
    long[] sample = Allocation.of(populations, total, power, floor);
    for (int from = 0; from < sample.length; from++) {
      for (int to = 0; to < sample.length; to++) {
        if (sample[from] > floor && sample[to] < populations[to]) {
          double given = Math.pow((double) populations[from], power) / (sample[from] - 0.5);
          double wanted = Math.pow((double) populations[to], power) / (sample[to] + 0.5);
          assertThat(given).isGreaterThanOrEqualTo(wanted * (1 - 1e-12));
        }
      }
    }
  }

  @Property
  void aLargerTotalTakesNothingFromAnyStratum(
      @ForAll("populations") long[] populations,
      @ForAll @IntRange(min = 1, max = 500) int total,
      @ForAll @IntRange(min = 1, max = 50) int more,
      @ForAll @DoubleRange(min = 0, max = 1) double power,
      @ForAll @IntRange(min = 0, max = 3) int floor) {
    long[] smaller = Allocation.of(populations, total, power, floor);
    long[] larger = Allocation.of(populations, total + more, power, floor);
    for (int h = 0; h < smaller.length; h++) {
      assertThat(larger[h]).isGreaterThanOrEqualTo(smaller[h]);
    }
  }
}
